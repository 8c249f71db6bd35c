"""The read model of memories: what an NPC noticed, and how it is recalled.

What happens to one NPC is stored under its own scope. What happens to the world or to a faction is stored once,
under `*` or the faction's scope, and every listener finds it there; who listened, and when, is one small row
per NPC. Only an explicit list of affected NPCs costs a (narrow) row per name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Index

from events.faction import FactionEventOccurred
from events.npc import (
    NpcFactionJoined,
    NpcFactionLeft,
    NpcInteracted,
    NpcPerceived,
    NpcRegistered,
    NpcSpoke,
    NpcUnregistered,
)
from events.world import WorldEventOccurred
from projections.importance import importance
from projections.projection import Address, Entry, Projection
from projections.rows import Rows
from projections.schema import (
    INTEGER,
    SAFE_INTEGER,
    brief,
    from_text,
    name,
    optional,
    required,
    table,
    to_text,
)

MAX_CONTENT = 280
MAX_PERIODS = 32
WORLD = "*"
LISTED = "listed"
NEUTRAL = "neutral"

MEMORIES = table(
    "memories",
    required("position", INTEGER, key=True),
    required("ordinal", INTEGER, key=True),
    required("scope", name()),
    required("at", INTEGER),
    required("source", name(16)),
    required("event_type", name(64)),
    optional("other_id", name()),
    required("importance", INTEGER),
    required("emotion", name(64)),
    required("content", name(MAX_CONTENT)),
    clustered=True,
)
Index("ix_memories_scope", MEMORIES.c.scope, MEMORIES.c.position)
Index("ix_memories_importance", MEMORIES.c.scope, MEMORIES.c.importance, MEMORIES.c.position)
Index("ix_memories_other", MEMORIES.c.scope, MEMORIES.c.other_id, MEMORIES.c.position)

LISTED_NPCS = table(
    "memory_listed",
    required("npc_id", name(), key=True),
    required("position", INTEGER, key=True),
    required("ordinal", INTEGER, key=True),
    clustered=True,
)

LISTENERS = table(
    "memory_listeners",
    required("npc_id", name(), key=True),
    required("periods", name(4000)),
    clustered=True,
)
"""`periods`: by scope, the positions between which the NPC listened, `[[from, until or null], …]`."""


def own_scope(npc_id: str) -> str:
    return f"npc:{npc_id}"


def faction_scope(faction_id: str) -> str:
    return f"faction:{faction_id}"


def _keys(entry: Entry) -> Iterable[Address]:
    for event in entry.commit.events:
        if type(event) in _LISTENING:
            yield LISTENERS, (entry.entity,)


def _fold(rows: Rows, entry: Entry) -> None:
    entity = entry.entity
    for ordinal, event in enumerate(entry.commit.events):
        kind = type(event)
        memory = _MEMORIES.get(kind)
        if memory is not None:
            scope, source, event_type, other_id, emotion, content, data = memory(entity, event)
            rows.insert(
                MEMORIES,
                {
                    "position": entry.position,
                    "ordinal": ordinal,
                    "scope": scope,
                    "at": entry.at,
                    "source": source,
                    "event_type": event_type,
                    "other_id": other_id,
                    "importance": importance(source, event_type, data),
                    "emotion": emotion,
                    "content": brief(content, MAX_CONTENT),
                },
            )
        if isinstance(event, WorldEventOccurred) and event.affected_npcs is not None:
            for npc_id in dict.fromkeys(event.affected_npcs):
                place = {"npc_id": npc_id, "position": entry.position, "ordinal": ordinal}
                rows.insert(LISTED_NPCS, place)
        listen = _LISTENING.get(kind)
        if listen is not None:
            _update_listener(rows, entity, listen(event, entry.position))


Memory = tuple[str, str, str, str | None, str, str, dict[str, Any]]
"""scope, source, event type, the other party, emotion, content, what may state an importance"""


def _perceived(npc_id: str, event: NpcPerceived) -> Memory:
    data = event.event_data
    content = _told(event.event_type, data)
    return own_scope(npc_id), "event", event.event_type, event.subject, _felt(data), content, data


def _interacted(npc_id: str, event: NpcInteracted) -> Memory:
    data, kind = event.data, event.interaction_type
    content = f"{event.player_id}: {_told(kind, data)}" + ("" if event.accepted else " (refused)")
    return own_scope(npc_id), "interaction", kind, event.player_id, _felt(event.reaction), content, data


def _spoke(npc_id: str, event: NpcSpoke) -> Memory:
    content = f"{event.player_id}: {event.message[:120]} / I said: {event.response[:140]}"
    emotion = event.emotion or NEUTRAL
    return own_scope(npc_id), "speech", "dialogue", event.player_id, emotion, content, {}


def _world(_: str, event: WorldEventOccurred) -> Memory:
    data = event.event_data
    scope = WORLD if event.affected_npcs is None else LISTED
    return scope, "world", event.event_type, None, _felt(data), _told(event.event_type, data), data


def _faction(faction_id: str, event: FactionEventOccurred) -> Memory:
    data = event.event_data
    content = _told(event.event_type, data)
    return faction_scope(faction_id), "faction", event.event_type, None, _felt(data), content, data


_MEMORIES: dict[type[Any], Callable[[str, Any], Memory]] = {
    NpcPerceived: _perceived,
    NpcInteracted: _interacted,
    NpcSpoke: _spoke,
    WorldEventOccurred: _world,
    FactionEventOccurred: _faction,
}


def _felt(data: dict[str, Any]) -> str:
    emotion = data.get("emotion")
    return brief(emotion, 64) if isinstance(emotion, str) and emotion else NEUTRAL


def _told(event_type: str, data: dict[str, Any]) -> str:
    """An event in one line: its type and what is simple enough to say."""
    said, length = [], 0
    for key, value in data.items():
        if isinstance(value, str):
            value = value[:MAX_CONTENT]
        elif isinstance(value, int | float) and abs(value) > SAFE_INTEGER:
            continue
        if isinstance(value, str | int | float) and value != "":
            part = f"{key[:MAX_CONTENT]} {value}"
            said.append(part)
            length += len(part)
            if length > MAX_CONTENT:
                break
    title = event_type.replace("_", " ")
    return f"{title}: {', '.join(said)}" if said else title


Periods = dict[str, list[list[int | None]]]


def _begin(scope: str, position: int) -> Callable[[Periods], None]:
    def begin(periods: Periods) -> None:
        heard = periods.setdefault(scope, [])
        if not heard or heard[-1][1] is not None:
            heard.append([position, None])
            del heard[:-MAX_PERIODS]

    return begin


def _end(scope: str | None, position: int) -> Callable[[Periods], None]:
    def end(periods: Periods) -> None:
        for heard in periods.values() if scope is None else [periods.get(scope, [])]:
            if heard and heard[-1][1] is None:
                heard[-1][1] = position

    return end


_LISTENING: dict[type[Any], Callable[[Any, int], Callable[[Periods], None]]] = {
    NpcRegistered: lambda _, position: _begin(WORLD, position),
    NpcUnregistered: lambda _, position: _end(None, position),
    NpcFactionJoined: lambda event, position: _begin(faction_scope(event.faction_id), position),
    NpcFactionLeft: lambda event, position: _end(faction_scope(event.faction_id), position),
}


def _update_listener(rows: Rows, npc_id: str, change: Callable[[Periods], None]) -> None:
    row = rows.get(LISTENERS, (npc_id,))
    periods: Periods = from_text(row["periods"]) if row else {}
    change(periods)
    rows.put(LISTENERS, (npc_id,), {"npc_id": npc_id, "periods": to_text(periods)})


NPC_MEMORIES = Projection(
    "memories",
    1,
    (MEMORIES, LISTED_NPCS, LISTENERS),
    _keys,
    _fold,
    frozenset({"npc", "world", "faction"}),
)
