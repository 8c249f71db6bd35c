"""Recalling memories: what is asked of an NPC, and how the answer looks on the wire."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, get_args

from sqlalchemy import Connection

from commands.mind.memory import recall as mind
from commands.mind.memory.facts import since
from commands.mind.memory.recall import MAX_LIMIT, Query, Recalled, Type
from commands.mind.memory.record import MILLION, Source
from commands.mind.memory.store import MemoryStore
from commands.mind.memory.tiers import tiers_of
from events.commit import microseconds, moment
from projections.projection import reads
from projections.schema import whole

TYPES: tuple[Type, ...] = get_args(Type)
DEFAULT_LIMIT = 10
MAX_QUERY = 2_000
LISTED_CITES = 20

Stores = Callable[[Connection], MemoryStore]
"""Where the memories are read from, given a connection (`adapters.sql.memory_index.MemoryIndex.on`)."""


@reads("memories")
def recall(connection: Connection, stores: Stores, question: Query, now: int) -> list[dict[str, Any]]:
    """What an NPC remembers, best first, each as `{"content", "importance" 0–1, "emotion", "at", "position",
    "source", "event_type", "player_id"?}` and why it was recalled: `rank`, `score`, `arms`.

    `happened_to` names another NPC it happened to. `source` is how it reached the log (event, interaction,
    speech, world, faction, hearsay, reflection), `perceived` how it reached the NPC (saw, heard, told, self,
    reflection); hearsay adds `told_by`, `reliability` and the `origin` told about, facts what they state,
    reflections the positions they cite. `tiers` are as of `now` (µs).
    """
    return [_shown(recalled, now) for recalled in mind.recall(stores(connection), question)]


def question(npc_id: str, memory_type: str, filters: Mapping[str, Any], now: int) -> Query:
    """The question that `get_memory` asks. Raises `ValueError` naming the field for what cannot be asked.

    `filters` may hold `player_id`, `event_type`, `query` (text), `since` (RFC 3339, or milliseconds since the
    epoch), `as_of` (a position of the log), `superseded` (true: also facts that were replaced) and `limit` (10
    unless told, at most 100); what is absent or of the wrong kind does not filter. What is forgotten by `now` is
    left out unless `since` or `as_of` looks back on purpose.
    """
    if memory_type not in TYPES:
        raise ValueError(f"memory_type must be one of {', '.join(TYPES)}")
    start, as_of = _since(filters.get("since")), whole(filters.get("as_of"))
    text = filters.get("query")
    return Query(
        npc_id,
        memory_type,
        query=text[:MAX_QUERY] if isinstance(text, str) else "",
        player_id=_id(filters.get("player_id")),
        event_type=_id(filters.get("event_type")),
        since=start,
        limit=max(1, min(whole(filters.get("limit")) or DEFAULT_LIMIT, MAX_LIMIT)),
        as_of=as_of,
        now=now if start is None and as_of is None else None,
        superseded=filters.get("superseded") is True,
    )


def _id(value: Any) -> str:
    return str(value)[:190] if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _since(value: Any) -> int | None:
    if isinstance(value, str):
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            return None
        return microseconds(at) if at.tzinfo else None
    milliseconds = whole(value)
    return None if milliseconds is None else milliseconds * 1000


def _shown(recalled: Recalled, now: int) -> dict[str, Any]:
    memory = recalled.memory
    shown: dict[str, Any] = {
        "content": memory.content,
        "importance": _fraction(memory.importance),
        "emotion": memory.emotion,
        "at": moment(memory.at).isoformat(),
        "position": memory.position,
        "index": memory.index,
        "source": memory.channel,
        "perceived": str(memory.source),
        "event_type": memory.kind,
        "tiers": sorted(tiers_of(memory, newer=recalled.newer, now=now)),
        "rank": recalled.rank,
        "score": recalled.score,
        "arms": {name: {"rank": rank, "score": score} for name, (rank, score) in recalled.arms.items()},
        "strength": _fraction(recalled.strength),
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
