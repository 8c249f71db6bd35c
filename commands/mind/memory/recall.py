"""One entry for everything an NPC is asked to remember."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import compress
from operator import le
from typing import Literal, get_args

from commands.mind.memory.forgetting import lasts, strength
from commands.mind.memory.index import Index
from commands.mind.memory.record import Memory, Source
from commands.mind.memory.search import Hit, fuse, score_arms
from commands.mind.memory.segment import LASTING, SealedSegment, Segment, kind_term, player_term
from commands.mind.memory.store import MemoryStore
from commands.mind.memory.sums import SCALE, Scores
from commands.mind.memory.weights import SHIPPED, Weights

Type = Literal["recent", "important", "about_player", "about_event", "search"]
TYPES: tuple[Type, ...] = get_args(Type)
MAX_LIMIT = 100
FEW = 20
"""Memories, most relevant to a text, of which the newest or weightiest are asked for."""
POOL = 200
"""Newest and weightiest memories that are ranked when a question about somebody or something has no text."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of one NPC.

    `type` and the filters are those of `ai_npc_get_memory` (native-script-commands.md §2.2.5) plus free-text
    `search`. `since`: not before this time (µs). `as_of`: only what the NPC knew at this log position. `now`
    (µs): leave out what is forgotten by then; None forgets nothing. `superseded`: also facts that were
    replaced. `nearest`: a further arm of (event, similarity), best first, from stored vectors; it only counts
    for memories the filters let through.
    """

    owner: str
    type: Type = "recent"
    query: str = ""
    player_id: str = ""
    event_type: str = ""
    since: int | None = None
    limit: int = 10
    as_of: int | None = None
    now: int | None = None
    superseded: bool = False
    nearest: tuple[tuple[tuple[int, int], int], ...] = ()

    def __post_init__(self) -> None:
        """Raises `ValueError`, naming the field and the remedy, for what cannot be asked."""
        if self.type not in TYPES:
            raise ValueError(f"type: {self.type!r} is unknown; use one of {', '.join(TYPES)}")
        if not 1 <= self.limit <= MAX_LIMIT:
            raise ValueError(f"limit: {self.limit} is out of range; use 1 to {MAX_LIMIT}")
        if self.type == "about_player" and not self.player_id:
            raise ValueError("player_id: missing; name the player that about_player asks for")
        if self.type == "about_event" and not (self.event_type or self.query.strip()):
            raise ValueError("event_type: missing; about_event needs an event_type or a query")
        if self.type == "search" and not self.query.strip() and not self.nearest:
            raise ValueError("query: missing; search needs some text")


@dataclass(frozen=True, slots=True)
class Recalled:
    """One memory that was recalled, and why: its rank (1 = best) and score in every arm that found it.

    `strength` is what time has left of it, in millionths (its importance if `Query.now` is None).
    """

    memory: Memory
    rank: int
    score: int
    arms: dict[str, tuple[int, int]]
    strength: int
    newer: int
    """How many memories the NPC has made since."""


def recall(store: MemoryStore, query: Query, *, weights: Weights = SHIPPED) -> list[Recalled]:
    """What the NPC remembers, best first.

    `recent`: newest first. `important`: weightiest first; with text, of those most relevant to it.
    `about_player`, `about_event`: by relevance if
    there is text, else by recency and importance fused. `search`: by relevance only; recency and importance
    merely break ties. The filters are applied before anything is ranked, and a question as of a position
    gives exactly the answer that was given then. Time: O(memories that hold a word of the question); reads
    only what it needs and changes nothing.
    """
    index = _index(store, query)
    hits = _hits(index, query, weights)
    events = [
        (segment.position[number], segment.event[number])
        for segment, number in map(index.at, _ordinals(hits))
    ]
    found = {memory.id: memory for memory in store.memories(query.owner, events)}
    known = [(hit, found[event]) for hit, event in zip(hits, events, strict=True) if event in found]
    return [
        Recalled(
            memory, rank, hit.score, hit.arms, _strength(memory, query.now), index.size - 1 - hit.ordinal
        )
        for rank, (hit, memory) in enumerate(known, 1)
    ]


def _ordinals(hits: Iterable[Hit]) -> Iterable[int]:
    return (hit.ordinal for hit in hits)


def _hits(index: Index, query: Query, weights: Weights) -> list[Hit]:
    if not index.size:
        return []
    if query.type in _ORDERED and query.query.strip():
        found = _relevant(index, query, weights, max(query.limit, FEW))
        return sorted(found, key=_ORDERED[query.type](index))[: query.limit]
    if query.type == "recent":
        return _by_one(
            index, "recency", _newest(index, query.limit), lambda segment, number: segment.at[number]
        )
    if query.type == "important":
        return _by_one(
            index,
            "importance",
            _weightiest(index, query.limit),
            lambda segment, number: segment.importance[number],
        )
    if query.query.strip() or query.nearest:
        return _relevant(index, query, weights, query.limit)
    arms = {
        "recency": {ordinal: ordinal + 1 for ordinal in _newest(index, POOL)},
        "importance": {ordinal: _importance(index, ordinal) + 1 for ordinal in _weightiest(index, POOL)},
    }
    return fuse(arms, dict.fromkeys(arms, SCALE), index, limit=query.limit, k=weights.fusion_k)


def _relevant(index: Index, query: Query, weights: Weights, limit: int) -> list[Hit]:
    arms = score_arms(index, query.query, weights)
    parts = {"words": SCALE, "characters": weights.fuzzy, "vectors": SCALE}
    if query.nearest:
        arms["vectors"] = _visible(index, query.nearest)
    return fuse(arms, parts, index, limit=limit, k=weights.fusion_k)


_ORDERED: dict[str, Callable[[Index], Callable[[Hit], tuple[int, ...]]]] = {
    "recent": lambda _: lambda hit: (-hit.ordinal,),
    "important": lambda index: lambda hit: (-_importance(index, hit.ordinal), -hit.ordinal),
}


def _by_one(index: Index, arm: str, ordinals: list[int], score: Callable[[Segment, int], int]) -> list[Hit]:
    scores = [score(*index.at(ordinal)) for ordinal in ordinals]
    pairs = zip(ordinals, scores, strict=True)
    return [Hit(ordinal, value, {arm: (rank, value)}) for rank, (ordinal, value) in enumerate(pairs, 1)]


def _newest(index: Index, count: int) -> list[int]:
    found: list[int] = []
    for ordinal in range(index.size - 1, -1, -1):
        if index.allowed is None or index.allowed[ordinal]:
            found.append(ordinal)
            if len(found) == count:
                break
    return found


def _weightiest(index: Index, count: int) -> list[int]:
    packed = (
        importance << 32 | segment.first + number
        for segment in index.segments
        for number, importance in enumerate(segment.importance[: index.size - segment.first])
    )
    allowed = index.allowed
    if allowed is not None:
        packed = (value for value in packed if allowed[value & 0xFFFF_FFFF])
    return [value & 0xFFFF_FFFF for value in nlargest(count, packed)]


def _importance(index: Index, ordinal: int) -> int:
    segment, number = index.at(ordinal)
    return segment.importance[number]


def _visible(index: Index, nearest: Iterable[tuple[tuple[int, int], int]]) -> Scores:
    found: Scores = {}
    for event, similarity in nearest:
        ordinal = index.ordinal(event)
        if ordinal is not None and similarity > 0:
            found[ordinal] = similarity
    return found


def _index(store: MemoryStore, query: Query) -> Index:
    """The NPC's index as the query may see it: cut at `as_of`, filtered by everything else."""
    segments = store.segments(query.owner)
    size = sum(len(segment) for segment in segments)
    if query.as_of is not None:
        size = sum(bisect_right(segment.position, query.as_of) for segment in segments)
    index = Index(segments, size)
    closed = [] if query.superseded else _closed(store, query, index)
    if query.player_id or query.event_type or query.since is not None or query.now is not None or closed:
        allowed = _allowed(index, query, closed)
        # Nothing hidden, the usual case, spares every look at it.
        index.allowed = allowed if 0 in allowed else None
    return index


def _closed(store: MemoryStore, query: Query, index: Index) -> list[int]:
    """Ordinals of facts that were superseded by what the NPC knows at the time of the question."""
    found = [
        index.ordinal(event)
        for event, position in store.superseded(query.owner).items()
        if query.as_of is None or position <= query.as_of
    ]
    return [ordinal for ordinal in found if ordinal is not None]


def _allowed(index: Index, query: Query, closed: Sequence[int]) -> bytearray:
    wanted = [term for term in (
        query.player_id and player_term(query.player_id), query.event_type and kind_term(query.event_type),
    ) if term]  # fmt: skip
    allowed = bytearray(index.size) if wanted else bytearray(b"\x01") * index.size
    if wanted:
        holders = [index.holding(term) for term in wanted]
        for ordinal in set(holders[0]).intersection(*holders[1:]):
            allowed[ordinal] = 1
    for segment in index.segments:
        if query.since is not None:
            for number, at in enumerate(segment.at[: index.size - segment.first]):
                if at < query.since:
                    allowed[segment.first + number] = 0
        if query.now is not None:
            _forget(segment, min(index.size - segment.first, len(segment)), query.now, allowed)
    for ordinal in closed:
        allowed[ordinal] = 0
    return allowed


def _forget(segment: Segment, end: int, now: int, allowed: bytearray) -> None:
    if isinstance(segment, SealedSegment) and now < segment.intact_until:
        return
    # Ten thousand memories are looked at for a question: nothing here is done per memory in Python.
    importance = segment.importance[:end]
    cuts = {weight: now - lasts(weight) for weight in set(importance)}
    if not cuts or min(segment.at[:end]) > max(cuts.values()):
        return
    faded = map(le, segment.at[:end], map(cuts.__getitem__, importance))
    for number in compress(range(end), faded):
        if not segment.flags[number] & LASTING:
            allowed[segment.first + number] = 0


def _strength(memory: Memory, now: int | None) -> int:
    if now is None or memory.is_fact or memory.source is Source.REFLECTION:
        return memory.importance
    return strength(memory.importance, now - memory.at)
