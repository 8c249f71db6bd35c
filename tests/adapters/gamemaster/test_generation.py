"""What a model or a table drafts is checked by code, and becomes an element when a game master says so."""

from __future__ import annotations

import asyncio

from adapters.gamemaster.acceptance import element_id_of
from events.element import ElementChanged, ElementCreated
from events.proposal import ProposalAccepted
from tests.adapters.gamemaster.conftest import Table


async def test_a_model_drafts_several_ways_and_every_decision_is_recorded(table: Table) -> None:
    made = await table.propose("npc", brief="a ferrywoman with a secret", drafts=2)
    assert made["status"] == "open"
    assert [draft["route"] for draft in made["drafts"]] == ["model", "model"]
    assert all(draft["fields"]["name"] and draft["cost"] > 0 for draft in made["drafts"])
    assert round(made["cost"] - sum(draft["cost"] for draft in made["drafts"]), 9) == 0
    assert {each["block"] for each in made["considered"]} >= {"campaign", "brief"}
    decisions = await table.decisions()
    assert [each.purpose for each in decisions] == ["generate_npc", "generate_npc"]
    assert len({each.key for each in decisions}) == 2
    assert {each.inputs["campaign_id"] for each in decisions} == {table.campaign_id}
    together = await table.commits("decision") + await table.commits("proposal")
    assert len({commit.correlation_id for commit in together}) == 1
    broken = [each for draft in made["drafts"] for each in draft["verdicts"] if not each["ok"]]
    assert {"hit_dice", "challenge_rating"} <= {each["field"] for each in broken}
    spent = (await table.master.get(f"/api/campaigns/{table.campaign_id}/spending")).json()
    while spent["decisions"] < len(made["drafts"]):
        await asyncio.sleep(0.05)
        spent = (await table.master.get(f"/api/campaigns/{table.campaign_id}/spending")).json()
    assert spent["by"][0]["account_id"] == table.master.account_id
    assert round(spent["cost"], 9) == round(made["cost"], 9)


async def test_a_draft_becomes_an_element_by_field_and_with_edits_once(table: Table) -> None:
    made = await table.propose("location", brief="a drowned tavern")
    path = f"/api/proposals/{made['proposal_id']}/accept"
    wish = {"draft": 0, "fields": ["summary", "description"], "edits": {"name": "The Sunken Bell"}}
    first = await table.master.post(path, wish)
    assert first.status_code == 200, first.text
    again = await table.master.post(path, wish)
    assert again.json()["element"] == first.json()["element"]
    (element,) = await table.commits("element")
    created = element.events[0]
    assert isinstance(created, ElementCreated)
    assert created.kind == "location"
    assert set(created.fields) == {"name", "summary", "description"}
    assert created.fields["name"] == "The Sunken Bell"
    assert created.origin["proposal_id"] == made["proposal_id"]
    assert created.origin["decision_id"] == made["drafts"][0]["decision_id"]
    _, accepted = await table.commits("proposal")
    assert accepted.causation_id == element.id
    assert isinstance(accepted.events[0], ProposalAccepted)
    assert accepted.events[0].edited == ("name",)
    other = await table.master.post(path, {"draft": 0, "edits": {"name": "Another"}})
    assert (other.status_code, other.json()["field"]) == (409, "status")
    listed = await table.master.get(
        f"/api/campaigns/{table.campaign_id}/proposals?status=accepted",
        headers={"X-At-Least": first.headers["X-Position"]},
    )
    assert [each["element_id"] for each in listed.json()["items"]] == [element.entity]


async def test_a_crash_between_element_and_proposal_is_healed_by_asking_again(table: Table) -> None:
    made = await table.propose("quest", brief="a lost bell")
    path = f"/api/proposals/{made['proposal_id']}"
    first = await table.master.post(f"{path}/accept", {"edits": {"name": "A Lost Bell"}})
    element_id = first.json()["element_id"]
    # As if the gateway had died after the element: another proposal whose element is there, and nothing more.
    other = await table.propose("quest", brief="another bell")
    origin = {"by": "proposal", "proposal_id": other["proposal_id"], "draft": 0, "decision_id": ""}
    await table.command(
        "element.create",
        f"element/{element_id_of(other['proposal_id'])}",
        {
            "campaign_id": table.campaign_id,
            "kind": "quest",
            "fields": {**other["drafts"][0]["fields"], "name": "Another Bell"},
            "origin": origin,
        },
    )
    healed = await table.master.post(
        f"/api/proposals/{other['proposal_id']}/accept", {"edits": {"name": "Another Bell"}}
    )
    assert healed.status_code == 200, healed.text
    assert healed.json()["status"] == "accepted"
    assert healed.json()["element_id"] != element_id
    assert len(await table.commits("element")) == 2


async def test_the_same_request_is_the_same_proposal(table: Table) -> None:
    headers = {"Idempotency-Key": "once"}
    first = await table.propose("event", brief="the weir breaks", headers=headers)
    second = await table.propose("event", brief="the weir breaks", headers=headers)
    assert first == second
    other = await table.ask_for("npc", brief="the weir breaks", headers=headers)
    assert (other.status_code, other.json()["field"]) == (409, "Idempotency-Key")
    assert len(await table.decisions()) == 1
    assert len(await table.commits("proposal")) == 1


async def test_a_rejected_proposal_stays_and_may_still_be_accepted(table: Table) -> None:
    made = await table.propose("description", brief="the cellar, to read aloud")
    path = f"/api/proposals/{made['proposal_id']}"
    refused = await table.master.post(f"{path}/reject", {"reason": "too grim"})
    assert (refused.json()["status"], refused.json()["reason"]) == ("rejected", "too grim")
    taken = await table.master.post(f"{path}/accept", {})
    assert taken.json()["status"] == "accepted"
    assert (await table.master.post(f"{path}/reject", {})).status_code == 409
    (element,) = await table.commits("element")
    assert isinstance(element.events[0], ElementCreated)
    assert element.events[0].kind == "note"


async def test_only_game_masters_of_the_campaign_have_to_do_with_its_proposals(table: Table) -> None:
    made = await table.propose("npc", brief="a secret the players must not read")
    paths = (f"/api/proposals/{made['proposal_id']}", f"/api/campaigns/{table.campaign_id}/proposals")
    for path in (*paths, f"/api/campaigns/{table.campaign_id}/spending"):
        assert (await table.player.get(path)).status_code == 403
        assert (await table.stranger.get(path)).status_code == 404
        assert (await table.people.nobody().get(path)).status_code == 401
    for verb in ("accept", "reject"):
        assert (await table.player.post(f"{paths[0]}/{verb}")).status_code == 403
        assert (await table.stranger.post(f"{paths[0]}/{verb}")).status_code == 404
    assert (await table.ask_for("npc", table.player)).status_code == 403
    assert (await table.ask_for("npc", table.stranger)).status_code == 404
    assert len(await table.commits("proposal")) == 1


async def test_what_is_asked_for_is_put_before_the_model_and_what_is_not_there_is_refused(
    table: Table,
) -> None:
    await table.element("e1", "location", name="Old Ferry", description="A ferry nobody takes twice.")
    position = await table.element("e2", "npc", name="Maud Tanner", status="dead")
    table.master.web.headers["X-At-Least"] = str(position)
    made = await table.propose("quest", brief="Maud Tanner is missing", draw_on=["e1"])
    notes = [each["note"] for each in made["considered"]]
    assert "location Old Ferry (asked for)" in notes
    assert "npc Maud Tanner (named in the brief)" in notes
    (decision,) = await table.decisions()
    assert {each["id"] for each in decision.inputs["known"]} == {"e1", "e2"}
    unknown = await table.ask_for("quest", draw_on=["e9"])
    assert (unknown.status_code, unknown.json()["field"]) == (422, "draw_on")
    target = await table.ask_for("npc", target="e1")
    assert (target.status_code, target.json()["field"]) == (422, "target")


async def test_a_proposal_for_something_that_exists_changes_it(table: Table) -> None:
    position = await table.element("e1", "location", name="Old Ferry", summary="A ferry.")
    table.master.web.headers["X-At-Least"] = str(position)
    made = await table.propose("description", brief="describe it at night", target="e1")
    taken = await table.master.post(f"/api/proposals/{made['proposal_id']}/accept", {})
    assert taken.status_code == 200, taken.text
    assert taken.json()["element_id"] == "e1"
    changed = (await table.commits("element"))[-1].events[0]
    assert isinstance(changed, ElementChanged)
    assert set(changed.set) == {"description"}
    again = await table.master.post(f"/api/proposals/{made['proposal_id']}/accept", {})
    assert again.status_code == 200
    assert len(await table.commits("element")) == 2
