"""Events of one asynchronous request's stream, `request/<request id>`: opened, then exactly one outcome."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from events.catalogue import event
from events.commit import Event, Json


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """Where the outcome is pushed: the gateway and the connection that asked, and its game server's name."""

    gateway: str
    connection: str
    server: str
    label: str = ""


@event("request.opened")
@dataclass(frozen=True, slots=True)
class RequestOpened(Event):
    operation: str
    npc_id: str
    data: Json
    deadline: datetime
    timeout_ms: int
    reply_to: ReplyTo | None = None


@event("request.completed")
@dataclass(frozen=True, slots=True)
class RequestCompleted(Event):
    """`code` is 0 or a warning (1 fallback used, 2 cached)."""

    result: Json
    code: int = 0


@event("request.failed")
@dataclass(frozen=True, slots=True)
class RequestFailed(Event):
    code: int
    message: str


@event("request.cancelled")
@dataclass(frozen=True, slots=True)
class RequestCancelled(Event):
    reason: str = ""


@event("request.timed_out")
@dataclass(frozen=True, slots=True)
class RequestTimedOut(Event):
    pass


OUTCOMES = (RequestCompleted, RequestFailed, RequestCancelled, RequestTimedOut)
