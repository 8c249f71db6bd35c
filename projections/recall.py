"""Recalling memories: what is asked of an NPC, and how the answer looks on the wire."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, get_args

from sqlalchemy import Connection

from commands.mind.memory import recall as mind
from commands.mind.memory.facts import since
from commands.mind.memory.recall import MAX_LIMIT, Query, Recalled, Type
from commands.mind.memory.record import MILLION, Memory, Source
from commands.mind.memory.store import MemoryStore
from commands.mind.memory.tiers import tiers_of
from events.commit import microseconds, moment
from projections.projection import reads
from projections.schema import whole

TYPES: tuple[Type, ...] = get_args(Type)
DEFAULT_LIMIT = 10
MAX_QUERY = 2_000
LISTED_CITES = 20

MAX_DIGITS = 18

Stores = Callable[[Connection], MemoryStore]
"""Where the memories are read from, given a connection (`adapters.sql.memory_index.MemoryIndex.on`)."""


class UnusableFilter(ValueError):
    """`field` of the question, and what it must be."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field} {problem}")
        self.field = field


@reads("memories")
def recall(connection: Connection, stores: Stores, question: Query, now: int) -> list[dict[str, Any]]:
    """What an NPC remembers, best first, each as `{"content", "importance" 0–1, "emotion", "at", "position",
    "source", "event_type", "player_id"?}` and why it was recalled: `rank`, `score`, `arms`.

    `happened_to` names another NPC it happened to. `source` is how it reached the log (event, interaction,
    speech, world, faction, hearsay, reflection), `perceived` how it reached the NPC (saw, heard, told, self,
    reflection), `author` whose words it holds (gm, player, model, import); hearsay adds `told_by`, `reliability`
    and the `origin` told about, facts what they state, reflections the positions they cite. `tiers` are as of
    `now` (µs).
    """
    return [_shown(recalled, now) for recalled in mind.recall(stores(connection), question)]


def question(npc_id: str, memory_type: str, filters: Mapping[str, Any], now: int) -> Query:
    """The question that `get_memory` asks. Raises `UnusableFilter` for what cannot be asked.

    `filters` may hold `player_id`, `event_type`, `query` (text), `since` (RFC 3339, or milliseconds since the
    epoch), `as_of` (a position of the log), `superseded` (true: also facts that were replaced) and `limit` (10
    unless told, at most 100); what is absent or null does not filter. What is forgotten by `now` is left out unless
    `since` or `as_of` looks back on purpose.
    """
    if memory_type not in TYPES:
        raise UnusableFilter("memory_type", f"must be one of {', '.join(TYPES)}")
    start, as_of = _since(filters.get("since")), _position(filters.get("as_of"))
    return Query(
        npc_id,
        memory_type,
        query=_text(filters, "query")[:MAX_QUERY],
        player_id=_id(filters, "player_id"),
        event_type=_id(filters, "event_type"),
        since=start,
        limit=_limit(filters.get("limit")),
        as_of=as_of,
        now=now if start is None and as_of is None else None,
        superseded=_flag(filters, "superseded"),
    )


def _text(filters: Mapping[str, Any], name: str) -> str:
    value = filters.get(name)
    if value is not None and not isinstance(value, str):
        raise UnusableFilter(f"filters.{name}", "must be text")
    return value or ""


def _id(filters: Mapping[str, Any], name: str) -> str:
    value = filters.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | None):
        raise UnusableFilter(f"filters.{name}", "must be text or a whole number")
    return "" if value is None else str(value)[:190]


def _flag(filters: Mapping[str, Any], name: str) -> bool:
    value = filters.get(name)
    # Scripts know no booleans: 0 and 1 stand for them.
    if value not in (None, True, False):
        raise UnusableFilter(f"filters.{name}", "must be true or false")
    return bool(value)


def _number(value: Any, name: str) -> int | None:
    if isinstance(value, str) and value.lstrip("-").isdecimal() and len(value) <= MAX_DIGITS:
        value = int(value)
    if value is None:
        return None
    found = whole(value)
    if found is None or found != value:
        raise UnusableFilter(f"filters.{name}", "must be a whole number")
    return found


def _limit(value: Any) -> int:
    limit = _number(value, "limit")
    if limit is not None and limit < 1:
        raise UnusableFilter("filters.limit", f"must be a whole number from 1 to {MAX_LIMIT}")
    return min(limit or DEFAULT_LIMIT, MAX_LIMIT)


def _position(value: Any) -> int | None:
    position = _number(value, "as_of")
    if position is not None and position < 0:
        raise UnusableFilter("filters.as_of", "must be a position of the log")
    return position


def _since(value: Any) -> int | None:
    if isinstance(value, str) and not value.lstrip("-").isdecimal():
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            at = None
        if at is None or at.tzinfo is None:
            raise UnusableFilter(
                "filters.since", "must be RFC 3339 with its offset (2026-03-01T12:00:00Z), or milliseconds"
            )
        return microseconds(at)
    milliseconds = _number(value, "since")
    return None if milliseconds is None else milliseconds * 1000


def _shown(recalled: Recalled, now: int) -> dict[str, Any]:
    memory = recalled.memory
    return told(memory) | {
        "tiers": sorted(tiers_of(memory, newer=recalled.newer, now=now)),
        "rank": recalled.rank,
        "score": recalled.score,
        "arms": {name: {"rank": rank, "score": score} for name, (rank, score) in recalled.arms.items()},
        "strength": _fraction(recalled.strength),
    }


def told(memory: Memory) -> dict[str, Any]:
    """A memory as it is told: see `recall`."""
    shown: dict[str, Any] = {
        "content": memory.content,
        "importance": _fraction(memory.importance),
        "emotion": memory.emotion,
        "at": moment(memory.at).isoformat(),
        "position": memory.position,
        "index": memory.index,
        "source": memory.channel,
        "perceived": str(memory.source),
        "author": str(memory.author),
        "event_type": memory.kind,
    }
    if memory.npcs and memory.npcs[0] != memory.owner:
        shown["happened_to"] = memory.npcs[0]
    if memory.players:
        shown["player_id"] = memory.players[0]
    if memory.place:
        shown["place"] = memory.place
    if memory.source is Source.TOLD:
        shown |= {
            "told_by": list(memory.told_by),
            "reliability": _fraction(memory.reliability),
            "origin": list(memory.event),
        }
    if memory.is_fact:
        shown["fact"] = {
            "subject": memory.subject,
            "predicate": memory.predicate,
            "value": memory.value,
            "valid_from": _told(since(memory)),
        }
    if memory.cites:
        shown["cites"] = list(memory.cites[:LISTED_CITES])
    return shown


def _told(at: int) -> str | None:
    try:
        return moment(at).isoformat()
    except OverflowError:
        return None  # a story from beyond the calendar


def _fraction(value: int) -> float:
    return round(value / MILLION, 3)
