"""The read model of memories: what happened, in the words it is remembered by, and who could perceive it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from commands.mind.memory.reflection import DUE, INDEX, MAX_CITED
from events.npc import (
    Location,
    NpcFactionJoined,
    NpcFactionLeft,
    NpcProfileUpdated,
    NpcRegistered,
    NpcUnregistered,
)
from projections.authorship import sign
from projections.lived import MEMORABLE, NEUTRAL, REFLECTION, Lived
from projections.memory_tables import (
    LISTED,
    LISTED_NPCS,
    LISTENING,
    MEMORIES,
    PENDING,
    PLACES,
    WORLD,
    area_of,
    faction_scope,
    own_scope,
)
from projections.projection import Address, Entry, Projection
from projections.rows import Rows, Values
from projections.schema import SAFE_INTEGER, to_text


def _keys(entry: Entry) -> Iterable[Address]:
    if entry.category == "npc":
        for event in entry.commit.events:
            if type(event) in MEMORABLE:
                yield PENDING, (entry.entity,)
                return


def _fold(rows: Rows, entry: Entry) -> None:
    total = count = most = 0
    for ordinal, event in enumerate(entry.commit.events):
        remember = MEMORABLE.get(type(event))
        if remember is not None:
            lived = remember(entry.entity, event)
            sign(lived.details, event, entry.commit.actor.kind)
            rows.insert(MEMORIES, _row(entry, ordinal, lived))
            total, count, most = total + lived.importance, count + 1, max(most, lived.importance)
            if lived.scope is LISTED:
                for npc_id in dict.fromkeys(event.affected_npcs):  # type: ignore[attr-defined]
                    rows.insert(LISTED_NPCS, (npc_id, entry.position, ordinal))
        else:
            changed = _CIRCUMSTANCES.get(type(event))
            if changed is not None:
                changed(rows, entry, ordinal, event)
    if count and entry.category == "npc":
        _ponder(rows, entry, count, total, most)


def _row(entry: Entry, ordinal: int, lived: Lived) -> Values:
    scope, source, kind, content, importance, emotion, details, place, seen = lived
    area = None
    if entry.commit.correlation_id != entry.commit.command.id:
        details["scene"] = entry.commit.correlation_id
    x = y = None
    if place is not None and place.map:
        details["place"] = place.map
        if _on_a_map(place):
            x, y = place.x, place.y
            area = area_of(place.map, x, y)  # type: ignore[arg-type]
    if seen is not None and seen != importance:
        details["seen"] = seen
    return (
        entry.position,
        ordinal,
        scope,
        entry.at,
        source,
        kind,
        importance,
        emotion,
        content,
        area,
        x,
        y,
        to_text(details),
    )


def _on_a_map(place: Location) -> bool:
    return (
        bool(place.map)
        and place.x is not None
        and place.y is not None
        and abs(place.x) <= SAFE_INTEGER
        and abs(place.y) <= SAFE_INTEGER
    )


def _ponder(rows: Rows, entry: Entry, count: int, total: int, most: int) -> None:
    """A reflection is due when enough was lived through; what it says is made of the rows when it is read."""
    npc_id = entry.entity
    row = rows.get(PENDING, (npc_id,))
    since = entry.position
    if row is not None and row["count"]:
        since, count, total = row["since"], row["count"] + count, row["total"] + total
        most = max(row["most"], most)
    if total >= DUE or count >= MAX_CITED:
        lived = Lived(
            own_scope(npc_id), REFLECTION, REFLECTION, "", most, NEUTRAL, {"since": since, "actor": npc_id}
        )
        rows.insert(MEMORIES, _row(entry, INDEX, lived))
        since = count = total = most = 0
    rows.put(
        PENDING,
        (npc_id,),
        {"npc_id": npc_id, "since": since, "count": count, "total": total, "most": most},
    )


def _listen(rows: Rows, entry: Entry, ordinal: int, scope: str, begins: int) -> None:
    rows.insert(LISTENING, (entry.entity, entry.position, ordinal, scope, begins))


def _stand(rows: Rows, entry: Entry, ordinal: int, place: Location) -> None:
    known = _on_a_map(place)
    where = (place.map[:120], place.x, place.y) if known and place.map else (None, None, None)
    rows.insert(PLACES, (entry.entity, entry.position, ordinal, *where))


def _registered(rows: Rows, entry: Entry, ordinal: int, event: NpcRegistered) -> None:
    _listen(rows, entry, ordinal, WORLD, 1)
    if event.profile.location.map:
        _stand(rows, entry, ordinal, event.profile.location)


def _unregistered(rows: Rows, entry: Entry, ordinal: int, _: NpcUnregistered) -> None:
    _listen(rows, entry, ordinal, "", 0)
    _stand(rows, entry, ordinal, Location())


def _moved(rows: Rows, entry: Entry, ordinal: int, event: NpcProfileUpdated) -> None:
    if "location" in event.changed:
        _stand(rows, entry, ordinal, event.profile.location)


def _joined(rows: Rows, entry: Entry, ordinal: int, event: NpcFactionJoined) -> None:
    _listen(rows, entry, ordinal, faction_scope(event.faction_id), 1)


def _left(rows: Rows, entry: Entry, ordinal: int, event: NpcFactionLeft) -> None:
    _listen(rows, entry, ordinal, faction_scope(event.faction_id), 0)


_CIRCUMSTANCES: dict[type[Any], Callable[[Rows, Entry, int, Any], None]] = {
    NpcRegistered: _registered,
    NpcUnregistered: _unregistered,
    NpcProfileUpdated: _moved,
    NpcFactionJoined: _joined,
    NpcFactionLeft: _left,
}

NPC_MEMORIES = Projection(
    "memories",
    3,
    (MEMORIES, LISTED_NPCS, LISTENING, PLACES, PENDING),
    _keys,
    _fold,
    frozenset({"npc", "world", "faction"}),
)
