"""Nothing of what is the game master's alone is in any answer to a player, now or as of any position."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from commands.forms.kinds import BY_NAME
from projections import backlinks, campaign_graph, campaign_time, campaigns, element_revisions, elements
from projections.campaigns import CAMPAIGN_STATE
from projections.dice import DICE_ROLLS
from projections.sight import UNSEEN, Viewer, seen_by, without_unseen
from tests.campaigns import CAMPAIGN_ID, MARA, TOM, UMA, account
from tests.projections.conftest import World
from tests.projections.secrets import MARK, everything, history

BOTH = (CAMPAIGN_STATE, DICE_ROLLS)
GM, PLAYER, OTHER = Viewer(MARA, "owner"), Viewer(TOM, "player"), Viewer(UMA, "observer")


@pytest.fixture
def world(empty_database: Path, tmp_path: Path) -> Iterator[World]:
    """In SQLite: what is seen is decided in one place, whatever the database."""
    copy = tmp_path / "read_models.sqlite3"
    copy.write_bytes(empty_database.read_bytes())
    made = World(f"sqlite:///{copy}")
    yield made
    made.database.close()


async def fill(world: World) -> int:
    """Returns the last position."""
    number = 0
    for stream, event in history():
        number += 1
        await world.append(stream, event, actor=account(MARA))
    await world.project(BOTH)
    return number


async def test_no_answer_to_a_player_holds_what_is_the_game_masters(world: World) -> None:
    head = await fill(world)
    with world.reading() as connection:
        leaks = [what for what, told in everything(connection, PLAYER, head) if MARK.encode() in told]
        known = [what for what, told in everything(connection, GM, head) if MARK.encode() in told]
    assert leaks == []
    # The marks are there to be found: every kind of answer holds some for the game master.
    assert {what.split()[0] for what in known} >= {
        "sessions", "rolls", "search", "removed", "tag", "changes", "backlinks", "graph", "as", "since",
        "characters", "ilsa", "port", "quest",
    }  # fmt: skip


async def test_a_player_still_gets_all_that_is_his(world: World) -> None:
    await fill(world)
    with world.reading() as connection:
        listed = elements.elements(connection, CAMPAIGN_ID, PLAYER)
        ilsa = elements.element(connection, "ilsa", PLAYER)
        links = backlinks.backlinks(connection, CAMPAIGN_ID, "port", PLAYER)
        graph = campaign_graph.graph(connection, CAMPAIGN_ID, PLAYER)
        counts = campaigns.counts(connection, CAMPAIGN_ID, PLAYER)
        umas = elements.elements(connection, CAMPAIGN_ID, OTHER)
    assert [row["name"] for row in listed] == ["Ilsa", "Port", "The Crown"]
    assert ilsa is not None
    assert ilsa["fields"] == {
        "name": "Ilsa",
        "description": f"Ilsa knows {UNSEEN} and [[port]].",
        "personality": f"Calm, says {UNSEEN}.",
        "relations": [{"to": "port", "label": "works in", "weight": 2}],
        "voice": f"low {UNSEEN}",
    }
    assert {(link["element_id"], link["field"]) for link in links} == {
        ("ilsa", "description"),
        ("ilsa", "relations"),
    }
    assert {(edge["from"], edge["to"]) for edge in graph["edges"]} == {("ilsa", "port"), ("quest", "ilsa")}
    assert counts == {"location": 1, "npc": 1, "quest": 1}
    assert [row["name"] for row in umas] == ["Ilsa", "Port", "The Crown", "zqx spy"]


async def test_players_do_not_notice_when_a_game_master_works_on_secrets(world: World) -> None:
    await fill(world)
    with world.reading() as connection:
        for_tom, for_mara = (elements.element(connection, "ilsa", viewer) for viewer in (PLAYER, GM))
        revisions = element_revisions.revisions(connection, "ilsa", PLAYER)
        changes = campaign_time.changes(connection, CAMPAIGN_ID, PLAYER)
    assert for_tom is not None
    assert for_mara is not None
    assert (for_tom["version"], for_mara["version"]) == (1, 2)
    assert for_tom["changed_at"] <= for_mara["changed_at"]
    assert "position" not in for_tom
    assert [revision["version"] for revision in revisions] == [1]
    assert [(c["what"], c["name"]) for c in changes if c.get("element_id") == "ilsa"] == [
        ("element.created", "Ilsa")
    ]


async def test_what_was_hidden_when_it_was_written_stays_hidden_after_it_is_shown(world: World) -> None:
    await fill(world)
    with world.reading() as connection:
        revisions = element_revisions.revisions(connection, "quest", PLAYER)
        changes = campaign_time.changes(connection, CAMPAIGN_ID, PLAYER)
    assert [revision["version"] for revision in revisions] == [3]
    assert [c["what"] for c in changes if c.get("element_id") == "quest"] == ["element.shown"]


ROW: dict[str, Any] = {
    "kind": "npc",
    "status": "live",
    "visibility": "all",
    "members": [],
    "field_visibility": {},
    "fields": {"name": "Ilsa", "secrets": "queen", "race": "elf"},
    "blame": {"name": {"version": 1, "origin": {"decision_id": "d"}}, "secrets": {"version": 1}},
    "changed": ["name", "secrets"],
}


def test_fields_that_are_secret_by_themselves_are_left_out_unless_they_are_shown() -> None:
    seen = seen_by(ROW, PLAYER)
    assert seen is not None
    assert seen["fields"] == {"name": "Ilsa", "race": "elf"}
    assert seen["changed"] == ["name"]
    assert seen["blame"] == {"name": {"version": 1}}
    told = seen_by({**ROW, "field_visibility": {"secrets": "all", "race": "gm"}}, PLAYER)
    assert told is not None
    assert told["fields"] == {"name": "Ilsa", "secrets": "queen"}


def test_who_may_see_it_at_all() -> None:
    def sees(viewer: Viewer, now: dict[str, Any] | None = None, **row: Any) -> bool:
        return seen_by({**ROW, **row}, viewer, now) is not None

    assert sees(PLAYER)
    assert not sees(PLAYER, visibility="gm")
    assert sees(GM, visibility="gm")
    assert not sees(PLAYER, visibility="members", members=[UMA])
    assert sees(PLAYER, visibility="members", members=[TOM])
    assert not sees(PLAYER, status="removed")
    assert not sees(PLAYER, {**ROW, "visibility": "gm"})
    assert not sees(PLAYER, {**ROW, "status": "removed"})
    assert not sees(PLAYER, visibility="somebody")


def test_a_field_has_to_be_shown_then_and_now() -> None:
    then = {**ROW, "field_visibility": {"secrets": "all"}}
    seen = seen_by(then, PLAYER, {**ROW, "field_visibility": {"race": "gm"}})
    assert seen is not None
    assert seen["fields"] == {"name": "Ilsa"}


def test_a_field_nobody_knows_is_the_game_masters() -> None:
    seen = seen_by({**ROW, "fields": {"name": "x", "of_a_newer_release": "?"}}, PLAYER)
    assert seen is not None
    assert seen["fields"] == {"name": "x"}


def test_references_to_the_unseen_are_left_out_of_every_kind_of_field() -> None:
    fields = {
        "description": "[[a]] and [[b]]",
        "location_id": "b",
        "relations": [{"to": "a", "label": "", "weight": 0}, {"to": "b", "label": "x", "weight": 0}],
        "skills": ["stealth [[b]]"],
        "abilities": {"wisdom": 12},
        "level": 3,
    }
    assert without_unseen("npc", fields, {"a"}) == {
        "description": f"[[a]] and {UNSEEN}",
        "relations": [{"to": "a", "label": "", "weight": 0}],
        "skills": [f"stealth {UNSEEN}"],
        "abilities": {"wisdom": 12},
        "level": 3,
    }


def test_every_field_of_references_is_known_as_one() -> None:
    for kind, fields in BY_NAME.items():
        for name, field in fields.items():
            names_elements = field.form in {"reference", "references", "relations"}
            assert names_elements == field.refers, (kind, name)
