"""Facts that change, with both times kept."""

from __future__ import annotations

from typing import Any

import pytest

from commands.mind.memory.facts import contradictions, current, history, stated, with_history
from commands.mind.memory.record import Memory
from tests.commands.mind.memory.lives import DAY, HOUR, memory


def says(position: int, value: str, **more: Any) -> Memory:
    return memory(position, f"home: {value}", subject="king", predicate="home", value=value, **more)


def value(found: Memory | None) -> str | None:
    return found.value if found else None


def test_a_newer_statement_supersedes_the_older_and_both_are_kept() -> None:
    told = [says(1, "castle"), says(2, "tower"), says(3, "cave")]
    assert value(current(told, "king", "home")) == "cave"
    assert [one.superseded_by for one in with_history(told)] == [2, 3, None]
    assert [one.value for one in history(told, "king", "home")] == ["castle", "tower", "cave"]


def test_as_of_a_position_the_npc_believes_what_it_knew_then() -> None:
    told = [says(1, "castle"), says(5, "tower")]
    assert value(current(told, "king", "home", as_of=4)) == "castle"
    assert current(told, "king", "home", as_of=0) is None


def test_late_news_about_an_earlier_time_does_not_replace_the_present() -> None:
    told = [says(1, "tower", valid_from=20 * DAY), says(2, "castle", valid_from=DAY)]
    assert value(current(told, "king", "home")) == "tower"
    assert value(current(told, "king", "home", valid_at=10 * DAY)) == "castle"


def test_a_doubtful_rumour_does_not_replace_what_was_seen_but_is_listed_as_a_contradiction() -> None:
    told = [says(1, "castle"), says(2, "cave", reliability=300_000)]
    assert value(current(told, "king", "home")) == "castle"
    (found,) = contradictions(told)
    assert (found.believed.value, found.disputed.value) == ("castle", "cave")
    assert contradictions(told, as_of=1) == []


def test_a_changed_world_is_no_contradiction() -> None:
    assert contradictions([says(1, "castle"), says(2, "tower")]) == []
    old = says(2, "cave", valid_from=-400 * DAY)
    assert contradictions([says(1, "castle"), old]) == []


def test_other_subjects_are_left_alone() -> None:
    other = memory(2, "queen", subject="queen", predicate="home", value="tower")
    assert value(current([says(1, "castle"), other], "king", "home")) == "castle"


@pytest.mark.parametrize(
    "fact",
    [
        None,
        "king",
        {},
        {"subject": "king"},
        {"subject": "", "predicate": "p", "value": "v"},
        {"subject": "king", "predicate": ["home"], "value": "castle"},
        {"subject": "king", "predicate": "home", "value": None},
        {"subject": "king", "predicate": "age", "value": 10**5_000},
    ],
)
def test_a_malformed_fact_states_nothing(fact: object) -> None:
    assert stated({"fact": fact}) is None


def test_a_fact_is_read_from_event_data_and_bounded() -> None:
    found = stated({"fact": {"subject": "k" * 999, "predicate": "age", "value": 61, "valid_from": HOUR}})
    assert found == ("k" * 80, "age", "61", HOUR)
