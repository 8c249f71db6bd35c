"""How a request ended, as commits tell it and as scripts read it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from commands.codes import Code
from events.commit import Actor, Event, Json, Recorded
from events.request import (
    ReplyTo,
    RequestCancelled,
    RequestCompleted,
    RequestFailed,
    RequestOpened,
    RequestTimedOut,
)

RESERVED = frozenset({"status", "result", "elapsed_ms", "error_code", "error_message"})


@dataclass(frozen=True, slots=True)
class Opening:
    """What has to be remembered of an opened request to tell its outcome to the right one."""

    npc_id: str
    reply_to: ReplyTo | None
    actor: Actor
    correlation_id: str
    at: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one request. `settle` acknowledges the delivery; until then it will be delivered again.

    `status` is `complete`, `error`, `timeout` or `cancelled`; `touch` keeps the delivery ours meanwhile.
    """

    request_id: str
    position: int
    opening: Opening
    status: str
    code: int
    message: str
    result: Json | None
    elapsed_ms: int
    settle: Callable[[], Awaitable[None]]
    touch: Callable[[], Awaitable[None]]


def opening_of(recorded: Recorded) -> Opening | None:
    """The opening that a commit holds, or None."""
    commit = recorded.commit
    for event in commit.events:
        if isinstance(event, RequestOpened):
            return Opening(event.npc_id, event.reply_to, commit.actor, commit.correlation_id, commit.at)
    return None


def ending_of(event: Event) -> tuple[str, int, str, Json | None] | None:
    """`(status, code, message, result)` of an outcome event, or None for any other."""
    match event:
        case RequestCompleted():
            return "complete", event.code, "", event.result
        case RequestFailed():
            return "error", event.code, event.message, None
        case RequestCancelled():
            return "cancelled", Code.OPERATION_NOT_ALLOWED, event.reason or "the request was cancelled", None
        case RequestTimedOut():
            return "timeout", Code.TIMEOUT, "the request did not finish before its deadline", None
        case _:
            return None


def result_data(status: str, code: int, message: str, result: Json | None, elapsed_ms: int) -> Json:
    """The `data` of `check_result`: scripts compare `status` and `error_code`, so both are always there.

    The fields of the result are repeated beside it, for scripts that read them there (specification §3.5).
    """
    data: Json = {"status": status, "elapsed_ms": elapsed_ms, "error_code": int(code)}
    if message:
        data["error_message"] = message
    if result is not None:
        data["result"] = result
        data |= {key: value for key, value in result.items() if key not in RESERVED}
    return data


def callback(outcome: Outcome) -> Json:
    """The message that is pushed when an asynchronous request ends."""
    opening = outcome.opening
    message: Json = {
        "message_type": "CALLBACK",
        "correlation_id": opening.correlation_id,
        "request_id": outcome.request_id,
        "npc_id": opening.npc_id,
        "callback_label": opening.reply_to.label if opening.reply_to else "",
        "actor": opening.actor.details,
        "success": outcome.code >= 0,
        "error_code": int(outcome.code),
        "data": result_data(
            outcome.status, outcome.code, outcome.message, outcome.result, outcome.elapsed_ms
        ),
    }
    if outcome.code < 0:
        message["error_message"] = outcome.message
    return message
