"""Something is drafted by a model or from tables, checked by code, and becomes an element when a game master says so."""

from __future__ import annotations

from tests.adapters.gamemaster.conftest import Table


async def test_a_model_drafts_and_the_decision_is_recorded(table: Table) -> None:
    made = await table.propose("npc", brief="a ferrywoman with a secret", drafts=2)
    assert made["status"] == "open"
    assert [draft["route"] for draft in made["drafts"]] == ["model", "model"]
    decisions = await table.decisions()
    assert {each.purpose for each in decisions} == {"generate_npc"}
    print(made)
