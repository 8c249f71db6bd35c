"""The read model of asynchronous requests: what was asked, how it ended, who is to be told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Connection, Index, bindparam, select

from events.commit import microseconds, moment
from events.request import (
    RequestCancelled,
    RequestCompleted,
    RequestFailed,
    RequestOpened,
    RequestTimedOut,
)
from projections.projection import Address, Entry, Projection, reads
from projections.rows import Rows
from projections.schema import INTEGER, TEXT, brief, from_text, name, optional, required, table, to_text

CODE_CANCELLED = -202
CODE_TIMEOUT = -501
MAX_MESSAGE = 500
MAX_PAGE = 1000

REQUESTS = table(
    "requests",
    required("request_id", name(), key=True),
    required("npc_id", name()),
    required("operation", name(64)),
    required("status", name(16)),
    required("error_code", INTEGER),
    optional("message", TEXT),
    optional("result", TEXT),
    required("opened_at", INTEGER),
    required("deadline_at", INTEGER),
    optional("finished_at", INTEGER),
    required("opened_position", INTEGER),
    optional("finished_position", INTEGER),
    required("correlation_id", name()),
    required("actor", TEXT),
    optional("gateway", name()),
    optional("connection", name()),
    optional("server", name()),
    optional("label", TEXT),
)
Index("ix_requests_pending", REQUESTS.c.status, REQUESTS.c.server, REQUESTS.c.opened_position)
Index("ix_requests_finished", REQUESTS.c.server, REQUESTS.c.finished_position)


def _keys(entry: Entry) -> Iterable[Address]:
    # Opening one overwrites whatever there is: nothing to look up.
    if any(type(event) is not RequestOpened for event in entry.commit.events):
        yield REQUESTS, (entry.entity,)


def _fold(rows: Rows, entry: Entry) -> None:
    commit = entry.commit
    for event in commit.events:
        if type(event) is RequestOpened:
            rows.put(REQUESTS, (entry.entity,), _opened(event, entry))
            continue
        outcome = _OUTCOMES.get(type(event))
        row = rows.get(REQUESTS, (entry.entity,))
        if outcome is not None and row is not None and row["status"] == "pending":
            finished = {"finished_at": entry.at, "finished_position": entry.position}
            rows.put(REQUESTS, (entry.entity,), {**row, **finished, **outcome(event)})


def _opened(event: RequestOpened, entry: Entry) -> dict[str, Any]:
    commit, reply_to = entry.commit, event.reply_to
    actor = {"kind": commit.actor.kind, "id": commit.actor.id, **commit.actor.details}
    return {
        "request_id": entry.entity,
        "npc_id": event.npc_id,
        "operation": event.operation,
        "status": "pending",
        "error_code": 0,
        "message": None,
        "result": None,
        "opened_at": entry.at,
        "deadline_at": microseconds(event.deadline),
        "finished_at": None,
        "opened_position": entry.position,
        "finished_position": None,
        "correlation_id": commit.correlation_id,
        "actor": to_text(actor),
        "gateway": reply_to.gateway if reply_to else None,
        "connection": reply_to.connection if reply_to else None,
        "server": reply_to.server if reply_to else None,
        "label": reply_to.label if reply_to else None,
    }


def _failed(event: RequestFailed) -> dict[str, Any]:
    return {"status": "error", "error_code": event.code, "message": brief(event.message, MAX_MESSAGE)}


def _cancelled(event: RequestCancelled) -> dict[str, Any]:
    reason = brief(event.reason, MAX_MESSAGE) or "cancelled"
    return {"status": "cancelled", "error_code": CODE_CANCELLED, "message": reason}


_OUTCOMES: dict[type[Any], Callable[[Any], dict[str, Any]]] = {
    RequestCompleted: lambda event: {
        "status": "complete",
        "error_code": event.code,
        "result": to_text(event.result),
    },
    RequestFailed: _failed,
    RequestCancelled: _cancelled,
    RequestTimedOut: lambda _: {
        "status": "timeout",
        "error_code": CODE_TIMEOUT,
        "message": "the deadline passed",
    },
}

REQUEST_STATUS = Projection("requests", 1, (REQUESTS,), _keys, _fold, frozenset({"request"}))

_ONE = select(REQUESTS).where(REQUESTS.c.request_id == bindparam("request_id"))
_PENDING = (
    select(REQUESTS)
    .where(REQUESTS.c.status == "pending", REQUESTS.c.opened_position > bindparam("after"))
    .order_by(REQUESTS.c.opened_position)
    .limit(bindparam("count"))
)
_PENDING_OF_SERVER = _PENDING.where(REQUESTS.c.server == bindparam("of_server"))
_FINISHED = (
    select(REQUESTS)
    .where(
        REQUESTS.c.server == bindparam("of_server"),
        REQUESTS.c.finished_position > bindparam("after"),
        REQUESTS.c.finished_at >= bindparam("since"),
    )
    .order_by(REQUESTS.c.finished_position)
    .limit(bindparam("count"))
)


@reads("requests")
def request(connection: Connection, request_id: str, *, now: int | None = None) -> dict[str, Any] | None:
    """One request, or None if there never was one of that id.

    `status` is `pending`, `complete`, `error`, `timeout` or `cancelled`; `result` an object once complete;
    `error_code` 0, a warning, or negative; `elapsed_ms` runs until it finished (until `now`, µs since the
    epoch, while it is pending). Beside these: who asked and where the outcome is to be pushed.
    """
    row = connection.execute(_ONE, {"request_id": request_id}).mappings().first()
    return None if row is None else _shown(row, now)


@reads("requests")
def pending(
    connection: Connection, server: str | None = None, *, after: int = 0, limit: int = 200
) -> list[dict[str, Any]]:
    """Requests without an outcome, oldest first, opened after position `after`; all, or one game server's."""
    values: dict[str, Any] = {"after": after, "count": max(1, min(limit, MAX_PAGE))}
    if server is None:
        found = connection.execute(_PENDING, values)
    else:
        found = connection.execute(_PENDING_OF_SERVER, {**values, "of_server": server})
    return [_shown(row, None) for row in found.mappings()]


@reads("requests")
def finished(
    connection: Connection, server: str, *, after: int = 0, since: int = 0, limit: int = 200
) -> list[dict[str, Any]]:
    """A game server's requests that ended after position `after` and not before `since` (µs), oldest first."""
    values = {"of_server": server, "after": after, "since": since, "count": max(1, min(limit, MAX_PAGE))}
    return [_shown(row, None) for row in connection.execute(_FINISHED, values).mappings()]


def _shown(row: Any, now: int | None) -> dict[str, Any]:
    end = row["finished_at"]
    if end is None:
        end = time.time_ns() // 1000 if now is None else now
    shown = {
        "request_id": row["request_id"],
        "npc_id": row["npc_id"],
        "operation": row["operation"],
        "status": row["status"],
        "error_code": row["error_code"],
        "elapsed_ms": max(end - row["opened_at"], 0) // 1000,
        "opened_at": moment(row["opened_at"]).isoformat(),
        "deadline": moment(row["deadline_at"]).isoformat(),
        "finished_at": None if row["finished_at"] is None else moment(row["finished_at"]).isoformat(),
        "opened_position": row["opened_position"],
        "finished_position": row["finished_position"],
        "correlation_id": row["correlation_id"],
        "actor": from_text(row["actor"]),
        "gateway": row["gateway"],
        "connection": row["connection"],
        "server": row["server"],
        "label": row["label"],
    }
    if row["message"] is not None:
        shown["error_message"] = row["message"]
    if row["result"] is not None:
        shown["result"] = from_text(row["result"])
    return shown
