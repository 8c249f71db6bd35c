"""The life of an asynchronous request: opened, then exactly one of completed, failed, cancelled, timed out.

Optimistic concurrency on the request's stream makes "exactly one" true whoever races: agents, the deadline,
the player who walks away.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field

from commands.agents.decision import VERBS
from commands.arguments import Id, JsonObject, Name, Text
from commands.codes import Code
from commands.decider import Context, Decider, Need, Verb
from commands.rejection import Rejected
from events.commit import Commit, Event, Json, Recorded
from events.request import (
    OUTCOMES,
    ReplyTo,
    RequestCancelled,
    RequestCompleted,
    RequestFailed,
    RequestOpened,
    RequestTimedOut,
)

QUERIES = frozenset({"get_emotion", "get_goals", "get_relationship"})
"""What older scripts ask for asynchronously, too (`existing-apis.md` §2.4)."""
OPERATIONS = frozenset({"dialogue", *VERBS, *QUERIES})
"""What the agents of this release can work on."""

MAX_TIMEOUT_MS = 300_000


def request_id(command_id: str) -> str:
    """The id of the request a command opens: the same for every retry, unguessable from outside the realm."""
    return "req_" + hashlib.sha256(command_id.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class RequestState:
    """`outcome` is None while the request is pending."""

    opened: RequestOpened | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Open:
    operation: Name
    npc_id: Id
    data: JsonObject = field(default_factory=dict)
    timeout_ms: Annotated[int, Field(ge=1, le=MAX_TIMEOUT_MS)] = 5000
    reply_to: ReplyTo | None = None


@dataclass(frozen=True, slots=True)
class Complete:
    result: JsonObject
    code: Annotated[int, Field(ge=0, le=99)] = 0


@dataclass(frozen=True, slots=True)
class Fail:
    code: Annotated[int, Field(ge=-699, le=-1)]
    message: Text


@dataclass(frozen=True, slots=True)
class Cancel:
    reason: Text = ""


@dataclass(frozen=True, slots=True)
class TimeOut:
    pass


def evolve(state: RequestState, event: Event, _recorded: Recorded) -> RequestState:
    if isinstance(event, RequestOpened):
        return RequestState(event)
    if isinstance(event, OUTCOMES):
        return RequestState(state.opened, event.type)
    return state


def decide(state: RequestState, command: Any, context: Context) -> tuple[Event, ...]:
    """Raises `Rejected`: `-200` unknown NPC, `-202` no agent for the operation, `-203` already finished or unknown."""
    if isinstance(command, Open):
        return _open(state, command, context)
    if state.opened is None:
        raise Rejected(Code.INVALID_STATE_TRANSITION, "request_id: no such request", field="request_id")
    if state.outcome is not None:
        raise Rejected(
            Code.INVALID_STATE_TRANSITION,
            f"request_id: the request is finished ({state.outcome.removeprefix('request.')})",
            field="request_id",
        )
    match command:
        case Complete():
            return (RequestCompleted(command.result, command.code),)
        case Fail():
            return (RequestFailed(command.code, command.message),)
        case Cancel():
            return (RequestCancelled(command.reason),)
        case TimeOut():
            if context.at < state.opened.deadline:
                raise Rejected(
                    Code.INVALID_STATE_TRANSITION, "the deadline has not passed yet", retry_after_ms=1000
                )
            return (RequestTimedOut(),)
    raise TypeError(f"not a command of a request: {command!r}")


def _open(state: RequestState, command: Open, context: Context) -> tuple[Event, ...]:
    if state.opened is not None:
        raise Rejected(Code.ALREADY_EXISTS, "request_id: this request was opened before", field="request_id")
    npc = context.facts["npc"]
    if npc is None or not npc.registered:
        raise Rejected(
            Code.NPC_NOT_FOUND,
            f"npc_id: no NPC {command.npc_id!r} is registered. Register it first.",
            field="npc_id",
        )
    if command.operation not in OPERATIONS:
        raise Rejected(
            Code.OPERATION_NOT_ALLOWED,
            f"operation: no agent of this release works on {command.operation!r}",
            field="operation",
        )
    deadline = context.at + timedelta(milliseconds=command.timeout_ms)
    return (
        RequestOpened(
            command.operation, command.npc_id, command.data, deadline, command.timeout_ms, command.reply_to
        ),
    )


def _needs(_state: RequestState, command: Open, _entity: str) -> tuple[Need, ...]:
    return (Need("npc", npc_id=command.npc_id),)


def _deadline(event: Event) -> datetime | None:
    return event.deadline if isinstance(event, RequestOpened) else None


def reply(commit: Commit) -> Json:
    event = commit.events[0]
    if isinstance(event, RequestOpened):
        return {"request_id": commit.entity, "status": "pending"}
    return {"request_id": commit.entity}


REQUEST: Decider[RequestState] = Decider(
    category="request",
    state=RequestState,
    initial=RequestState(),
    verbs={
        "open": Verb(Open, creates=True, needs=_needs),
        "complete": Verb(Complete),
        "fail": Verb(Fail),
        "cancel": Verb(Cancel),
        "time_out": Verb(TimeOut),
    },
    evolve=evolve,
    decide=decide,
    reply=reply,
    deadline=_deadline,
    snapshots=False,
)
