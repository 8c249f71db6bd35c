"""What matters tonight follows from plain reasons: given what is known, when it is weighed, then this comes first."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections import urgency
from projections.urgency import FLAGS, Known, Matter, Reason, matters
from projections.urgency_words import because, known_codes

DAY = 86_400_000_000
NOTHING = Known(evening=4, ended=(30 * DAY, 20 * DAY, 10 * DAY))
HARBOUR = {"port": "Salt Harbour"}


def row(kind: str, name: str, *tags: str, changed_at: int = 31 * DAY, **fields: Any) -> dict[str, Any]:
    identity = name.casefold().replace(" ", "-")
    return {
        "element_id": identity,
        "kind": kind,
        "name": name,
        "tags": list(tags),
        "changed_at": changed_at,
        "fields": fields,
    }


def hero(name: str, now: int | None, most: int | None = 20) -> dict[str, Any]:
    fields = {"hit_points": most, "current_hit_points": now}
    return {"character_id": name.casefold(), "name": name, "fields": fields}


def weighed(*rows: dict[str, Any], limit: int = 5, **known: Any) -> list[Matter]:
    return matters(replace(NOTHING, elements=rows, **known), limit)


def codes(matter: Matter) -> list[str]:
    return [reason.code for reason in matter.because]


def test_nothing_known_is_nothing_that_matters() -> None:
    assert weighed() == []


@pytest.mark.parametrize(
    ("now", "most", "code"),
    [(0, 20, "down"), (-3, 20, "down"), (1, 20, "hurt"), (10, 20, "hurt"), (11, 20, None), (20, 20, None),
     (None, 20, None), (5, None, None), (0, 0, None)],
)  # fmt: skip
def test_a_character_in_trouble_matters(now: int | None, most: int | None, code: str | None) -> None:
    found = weighed(characters=[hero("Bran", now, most)])
    assert [codes(each) for each in found] == ([[code]] if code else [])


def test_the_worse_hurt_the_more_it_matters() -> None:
    found = weighed(characters=[hero("Aria", 9), hero("Bran", 0), hero("Celia", 3)])
    assert [each.name for each in found] == ["Bran", "Celia", "Aria"]


@pytest.mark.parametrize("status", ["completed", "failed", "abandoned", ""])
def test_a_quest_that_is_over_does_not_matter(status: str) -> None:
    assert weighed(row("quest", "Over", status=status, location_id="port"), places=HARBOUR) == []


def test_a_quest_under_way_where_the_party_is_and_nearly_done_comes_before_one_that_is_not() -> None:
    found = weighed(
        row("quest", "Far", status="active"),
        row("quest", "Near", status="active", location_id="port", progress=80),
        places=HARBOUR,
    )
    assert [each.name for each in found] == ["Near", "Far"]
    assert codes(found[0]) == ["quest.active", "here", "progress"]
    assert found[0].because[1].told == {"place": "Salt Harbour"}


def test_a_quest_whose_giver_cannot_ask_any_more_needs_thought() -> None:
    quest = row("quest", "The Bell", status="active", quest_giver_id="ilsa")
    for status in ("dead", "missing", "captured", "fled"):
        (found,) = weighed(quest, people={"ilsa": ("Ilsa", status)})
        assert f"giver.{status}" in codes(found)
    (found,) = weighed(quest, people={"ilsa": ("Ilsa", "active")})
    assert codes(found) == ["quest.active"]
    # Of somebody he may not know of nobody is told that he is dead.
    assert [codes(each) for each in weighed(quest)] == [["quest.active"]]


def test_a_thread_that_nobody_touched_for_two_evenings_is_loose() -> None:
    old, fresh = (
        row("quest", "Old", changed_at=15 * DAY, status="active"),
        row("quest", "New", status="active"),
    )
    found = weighed(fresh, old)
    assert [each.name for each in found] == ["Old", "New"]
    assert Reason(17, "forgotten", {"n": 2}) in found[0].because


def test_what_is_planned_for_this_evening_comes_before_what_was_missed_and_what_has_no_evening() -> None:
    found = weighed(
        row("event", "Some day", status="planned"),
        row("event", "Missed", status="planned", session=2),
        row("event", "Tonight", status="planned", session=4),
        row("event", "Later", status="planned", session=5),
        row("event", "Happened", status="happened", session=4),
    )
    assert [each.name for each in found] == ["Tonight", "Missed", "Some day"]
    assert [codes(each)[0] for each in found] == ["event.tonight", "event.missed", "event.planned"]


def test_a_fight_that_is_not_over_comes_before_one_that_is_prepared() -> None:
    found = weighed(
        row("encounter", "Ambush", status="planned", location_id="port"),
        row("encounter", "Brawl", status="running"),
        row("encounter", "Won", status="won", location_id="port"),
        places=HARBOUR,
    )
    assert [each.name for each in found] == ["Brawl", "Ambush"]


def test_people_matter_where_the_party_is_unless_they_are_dead() -> None:
    found = weighed(
        row("npc", "Ilsa", location_id="port"),
        row("npc", "Maud", location_id="port", status="dead"),
        row("npc", "Odo", location_id="cove"),
        row("npc", "Pim", location_id="port", status="captured"),
        places=HARBOUR,
    )
    assert {each.name: codes(each) for each in found} == {"Ilsa": ["here"], "Pim": ["npc.captured"]}


@pytest.mark.parametrize("tag", sorted(FLAGS))
def test_what_a_game_master_marked_matters_of_whatever_kind(tag: str) -> None:
    (found,) = weighed(row("note", "Do not forget", tag, "harbour"))
    assert found.because == (Reason(40, "flagged", {"tag": tag}),)


def test_what_the_last_recap_speaks_of_matters_by_link_or_by_name() -> None:
    rows = (row("npc", "Ilsa"), row("npc", "Odo"), row("npc", "Al"), row("location", "The Weir"))
    found = weighed(*rows, recap="They met ILSA and [[odo]]; the weirdest evening, although Al slept.")
    assert {each.name for each in found} == {"Ilsa", "Odo"}
    assert all(codes(each) == ["recap"] for each in found)


def test_that_something_was_only_touched_is_told_by_the_list_of_changes() -> None:
    assert weighed(row("npc", "Ilsa"), touched={"ilsa"}) == []
    (found,) = weighed(row("npc", "Ilsa", location_id="port"), touched={"ilsa"}, places=HARBOUR)
    assert codes(found) == ["here", "touched"]


def test_proposals_that_wait_are_one_matter() -> None:
    (found,) = weighed(proposals=3)
    assert (found.kind, found.id, found.because[0].told) == ("proposals", "", {"n": 3})
    assert weighed(proposals=40)[0].score == weighed(proposals=5)[0].score


def test_five_of_a_kind_are_no_overview() -> None:
    people = [row("npc", f"Guest {n}", location_id="port") for n in range(9)]
    found = weighed(*people, row("encounter", "Ambush", status="planned"), places=HARBOUR, proposals=1)
    assert [each.kind for each in found].count("npc") == 3
    assert {"encounter", "proposals"} <= {each.kind for each in found}


_statuses = st.sampled_from(["active", "planned", "running", "dead", "captured", "discovered", "", 7, None])
_rows = st.builds(
    lambda kind, name, tags, status, extra: row(kind, name, *tags, status=status, **extra),
    st.sampled_from(["location", "npc", "quest", "event", "note", "encounter"]),
    st.text(min_size=1, max_size=12),
    st.lists(st.sampled_from([*sorted(FLAGS), "x"]), max_size=2),
    _statuses,
    st.dictionaries(
        st.sampled_from(["progress", "session", "importance", "location_id", "quest_giver_id"]),
        st.one_of(st.none(), st.integers(-5, 200), st.text(max_size=4), st.just("port")),
    ),
)


@given(st.lists(_rows, max_size=12), st.text(max_size=40), st.integers(1, 8), st.randoms())
def test_whatever_stands_in_the_fields_the_order_is_the_same_and_every_reason_has_its_words(
    rows: list[dict[str, Any]], recap: str, limit: int, chance: Any
) -> None:
    known = replace(NOTHING, elements=rows, recap=recap, places=HARBOUR, proposals=1)
    found = matters(known, limit)
    shuffled = list(rows)
    chance.shuffle(shuffled)
    again = matters(replace(known, elements=shuffled), limit)
    assert [(each.score, each.name) for each in found] == [(each.score, each.name) for each in again]
    assert len(found) <= limit
    for each in found:
        assert each.because
        assert each.score >= sum(reason.points for reason in each.because) > 0
        for reason in each.because:
            assert because(reason, "en") != because(reason, "fr") or "importance" in reason.code


def test_every_reason_that_can_be_given_has_a_sentence_in_both_languages() -> None:
    source = Path(urgency.__file__).read_text()
    plain = set(re.findall(r'Reason\([^"]*?"([a-z.]+)"', source))
    made = {f"quest.{each}" for each in urgency.OPEN_QUEST}
    made |= {f"giver.{each}" for each in urgency.UNABLE} | {
        f"npc.{each}" for each in urgency.UNABLE - {"dead"}
    }
    assert plain | made == known_codes()


def test_braces_of_players_are_only_text() -> None:
    told = because(Reason(1, "here", {"place": "{n.__class__} {place}"}), "en")
    assert told == "is where the party is: {n.__class__} {place}"
