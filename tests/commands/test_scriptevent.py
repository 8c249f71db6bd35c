"""Events that scripts create: created once, processed once, and then a deed like any other."""

from __future__ import annotations

from itertools import islice

import pytest

from commands.agents.deeds import Deed, deeds
from commands.codes import Code
from commands.scriptevent import MAX_NUMBER, SCRIPTEVENT, numbers
from events.commit import Actor
from events.scriptevent import ScriptEventCreated, ScriptEventProcessed
from tests.commits import commit
from tests.specification import given

MAP_SERVER = Actor("server", "map-1", details={"map": "prontera", "npc": "Osiris Watch"})
ARIA = Actor("player", "150000", details={"char_id": 150000, "map": "geffen"})
CREATED = ScriptEventCreated("boss_killed", {"char_id": 150001}, "legend_bloodlines", 2, "150001", "prontera")


def test_an_event_knows_its_character_and_its_map() -> None:
    args = {"event_type": "boss_killed", "event_data": '{"char_id": 150001}', "agent": "legend_bloodlines"}
    given(SCRIPTEVENT, actor=MAP_SERVER).when("create", args | {"agent_id": 2}).then(CREATED)
    given(SCRIPTEVENT, actor=ARIA).when("create", {"event_type": "boss_killed"}).then(
        ScriptEventCreated("boss_killed", {}, "", 0, "150000", "geffen")
    )
    elsewhere = {"event_type": "boss_killed", "event_data": {"map": "moc_pryd04"}}
    given(SCRIPTEVENT, actor=ARIA).when("create", elsewhere).then(
        ScriptEventCreated("boss_killed", {"map": "moc_pryd04"}, "", 0, "150000", "moc_pryd04")
    )


@pytest.mark.parametrize("char_id", [0, -1, 2**31, "Aria", True, {"a": 1}, 1.5, "1" * 400])
def test_what_is_no_character_gets_no_credit(char_id: object) -> None:
    args = {"event_type": "boss_killed", "event_data": {"char_id": char_id}}
    (made,) = given(SCRIPTEVENT, actor=MAP_SERVER).when("create", args).then_events()
    assert isinstance(made, ScriptEventCreated)
    assert made.char_id == ""


def test_a_claim_gets_no_credit() -> None:
    claim = Actor("player", "150000", trusted=False, details={"char_id": 150000})
    args = {"event_type": "boss_killed", "event_data": {"char_id": 150001}}
    (made,) = given(SCRIPTEVENT, actor=claim).when("create", args).then_events()
    assert isinstance(made, ScriptEventCreated)
    assert made.char_id == ""


def test_an_event_is_processed_once() -> None:
    done = ScriptEventProcessed("boss_killed", "legend_bloodlines", "150001", "prontera")
    given(SCRIPTEVENT, CREATED).when("process", {}).then(done)
    given(SCRIPTEVENT, CREATED, done).when("process", {}).then_rejected(
        Code.INVALID_STATE_TRANSITION, "event_id"
    )
    given(SCRIPTEVENT).when("process", {}).then_rejected(Code.INVALID_PARAMETER, "event_id")


def test_a_number_is_given_once_and_an_agent_must_follow_events() -> None:
    given(SCRIPTEVENT, CREATED).when("create", {"event_type": "a"}).then_rejected(
        Code.ALREADY_EXISTS, "event_id"
    )
    given(SCRIPTEVENT).when("create", {"event_type": "a", "agent": "chat"}).then_rejected(
        Code.OPERATION_NOT_ALLOWED, "agent_id"
    )


def test_only_what_was_processed_is_a_deed_and_only_for_its_agent() -> None:
    done = ScriptEventProcessed("boss_killed", "legend_bloodlines", "150001", "prontera")
    assert list(deeds(commit("scriptevent/7", CREATED, done, actor=MAP_SERVER))) == [
        Deed(1, "boss_killed", "150001", "prontera", agent="legend_bloodlines")
    ]


def test_numbers_follow_from_the_command_and_fit_a_script() -> None:
    first = list(numbers("map-1/a"))
    assert first == list(numbers("map-1/a"))
    assert len(set(first)) == len(first) > 1
    seen = {next(numbers(f"map-1/{n}")) for n in range(1000)}
    assert all(1 <= number <= MAX_NUMBER for number in seen)
    assert len(seen) == 1000
    assert list(islice(numbers("map-1/b"), 3)) != first[:3]
