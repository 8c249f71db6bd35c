"""What is worth telling, whom it is told, and what the listener makes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.agents.gossip import HOPS, LISTENERS, Story, listeners, retellable, stories, telling
from commands.mind.memory.record import MILLION
from events.commit import Event, Recorded
from events.npc import Location, NpcHeard, NpcInteracted, NpcPerceived
from tests.commits import commit

ROBBED = NpcPerceived("stole", {"item": "a ring", "witnesses": ["x"]}, "Bob", Location("prontera", 10, 20))


def told_of(event: Event, position: int = 7) -> list[Story]:
    return list(stories(Recorded(position, commit("npc/Ann", event))))


def heard(chain: tuple[str, ...], importance: int = 500_000) -> NpcHeard:
    return NpcHeard(chain[-1], chain, 500_000, 3, 0, 5, "stole", {}, "Bob", "Zoe", ("Bob",), importance)


def test_a_robbery_is_told_with_who_did_it_and_to_whom() -> None:
    (story,) = told_of(ROBBED)
    assert (story.teller, story.actor, story.victim, story.position) == ("Ann", "Bob", "Ann", 7)
    assert story.data == {"item": "a ring"}
    assert story.reliability == MILLION


@pytest.mark.parametrize(
    "event",
    [
        NpcPerceived("stole", {}, None),
        NpcPerceived("heard_sound", {}, "Bob"),
        NpcInteracted("Bob", "trade", {}, False, {}),
        heard(("a", "b", "c")),
        heard(("a",), 200_000),
    ],
    ids=["about nobody", "unimportant", "refused", "too many mouths", "hardly believed"],
)
def test_what_is_not_worth_telling_is_kept(event: Event) -> None:
    assert told_of(event) == []


def test_what_was_told_in_private_is_no_gossip() -> None:
    weighty = {"importance": 1.0, "message": "the key lies under the stone"}
    assert told_of(NpcPerceived("confession", weighty, "Bob")) == []
    assert told_of(NpcInteracted("Bob", "talk", weighty, True, {})) == []
    assert told_of(NpcPerceived("stole", {**weighty, "private": True}, "Bob")) == []
    assert told_of(NpcPerceived("stole", {**weighty, "private": "no"}, "Bob"))


def test_what_was_heard_is_told_on_as_the_same_story() -> None:
    (story,) = told_of(heard(("Zoe",)))
    assert (story.position, story.index, story.chain, story.teller) == (3, 0, ("Zoe",), "Ann")


@given(st.lists(st.text(min_size=1, max_size=6), max_size=20), st.text(max_size=10))
def test_listeners_are_few_were_not_involved_and_are_the_same_when_drawn_again(
    company: list[str], seed: str
) -> None:
    (story,) = told_of(ROBBED)
    drawn = listeners(story, [*company, "Ann", "Bob"], seed)
    assert len(drawn) == min(LISTENERS, len(set(company) - {"Ann", "Bob"}))
    assert story.involved.isdisjoint(drawn)
    assert drawn == listeners(story, reversed([*company, "Ann", "Bob"]), seed)


def test_a_repetition_has_the_same_command_ids() -> None:
    caused = commit("npc/Ann", ROBBED)
    (story,) = stories(Recorded(7, caused))
    once, again = (telling(caused, story, "Carl", 0) for _ in range(2))
    assert once == again
    assert once.id != telling(caused, story, "Carl", 1).id
    assert once.causation_id == caused.id


def test_no_chain_grows_beyond_the_hop_limit() -> None:
    chain: tuple[str, ...] = ("Zoe",)
    while told := told_of(replace(heard(chain), importance=MILLION)):
        chain = (*told[0].chain, f"teller {len(chain)}")
    assert len(chain) == HOPS


def test_only_simple_and_short_data_is_retold() -> None:
    data: dict[str, Any] = {"a": "x" * 999, "b": [1], "c": 2**60, "d": 1.5, "e": {"f": 1}, "g": True}
    assert retellable(data) == {"a": "x" * 240, "d": 1.5, "g": True}
    assert len(retellable({str(n): n for n in range(99)})) == 12
