from __future__ import annotations

from datetime import timedelta

import pytest

from commands.codes import Code
from commands.npc import NpcState
from commands.request import REQUEST, request_id
from events.commit import Event
from events.request import (
    ReplyTo,
    RequestCancelled,
    RequestCompleted,
    RequestFailed,
    RequestOpened,
    RequestTimedOut,
)
from tests.commits import NOON
from tests.specification import given

ALIVE = {"npc": NpcState(registered=True)}
OPENED = RequestOpened("dialogue", "John", {"message": "Hi"}, NOON + timedelta(seconds=5), 5000, None)
OUTCOMES: list[Event] = [
    RequestCompleted({}),
    RequestFailed(-502, "x"),
    RequestCancelled(),
    RequestTimedOut(),
]


def test_opening_sets_the_deadline_from_the_time_of_the_decision() -> None:
    args = {
        "operation": "dialogue",
        "npc_id": "John",
        "data": '{"message":"Hi"}',
        "timeout_ms": 3000,
        "reply_to": {"gateway": "g", "connection": "c", "server": "map-1", "label": "OnReady"},
    }
    expected = RequestOpened(
        "dialogue",
        "John",
        {"message": "Hi"},
        NOON + timedelta(seconds=3),
        3000,
        ReplyTo("g", "c", "map-1", "OnReady"),
    )
    given(REQUEST, facts=ALIVE).when("open", args).then(expected)


def test_a_request_to_an_unknown_npc_is_refused() -> None:
    args = {"operation": "dialogue", "npc_id": "Nobody"}
    given(REQUEST, facts={"npc": None}).when("open", args).then_rejected(Code.NPC_NOT_FOUND, "npc_id")
    given(REQUEST, facts={"npc": NpcState()}).when("open", args).then_rejected(Code.NPC_NOT_FOUND, "npc_id")


def test_an_operation_no_agent_works_on_is_refused() -> None:
    args = {"operation": "juggle", "npc_id": "John"}
    given(REQUEST, facts=ALIVE).when("open", args).then_rejected(Code.OPERATION_NOT_ALLOWED, "operation")


@pytest.mark.parametrize("timeout", [0, -1, 300_001])
def test_a_timeout_outside_its_range_is_refused(timeout: int) -> None:
    args = {"operation": "dialogue", "npc_id": "John", "timeout_ms": timeout}
    given(REQUEST, facts=ALIVE).when("open", args).then_rejected(Code.PARAMETER_OUT_OF_RANGE, "timeout_ms")


def test_a_pending_request_can_end_in_each_way() -> None:
    pending = given(REQUEST, OPENED, at=NOON + timedelta(seconds=6))
    pending.when("complete", {"result": {"response": "Hello"}}).then(RequestCompleted({"response": "Hello"}))
    pending.when("fail", {"code": -502, "message": "no model"}).then(RequestFailed(-502, "no model"))
    pending.when("cancel", {}).then(RequestCancelled())
    pending.when("time_out", {}).then(RequestTimedOut())


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize(
    ("verb", "args"),
    [("complete", {"result": {}}), ("fail", {"code": -502, "message": ""}), ("cancel", {}), ("time_out", {})],
)
def test_a_finished_request_never_gets_a_second_outcome(
    outcome: Event, verb: str, args: dict[str, object]
) -> None:
    finished = given(REQUEST, OPENED, outcome, at=NOON + timedelta(hours=1))
    finished.when(verb, args).then_rejected(Code.INVALID_STATE_TRANSITION, "request_id")


def test_a_request_that_was_never_opened_cannot_end() -> None:
    given(REQUEST).when("cancel", {}).then_rejected(Code.INVALID_STATE_TRANSITION, "request_id")


def test_a_deadline_that_fires_early_is_refused_until_its_time() -> None:
    early = given(REQUEST, OPENED, at=NOON + timedelta(seconds=4))
    early.when("time_out", {}).then_rejected(Code.INVALID_STATE_TRANSITION)


def test_the_id_of_a_request_follows_from_its_command_so_that_a_retry_gets_the_same() -> None:
    assert request_id("map-1/req_1") == request_id("map-1/req_1")
    assert request_id("map-1/req_1") != request_id("map-2/req_1")
