"""One request from its parsed document to its answer, with every way it can fail turned into a code."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter, time_ns
from typing import Any
from uuid import uuid4

import structlog

from adapters.rathena.connections import Connection
from adapters.rathena.identity import identify
from adapters.rathena.lanes import Lane, Lanes
from adapters.rathena.operations import OPERATIONS, Operation, find_operation, prepare
from adapters.rathena.requests import DEFAULT_TIMEOUT_MS
from adapters.rathena.services import Call, Services
from adapters.rathena.wire import Request, canonical, correlation_of, parse_request, refusal, respond
from adapters.sql.memory_index import MemoryIndex
from commands.codes import Code
from commands.message import Reply
from commands.rejection import Rejected
from events.commit import Actor, Json
from events.errors import LogError, PositionNotReached, ProjectionUnavailable

logger = structlog.get_logger(__name__)

RETRY_AFTER_MS = 500
SHAPES: dict[str, Json] = {
    "check_result": {"status": "error"},
    "pathfind": {"valid": False, "path": []},
    "set_provider_status": {"success": 0},
    "set_agent_status": {"success": 0},
}
"""Fields that scripts compare, so that they must be there when the operation failed, too."""

Afterwards = Sequence[Callable[[], Awaitable[None]]]
Pending = Awaitable[tuple[Json, Afterwards]]


class Dispatcher:
    """Answers requests. Whatever happens, there is one answer, and it names the problem."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._lanes = Lanes()
        self._longest = services.settings.commands.max_timeout_ms
        self.answered: Counter[str] = Counter()
        self.codes: Counter[int] = Counter()

    @property
    def memories(self) -> MemoryIndex:
        """The index of memories that questions are answered from."""
        return self._services.memories

    def begin(self, document: Any, connection: Connection) -> Pending:
        """Take a request in; await the result for `(response, what to do once it is sent)`.

        What one connection begins about one NPC takes effect in the order of these calls.
        """
        try:
            request = parse_request(document, max_timeout_ms=self._longest)
        except Rejected as rejected:
            return self._refuse(document, connection, refusal(rejected))
        except Exception:
            return self._refuse(document, connection, _unforeseen("parse", ""))
        connection.learn_server(request.source.server)
        try:
            operation = find_operation(request.operation)
            data = prepare(operation, request)
            actor = identify(request, vouched=connection.vouched)
        except Rejected as rejected:
            return self._finish(request, None, refusal(rejected))
        except Exception:
            return self._finish(request, None, _unforeseen(request.operation, request.npc_id))
        milliseconds = request.timeout_ms or (
            DEFAULT_TIMEOUT_MS if operation.slow else self._services.settings.commands.default_timeout_ms
        )
        call = Call(request, connection, actor, data, milliseconds / 1000)
        lane = (connection.key, request.npc_id or "")
        if operation.changes:
            before, place = self._lanes.join(lane)
            return self._in_turn(operation, call, lane, before, place)
        return self._after(operation, call, self._lanes.before(lane))

    async def _in_turn(
        self,
        operation: Operation,
        call: Call,
        lane: Lane,
        before: asyncio.Future[None] | None,
        place: asyncio.Future[None],
    ) -> tuple[Json, Afterwards]:
        try:
            return await self._after(operation, call, before)
        finally:
            self._lanes.leave(lane, place)

    async def _after(
        self, operation: Operation, call: Call, before: asyncio.Future[None] | None
    ) -> tuple[Json, Afterwards]:
        if before is not None and not before.done():
            await asyncio.wait({before}, timeout=call.left)
        reply = await self._carry_out(operation, call)
        response, _ = await self._finish(call.request, call.actor, reply)
        return response, call.afterwards

    async def _carry_out(self, operation: Operation, call: Call) -> Reply:
        try:
            return await operation.handler(self._services, call)
        except Rejected as rejected:
            return refusal(rejected)
        except (PositionNotReached, TimeoutError) as error:
            return Reply(Code.TIMEOUT, f"not done in time: {error}", retry_after_ms=RETRY_AFTER_MS)
        except (ProjectionUnavailable, LogError) as error:
            return Reply(
                Code.SERVICE_UNAVAILABLE, f"a needed part is down: {error}", retry_after_ms=RETRY_AFTER_MS
            )
        except Exception:
            return _unforeseen(operation.name, call.npc_id)

    async def _refuse(self, document: Any, connection: Connection, reply: Reply) -> tuple[Json, Afterwards]:
        self.codes[reply.code] += 1
        named = document.get("operation") if isinstance(document, dict) else None
        operation = canonical(named[:64]) if isinstance(named, str) else ""
        entry = {"operation": operation, "code": reply.code, "message": reply.message, "at": _now()}
        self._services.access.record("rejected", entry | {"connection": connection.key})
        return respond(correlation_of(document), _shaped(operation, reply), perf_counter()), ()

    async def _finish(self, request: Request, actor: Actor | None, reply: Reply) -> tuple[Json, Afterwards]:
        self.answered[request.operation if request.operation in OPERATIONS else "unknown"] += 1
        self.codes[reply.code] += 1
        if reply.position is None:
            self._record(request, actor, reply)
        return respond(request.correlation_id, _shaped(request.operation, reply), request.received), ()

    def _record(self, request: Request, actor: Actor | None, reply: Reply) -> None:
        entry: Json = {
            "at": _now(),
            "operation": request.operation,
            "npc_id": request.npc_id,
            "correlation_id": request.correlation_id,
            "actor": f"{actor.kind}/{actor.id}" if actor else None,
            "server": request.source.server,
            "code": int(reply.code),
            "ms": round((perf_counter() - request.received) * 1000, 3),
        }
        if reply.code < 0:
            entry["message"] = reply.message
        self._services.access.record("rejected" if reply.code < 0 else "query", entry)


def _unforeseen(operation: str, npc_id: str | None) -> Reply:
    """Must be called while an exception is handled: it goes to the log under the id that the caller gets."""
    incident = uuid4().hex[:12]
    logger.exception("unforeseen error", incident=incident, operation=operation, npc_id=npc_id)
    return Reply(Code.SYSTEM_ERROR, f"something unforeseen happened; see {incident} in the service's log")


def _shaped(operation: str, reply: Reply) -> Reply:
    shape = SHAPES.get(operation)
    if shape is None or reply.success:
        return reply
    return Reply(
        reply.code,
        reply.message,
        {**shape, **reply.data},
        field=reply.field,
        retry_after_ms=reply.retry_after_ms,
    )


def _now() -> int:
    return time_ns() // 1000
