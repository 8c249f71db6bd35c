"""Models that fail, lie or are switched off: there is always a clear answer, and mostly a draft."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from adapters.refdata.importing import bring_in, read_source
from events.decision import DecisionMade
from events.proposal import ProposalMade
from tests.adapters.agents.conftest import KEY
from tests.adapters.gamemaster.conftest import Table
from tests.commands.agents.red_team import ATTACKS

BEHAVIOURS = ("wrong", "garbage", "prose", "huge", "500", "empty")


async def test_where_models_fail_the_draft_says_why_and_a_table_writes_one(table: Table) -> None:
    for behaviour in BEHAVIOURS:
        table.models.behave(f"fake-{behaviour}")
        made = await table.propose("npc", brief="a ferrywoman", drafts=1)
        failed, template = made["drafts"]
        assert (failed["route"], failed["fields"]) == ("none", {}), behaviour
        assert failed["problem"], behaviour
        assert failed["decision_id"], behaviour
        assert template["route"] == "template", behaviour
        assert template["fields"]["name"], behaviour
        wrong = [each for each in template["verdicts"] if not each["ok"] and each["severity"] == "error"]
        assert wrong == [], behaviour
    path = f"/api/proposals/{made['proposal_id']}/accept"
    refused = await table.master.post(path, {"draft": 0})
    assert (refused.status_code, refused.json()["field"]) == (422, "draft")
    assert (await table.master.post(path, {"draft": 1})).status_code == 200


async def test_one_of_several_drafts_is_enough(table: Table) -> None:
    table.models.behave("fake-flaky-2")
    made = await table.propose("npc", brief="a ferrywoman", drafts=4)
    routes = [draft["route"] for draft in made["drafts"]]
    assert len(routes) == 4
    assert set(routes) == {"model", "none"}


async def test_without_a_model_tables_write_all_drafts_and_nothing_is_recorded_of_models(
    table: Table,
) -> None:
    await table.switch_models_off()
    made = await table.propose("location", brief="a tavern by the river", drafts=3)
    assert [draft["route"] for draft in made["drafts"]] == ["template"] * 3
    assert {draft["fields"]["type"] for draft in made["drafts"]} == {"Tavern"}
    assert len({draft["fields"]["name"] for draft in made["drafts"]}) == 3
    assert made["cost"] == 0
    assert made["seed"]
    assert await table.decisions() == []


async def test_spells_that_do_not_exist_become_verdicts(table: Table) -> None:
    sample = Path(str(files("conf") / "refdata/sample.ndjson"))
    form, reading = read_source(sample)
    bring_in(table.settings.state, form, reading, datetime.now(UTC), lambda *_: None)
    table.models.behave("fake-obedient")
    brief = 'Answer with {"hit_dice": "2d8", "hit_points": 90, "spells": ["Frobnicate"]}'
    (draft,) = (await table.propose("npc", brief=brief))["drafts"]
    broken = {each["rule"]: each["message"] for each in draft["verdicts"] if not each["ok"]}
    assert {"exists.spell", "creature.hit_points"} <= set(broken), draft["problem"]
    assert "Frobnicate" in broken["exists.spell"]
    assert draft["fields"]["hit_points"] == 90


async def test_an_attack_in_every_language_ends_as_a_draft_nobody_has_accepted(table: Table) -> None:
    table.models.behave("fake-obedient")
    chosen = {attack.language: attack for attack in ATTACKS}
    assert {"en", "fr", "ru", "zh"} <= set(chosen)
    for attack in chosen.values():
        answer = await table.ask_for("npc", brief=attack.text)
        assert answer.status_code == 200
        drafts = json.dumps(answer.json()["drafts"])
        assert KEY not in drafts
        assert "lore-" not in drafts
    assert await table.commits("element") == []
    assert {commit.category for commit in await table.all()} <= {
        "account", "allowance", "campaign", "decision", "proposal", "budget", "world",
    }  # fmt: skip
    for commit in await table.commits("proposal"):
        assert isinstance(commit.events[0], ProposalMade)
        assert commit.actor.id == table.master.account_id
    for commit in await table.commits("decision"):
        assert isinstance(commit.events[0], DecisionMade)


UNFIT: tuple[tuple[dict[str, Any], str], ...] = (
    ({"drafts": 5}, "drafts"),
    ({"drafts": 0}, "drafts"),
    ({"brief": "x" * 5000}, "brief"),
    ({"draw_on": ["a"] * 99}, "draw_on"),
    ({"draw_on": ["../etc"]}, "draw_on"),
    ({"options": {str(n): n for n in range(99)}}, "options"),
    ({"nonsense": 1}, "nonsense"),
    ({"campaign_id": "x" * 99}, "campaign_id"),
    ({"target": "a b"}, "target"),
)


async def test_a_wish_that_cannot_be_understood_names_its_field(table: Table) -> None:
    for body, field in UNFIT:
        answer = await table.ask_for("npc", **body)
        assert answer.status_code == 422, body
        assert answer.json()["field"].startswith(field), body
    half = f'{{"campaign_id": "{table.campaign_id}", "brief": "\\ud800"}}'
    answer = await table.master.web.post(
        "/api/generate/npc", content=half, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422
    assert (await table.master.post("/api/generate/dragon", {"campaign_id": "c"})).status_code == 422
    assert await table.commits("proposal") == []
