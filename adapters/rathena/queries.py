"""What can be asked: each operation's query over the read models and the `data` it answers with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import time_ns
from typing import Any

from sqlalchemy import Connection

from adapters.rathena.outcomes import result_data
from adapters.rathena.services import Call, Services
from adapters.rulebooks import load
from commands.codes import Code
from commands.message import Reply
from commands.mind.memory.recall import Query
from commands.mind.rulebooks import RuleBooks
from commands.rejection import Rejected
from events.commit import Json
from projections import minds, npcs, recall, requests
from projections.projection import reads

MAX_FIELDS = 64
_OF_THE_MIND = frozenset({"emotion", "mood"})


async def get_state(services: Services, call: Call) -> Reply:
    fields = call.data.get("fields") or []
    if len(fields) > MAX_FIELDS or not all(isinstance(field, str) and len(field) <= 128 for field in fields):
        raise Rejected(
            Code.INVALID_PARAMETER,
            f"data.fields must be at most {MAX_FIELDS} field names",
            field="data.fields",
        )
    return _found(call, await ask(services, call, _state, call.npc_id, tuple(fields), _now(), load()))


async def get_emotion(services: Services, call: Call) -> Reply:
    return _found(call, await ask(services, call, minds.emotion, call.npc_id, _now(), load()))


async def get_goals(services: Services, call: Call) -> Reply:
    return _found(call, await ask(services, call, npcs.goals, call.npc_id))


async def get_memory(services: Services, call: Call) -> Reply:
    """What the NPC remembers; the filters are read by `projections.recall.question`."""
    memory_type = call.data.get("memory_type", "recent")
    filters = dict(call.data.get("filters") or {})
    if memory_type == "about_player" and "player_id" not in filters:
        if call.actor.kind != "player":
            raise _missing("data.filters.player_id")
        filters["player_id"] = call.actor.id
    if memory_type == "about_event" and not (filters.get("event_type") or filters.get("query")):
        raise _missing("data.filters.event_type")
    if memory_type == "search" and not filters.get("query"):
        raise _missing("data.filters.query")
    now = _now()
    try:
        question = recall.question(call.npc_id, memory_type, filters, now)
    except recall.UnusableFilter as error:
        raise Rejected(Code.INVALID_PARAMETER, f"data.{error}", field=f"data.{error.field}") from None
    except ValueError as error:
        raise Rejected(Code.INVALID_PARAMETER, f"data.filters.{error}", field="data.filters") from None
    question = await services.nearest.add(question, left=call.left)
    return _found(
        call, await ask(services, call, _memories, call.npc_id, services.memories.on, question, now)
    )


async def get_relationship(services: Services, call: Call) -> Reply:
    about = call.npc_id, call.data["target_id"], _now(), load()
    return _found(call, await ask(services, call, minds.relationship, *about))


async def check_result(services: Services, call: Call) -> Reply:
    """The state of an asynchronous request; that it failed is not a failure of the question."""
    request_id = call.data["request_id"]
    row = await ask(services, call, requests.request, request_id, stream=f"request/{request_id}")
    if row is None:
        raise Rejected(
            Code.INVALID_PARAMETER,
            f"data.request_id: there is no request {request_id!r}",
            field="data.request_id",
        )
    data = result_data(
        row["status"], row["error_code"], row.get("error_message", ""), row.get("result"), row["elapsed_ms"]
    )
    return Reply(data={"request_id": request_id, **data})


async def ask(
    services: Services, call: Call, query: Callable[..., Any], *args: Any, stream: str | None = None
) -> Any:
    """Run a query on read models that hold what was written through this gateway, and what the caller named."""
    needed = services.positions.needed(stream or f"npc/{call.npc_id}")
    at_least = max(needed, call.request.at_least) or None
    return await services.reads.run(query, *args, at_least=at_least, timeout=call.left)


def unknown_npc(npc_id: str) -> Rejected:
    return Rejected(
        Code.NPC_NOT_FOUND, f"npc_id: no NPC {npc_id!r} is registered; register it first", field="npc_id"
    )


@reads("npcs", "memories")
def _memories(
    connection: Connection, npc_id: str, stores: recall.Stores, question: Query, now: int
) -> Json | None:
    if not npcs.registered(connection, npc_id):
        return None
    return {"memories": recall.recall(connection, stores, question, now)}


@reads("npcs", "minds")
def _state(
    connection: Connection, npc_id: str, fields: Sequence[str], at_us: int, rules: RuleBooks
) -> Json | None:
    """The state with what the mind knows better than the profile: emotion and mood now."""
    found = npcs.state(connection, npc_id, fields)
    if found is not None and (not fields or not _OF_THE_MIND.isdisjoint(fields)):
        felt = minds.summary(connection, npc_id, at_us, rules) or {}
        found |= {name: felt[name] for name in _OF_THE_MIND if name in felt and name in found}
    return found


def _now() -> int:
    return time_ns() // 1000


def _found(call: Call, data: Json | None) -> Reply:
    if data is None:
        raise unknown_npc(call.npc_id)
    return Reply(data=data)


def _missing(field: str) -> Rejected:
    return Rejected(Code.MISSING_REQUIRED_FIELD, f"{field} is missing", field=field)
