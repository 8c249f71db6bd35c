"""What an NPC lived through: events as it remembers them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from commands.mind.memory.facts import stated
from commands.mind.memory.importance import weigh
from commands.mind.memory.render import REPLIED, clean, render
from events.commit import microseconds
from events.faction import FactionEventOccurred
from events.npc import Location, NpcHeard, NpcInteracted, NpcPerceived, NpcSpoke
from events.world import WorldEventOccurred
from projections.memory_tables import LISTED, MAX_CONTENT, WORLD, faction_scope, own_scope
from projections.schema import brief

NEUTRAL = "neutral"
REFLECTION = "reflection"
FACT_TYPES = frozenset({"fact", "statement"})
MAX_KIND = 64
MAX_SAID = 230
"""Characters of what each side of a conversation said that are remembered."""

Details = dict[str, Any]


class Lived(NamedTuple):
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


def _perceived(npc_id: str, event: NpcPerceived) -> Lived:
    data, kind, who = event.event_data, event.event_type, event.subject or ""
    fact = _fact(kind, data) if _states(kind, data) else None
    spoken = "text" in data or "message" in data
    content = _statement(fact) if fact and not spoken else render(kind, data, actor=who, target=npc_id)
    seen = weigh(kind, data)
    details = {"npcs": [npc_id], "actor": who, "players": [who]} if who else {"npcs": [npc_id]}
    if fact:
        details |= fact
    return Lived(
        own_scope(npc_id), "event", _named(kind), content, weigh(kind, data, involved=True), _felt(data),
        details, event.place, seen,
    )  # fmt: skip


def _interacted(npc_id: str, event: NpcInteracted) -> Lived:
    data, kind, who = event.data, event.interaction_type, event.player_id
    first = event.interactions == 1
    content = render(kind, data, actor=who, target=npc_id)
    if not event.accepted:
        content = f"{content[: MAX_CONTENT - 10]} (refused)"
    details: Details = {"actor": who, "players": [who], "npcs": [npc_id]}
    if _states(kind, data):
        details |= _fact(kind, data)
    return Lived(
        own_scope(npc_id), "interaction", _named(kind), content,
        weigh(kind, data, first=first, involved=True), _felt(event.reaction),
        details, event.place, weigh(kind, data),
    )  # fmt: skip


def _spoke(npc_id: str, event: NpcSpoke) -> Lived:
    who = event.player_id
    content = f"{clean(who, 40)}: {clean(event.message, MAX_SAID)}{REPLIED}{clean(event.response, MAX_SAID)}"
    details: Details = {"actor": who, "players": [who], "npcs": [npc_id]}
    return Lived(
        own_scope(npc_id), "speech", "dialogue", content[:MAX_CONTENT], weigh("dialogue", {}),
        event.emotion or NEUTRAL, details, event.place,
    )  # fmt: skip


def _heard(npc_id: str, event: NpcHeard) -> Lived:
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
    return Lived(
        own_scope(npc_id), "hearsay", _named(kind), content, event.importance, _felt(data), details
    )  # fmt: skip


def _world(_: str, event: WorldEventOccurred) -> Lived:
    scope = WORLD if event.affected_npcs is None else LISTED
    return _public(scope, "world", event.event_type, event.event_data)


def _faction(faction_id: str, event: FactionEventOccurred) -> Lived:
    return _public(faction_scope(faction_id), "faction", event.event_type, event.event_data)


def _public(scope: str, source: str, kind: str, data: dict[str, Any]) -> Lived:
    fact, details = _fact(kind, data), Details()
    who = data.get("player_id")
    if isinstance(who, str | int) and not isinstance(who, bool) and 0 < len(str(who)[:129]) <= 128:
        details = {"actor": str(who), "players": [str(who)]}
    content = _statement(fact) if fact else render(kind, data, actor=details.get("actor", ""))
    return Lived(scope, source, _named(kind), content, weigh(kind, data), _felt(data), details | fact)


MEMORABLE: dict[type[Any], Callable[[str, Any], Lived]] = {
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
