"""When a campaign's money for models is used up, tables draft and answer, and say why."""

from __future__ import annotations

import asyncio

from tests.adapters.gamemaster.conftest import Table

REASON = "the campaign's spending limit is used up until "


async def limit(table: Table, amount: float) -> dict[str, object]:
    answer = await table.master.web.put(
        f"/api/campaigns/{table.campaign_id}/spending/limit", json={"amount": amount, "period": "month"}
    )
    assert answer.status_code == 200, answer.text
    table.master.web.headers["X-At-Least"] = answer.headers["X-Position"]
    found: dict[str, object] = answer.json()["limit"]
    return found


async def test_drafts_beyond_the_limit_come_from_tables_and_say_so(table: Table) -> None:
    paid = await table.propose("npc", brief="a ferrywoman")
    assert paid["drafts"][0]["route"] == "model"
    found = await limit(table, 0.0)
    assert (found["amount"], found["used_up"]) == (0.0, True)
    made = await table.propose("npc", brief="a smuggler", drafts=4)
    assert [draft["route"] for draft in made["drafts"]] == ["template"] * 4
    assert all(draft["fields"]["name"] and draft["cost"] == 0 for draft in made["drafts"])
    assert all(draft["problem"].startswith(REASON) for draft in made["drafts"])
    assert len({draft["fields"]["name"] for draft in made["drafts"]}) == 4
    # They are drafts as all others: one can be accepted.
    taken = await table.master.post(f"/api/proposals/{made['proposal_id']}/accept", {"draft": 2})
    assert taken.status_code == 200, taken.text
    decisions = await table.decisions()
    assert [each.route for each in decisions] == ["model"] + ["none"] * 4
    assert sum(each.cost for each in decisions) == decisions[0].cost > 0


async def test_the_assistant_answers_from_what_it_knows_and_a_raised_limit_lets_models_in_again(
    table: Table,
) -> None:
    await limit(table, 0.0)
    asked = {"campaign_id": table.campaign_id, "message": "Who rules the harbour?"}
    said = (await table.master.post("/api/chat", asked)).json()
    assert (said["route"], said["cost"]) == ("template", 0)
    assert said["problem"].startswith(REASON)
    assert said["text"]
    raised = await limit(table, 5.0)
    assert (raised["left"], raised["used_up"]) == (5.0, False)
    again = (await table.master.post("/api/chat", {**asked, "message": "And who ruled it before?"})).json()
    assert (again["route"], again["problem"]) == ("model", "")


async def test_what_calls_did_cost_is_taken_from_the_limit_once_they_are_over(table: Table) -> None:
    await limit(table, 5.0)
    made = await table.propose("location", brief="an inn", drafts=2)
    path = f"/api/campaigns/{table.campaign_id}/spending"
    found = (await table.master.get(path)).json()
    while found["month"]["calls"] < 2:
        # Calls are settled after their answers were given.
        await asyncio.sleep(0.05)
        found = (await table.master.get(path)).json()
    assert round(found["limit"]["spent"], 9) == round(made["cost"], 9) > 0
    assert (found["limit"]["reserved"], found["month"]["calls"]) == (0, 2)
    assert found["limit"]["left"] < 5


async def test_only_the_owner_sets_the_limit_and_it_has_bounds(table: Table) -> None:
    path = f"/api/campaigns/{table.campaign_id}/spending/limit"
    body = {"amount": 5, "period": "month"}
    assert (await table.player.web.put(path, json=body)).status_code == 403
    assert (await table.stranger.web.put(path, json=body)).status_code == 404
    for unfit in ({"amount": -1}, {"amount": 1e6}, {"amount": 1, "period": "year"}, {"amount": "NaN"}, {}):
        refused = await table.master.web.put(path, json=unfit)
        assert refused.status_code == 422, refused.text
        assert refused.json()["field"]
    await limit(table, 5.0)
    lifted = await table.master.web.delete(path)
    assert (lifted.status_code, lifted.json()["limit"]) == (200, None)
