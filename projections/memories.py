"""The read model of memories: what happened, in the words it is remembered by, and who could perceive it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from commands.mind.memory.facts import stated
from commands.mind.memory.importance import weigh
from commands.mind.memory.reflection import DUE, INDEX, MAX_CITED
from commands.mind.memory.render import REPLIED, clean, render
from events.commit import microseconds
from events.faction import FactionEventOccurred
from events.npc import (
    Location,
    NpcFactionJoined,
    NpcFactionLeft,
    NpcHeard,
    NpcInteracted,
    NpcPerceived,
    NpcProfileUpdated,
    NpcRegistered,
    NpcSpoke,
    NpcUnregistered,
)
from events.world import WorldEventOccurred
from projections.authorship import sign
from projections.memory_tables import (
    LISTED,
    LISTED_NPCS,
    LISTENING,
    MAX_CONTENT,
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
from projections.schema import SAFE_INTEGER, brief, to_text

NEUTRAL = "neutral"
REFLECTION = "reflection"
FACT_TYPES = frozenset({"fact", "statement"})
MAX_KIND = 64
MAX_SAID = 230
"""Characters of what each side of a conversation said that are remembered."""

Details = dict[str, Any]


class _Lived(NamedTuple):
    """An event as it is remembered. `importance` is for whom it happened to, `seen` for those who looked on."""

    scope: str
    source: str
    kind: str
    content: str
    importance: int
    emotion: str
    details: Details
    place: Location | None = None
    seen: int | None = None


def _keys(entry: Entry) -> Iterable[Address]:
    if entry.category == "npc":
        for event in entry.commit.events:
            if type(event) in _MEMORIES:
                yield PENDING, (entry.entity,)
                return


def _fold(rows: Rows, entry: Entry) -> None:
    total = count = most = 0
    for ordinal, event in enumerate(entry.commit.events):
        remember = _MEMORIES.get(type(event))
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


def _row(entry: Entry, ordinal: int, lived: _Lived) -> Values:
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
        lived = _Lived(
            own_scope(npc_id), REFLECTION, REFLECTION, "", most, NEUTRAL, {"since": since, "actor": npc_id}
        )
        rows.insert(MEMORIES, _row(entry, INDEX, lived))
        since = count = total = most = 0
    rows.put(
        PENDING,
        (npc_id,),
        {"npc_id": npc_id, "since": since, "count": count, "total": total, "most": most},
    )


def _perceived(npc_id: str, event: NpcPerceived) -> _Lived:
    data, kind, who = event.event_data, event.event_type, event.subject or ""
    fact = _fact(kind, data) if _states(kind, data) else None
    spoken = "text" in data or "message" in data
    content = _statement(fact) if fact and not spoken else render(kind, data, actor=who, target=npc_id)
    seen = weigh(kind, data)
    details = {"npcs": [npc_id], "actor": who, "players": [who]} if who else {"npcs": [npc_id]}
    if fact:
        details |= fact
    return _Lived(
        own_scope(npc_id), "event", _named(kind), content, weigh(kind, data, involved=True), _felt(data),
        details, event.place, seen,
    )  # fmt: skip


def _interacted(npc_id: str, event: NpcInteracted) -> _Lived:
    data, kind, who = event.data, event.interaction_type, event.player_id
    first = event.interactions == 1
    content = render(kind, data, actor=who, target=npc_id)
    if not event.accepted:
        content = f"{content[: MAX_CONTENT - 10]} (refused)"
    details: Details = {"actor": who, "players": [who], "npcs": [npc_id]}
    if _states(kind, data):
        details |= _fact(kind, data)
    return _Lived(
        own_scope(npc_id), "interaction", _named(kind), content,
        weigh(kind, data, first=first, involved=True), _felt(event.reaction),
        details, event.place, weigh(kind, data),
    )  # fmt: skip


def _spoke(npc_id: str, event: NpcSpoke) -> _Lived:
    who = event.player_id
    content = f"{clean(who, 40)}: {clean(event.message, MAX_SAID)}{REPLIED}{clean(event.response, MAX_SAID)}"
    details: Details = {"actor": who, "players": [who], "npcs": [npc_id]}
    return _Lived(
        own_scope(npc_id), "speech", "dialogue", content[:MAX_CONTENT], weigh("dialogue", {}),
        event.emotion or NEUTRAL, details, event.place,
    )  # fmt: skip


def _heard(npc_id: str, event: NpcHeard) -> _Lived:
    data, kind = event.data, event.kind
    fact = _fact(kind, data)
    target = event.victim or ""
    told = _statement(fact) if fact else render(kind, data, actor=event.actor or "", target=target)
    details: Details = {
        "told_by": list(event.chain),
        "origin": [event.position, event.index],
        "reliability": event.reliability,
        "causes": [event.position],
        **fact,
    }
    if fact:
        details.setdefault("valid_from", event.at)
    if event.actor:
        details["actor"] = event.actor
    if event.players:
        details["players"] = list(event.players)
    if event.victim:
        details["npcs"] = [event.victim]
    content = f"{clean(event.teller, 60)} told me: {told}"[:MAX_CONTENT]
    return _Lived(
        own_scope(npc_id), "hearsay", _named(kind), content, event.importance, _felt(data), details
    )  # fmt: skip


def _world(_: str, event: WorldEventOccurred) -> _Lived:
    scope = WORLD if event.affected_npcs is None else LISTED
    return _public(scope, "world", event.event_type, event.event_data)


def _faction(faction_id: str, event: FactionEventOccurred) -> _Lived:
    return _public(faction_scope(faction_id), "faction", event.event_type, event.event_data)


def _public(scope: str, source: str, kind: str, data: dict[str, Any]) -> _Lived:
    fact, details = _fact(kind, data), Details()
    who = data.get("player_id")
    if isinstance(who, str | int) and not isinstance(who, bool) and 0 < len(str(who)[:129]) <= 128:
        details = {"actor": str(who), "players": [str(who)]}
    content = _statement(fact) if fact else render(kind, data, actor=details.get("actor", ""))
    return _Lived(scope, source, _named(kind), content, weigh(kind, data), _felt(data), details | fact)


_MEMORIES: dict[type[Any], Callable[[str, Any], _Lived]] = {
    NpcPerceived: _perceived,
    NpcInteracted: _interacted,
    NpcSpoke: _spoke,
    NpcHeard: _heard,
    WorldEventOccurred: _world,
    FactionEventOccurred: _faction,
}


def _states(kind: str, data: dict[str, Any]) -> bool:
    return "fact" in data or kind in FACT_TYPES


def _fact(kind: str, data: dict[str, Any]) -> Details:
    """The statement an event makes: one of type `fact` or `statement`, or any that holds a `fact`."""
    if "fact" in data:
        told = data["fact"]
    elif kind in FACT_TYPES:
        told = data
    else:
        return {}
    if not isinstance(told, dict):
        return {}
    since = told.get("valid_from")
    if isinstance(since, str):
        told = {**told, "valid_from": _moment(since)}
    found = stated({"fact": told})
    if found is None:
        return {}
    subject, predicate, value, valid_from = found
    details: Details = {"subject": subject, "predicate": predicate, "value": value}
    if valid_from is not None:
        details["valid_from"] = valid_from
    return details


def _moment(text: str) -> int | None:
    try:
        at = datetime.fromisoformat(text[:40])
    except ValueError:
        return None
    return microseconds(at) if at.tzinfo else None


def _statement(fact: Details) -> str:
    return f"{fact['subject']} {fact['predicate'].replace('_', ' ')}: {fact['value']}"[:MAX_CONTENT]


@lru_cache(maxsize=4096)
def _named(kind: str) -> str:
    return brief(kind, MAX_KIND)


def _felt(data: dict[str, Any]) -> str:
    emotion = data.get("emotion")
    return brief(emotion, 64) if isinstance(emotion, str) and emotion else NEUTRAL


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
