"""Memories of NPCs in SQL: plain rows written by a projection, and an index of them built when it is wanted.

A projection only inserts rows; nothing is tokenised while it folds. `MemoryIndex.segments`
reads the sealed segments of one NPC and the rows after them, which it indexes in memory; `catch_up`, called
when the projector is idle, seals them for good. The index is a cache: it can be dropped at any time and is
keyed by a generation, so that rows of a rebuilt projection never meet an index of the old one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol

from sqlalchemy import (
    Connection,
    Engine,
    bindparam,
    delete,
    insert,
    select,
)

from commands.mind.memory.facts import supersessions
from commands.mind.memory.record import Memory
from commands.mind.memory.segment import FACT_TERM, OpenSegment, SealedSegment, Segment
from commands.mind.memory.store import LEVELS, MemoryStore, runs
from commands.mind.memory.text import key
from projections.memory_tables import SEGMENTS
from projections.prepared import Prepared

CACHE_BYTES = 64 << 20
OPEN_COST = 1_500
"""Bytes of RAM one memory of an open segment takes, measured with messages of 20 words."""
BATCH = 2_000
_BLOCKS = Prepared(
    select(SEGMENTS.c.block)
    .where(SEGMENTS.c.npc_id == bindparam("owner"), SEGMENTS.c.generation == bindparam("of_generation"))
    .order_by(SEGMENTS.c.first)
)
_FACTS = key(FACT_TERM)


class MemoryRows(Protocol):
    """Where the plain memories are; in the platform `projections.recollection.PerceivedRows`."""

    def after(
        self, connection: Connection, owner: str, event: tuple[int, int], limit: int
    ) -> Sequence[Memory]:
        """The owner's memories after an event (position, index), in log order, at most `limit`."""
        ...

    def find(self, connection: Connection, owner: str, events: Sequence[tuple[int, int]]) -> Sequence[Memory]:
        """The owner's memories made by these events, in any order."""
        ...

    def generation(self, connection: Connection, /) -> str:
        """Another text whenever rows changed other than by new ones at the end."""
        ...


@dataclass(slots=True)
class _Shelf:
    """What is kept in RAM of one NPC: its sealed segments and an open one over the rows after them."""

    sealed: list[SealedSegment]
    tail: OpenSegment
    last: tuple[int, int]
    lock: Lock = field(default_factory=Lock)
    stated: int = 0
    superseded: Mapping[tuple[int, int], int] = field(default_factory=dict)

    @property
    def segments(self) -> list[Segment]:
        return [*self.sealed, *([self.tail] if len(self.tail) else ())]

    @property
    def cost(self) -> int:
        return sum(segment.bytes for segment in self.sealed) + OPEN_COST * len(self.tail)

    @property
    def count(self) -> int:
        return self.tail.first + len(self.tail)


class MemoryIndex:
    """The index over `rows`, with a bounded cache of the NPCs asked last. Safe to use from several threads.

    At most about `cache_bytes` stay in RAM. `on` gives the `MemoryStore` that a question through some connection
    reads from; everything here is synchronous and belongs into a worker thread when on an event loop.
    """

    def __init__(self, rows: MemoryRows, *, cache_bytes: int = CACHE_BYTES) -> None:
        self._rows, self._cache_bytes = rows, cache_bytes
        self._generation = ""
        self._shelves: OrderedDict[str, _Shelf] = OrderedDict()
        self._costs: dict[str, int] = {}
        self._lock = Lock()

    def on(self, connection: Connection) -> MemoryStore:
        """The memories as this connection sees them."""
        return _Reading(self, connection)

    def segments(self, connection: Connection, owner: str) -> Sequence[Segment]:
        """As `MemoryStore.segments`: the sealed index, and what came since, indexed now."""
        self._check(connection)
        shelf = self._shelf(connection, owner)
        with shelf.lock:
            self._read_tail(connection, owner, shelf)
            found = shelf.segments
        self._keep(owner, shelf)
        return found

    def find(self, connection: Connection, owner: str, events: Sequence[tuple[int, int]]) -> Sequence[Memory]:
        """As `MemoryStore.memories`."""
        if not events:
            return []
        found = {memory.id: memory for memory in self._rows.find(connection, owner, events)}
        return [found[event] for event in events if event in found]

    def superseded(self, connection: Connection, owner: str) -> Mapping[tuple[int, int], int]:
        """As `MemoryStore.superseded`: derived from the statements the NPC knows of."""
        self._check(connection)
        shelf = self._shelf(connection, owner)
        with shelf.lock:
            stated = [
                (segment.position[number], segment.event[number])
                for segment in shelf.segments
                for number in segment.postings(_FACTS)[0]
            ]
            if len(stated) != shelf.stated:
                facts = self.find(connection, owner, stated)
                shelf.stated, shelf.superseded = len(stated), supersessions(facts)
            return shelf.superseded

    def catch_up(self, reader: Engine, writer: Engine, owner: str, *, least: int = 1) -> int:
        """Seal one NPC's memories and store the index; returns how many are sealed in all.

        Call it when the projector is idle, for the NPCs it has written. A rest that fills no segment is
        sealed too, so that a question need not index it, and sealed anew with what follows it: at most 1,023
        memories, 50 ms. `least` is the number of new memories it is worth while for. The write lock is held only
        to store the blocks. Two callers may do so at once: the blocks of both are the same bytes.
        """
        blocks: list[SealedSegment] = []
        with reader.connect() as connection:
            generation = self._check(connection)
            sealed = self._sealed(connection, owner)
            before = sum(len(segment) for segment in sealed)
            if len(self._rows.after(connection, owner, _last(sealed), least)) < least:
                return before
            if sealed and len(sealed[-1]) < LEVELS[-1]:
                sealed.pop()
            while rows := self._rows.after(connection, owner, _last(sealed), LEVELS[0]):
                count = sum(len(segment) for segment in sealed)
                end = count
                for first, size in runs(count, count + len(rows)):
                    segment = _seal(first, rows[first - count : first - count + size], blocks)
                    sealed = self._merge(connection, owner, [*sealed, segment], blocks)
                    end = first + size
                if len(rows) < LEVELS[0]:
                    if rest := rows[end - count :]:
                        sealed.append(_seal(end, rest, blocks))
                    break
        with writer.begin() as connection:
            for block in blocks:
                _store(connection, owner, generation, block)
        with self._lock:
            self._shelves.pop(owner, None)
            self._costs.pop(owner, None)
        return sum(len(segment) for segment in sealed)

    @property
    def cached(self) -> tuple[str, ...]:
        """The NPCs whose index is in RAM, the one used longest ago first."""
        with self._lock:
            return tuple(self._shelves)

    def clear(self) -> None:
        """Forget what is in RAM; it is read again."""
        with self._lock:
            self._shelves.clear()
            self._costs.clear()

    def _check(self, connection: Connection) -> str:
        """The generation of the rows now; what is known of another one is forgotten."""
        generation = self._rows.generation(connection)
        if generation != self._generation:
            self.clear()
            self._generation = generation
        return generation

    def _shelf(self, connection: Connection, owner: str) -> _Shelf:
        with self._lock:
            shelf = self._shelves.get(owner)
            if shelf is not None:
                self._shelves.move_to_end(owner)
                return shelf
        sealed = self._sealed(connection, owner)
        return _Shelf(sealed, OpenSegment(sum(len(segment) for segment in sealed)), _last(sealed))

    def _sealed(self, connection: Connection, owner: str) -> list[SealedSegment]:
        values = {"owner": owner, "of_generation": self._generation}
        found: list[SealedSegment] = []
        for (block,) in _BLOCKS.all(connection, values):
            segment = SealedSegment(bytes(block))
            if segment.first != sum(len(one) for one in found):
                break  # a gap: what follows is read from the rows instead
            found.append(segment)
        return found

    def _read_tail(self, connection: Connection, owner: str, shelf: _Shelf) -> None:
        while rows := self._rows.after(connection, owner, shelf.last, BATCH):
            for memory in rows:
                if len(shelf.tail) == LEVELS[0]:
                    shelf.sealed.append(SealedSegment(shelf.tail.seal()))
                    shelf.tail = OpenSegment(shelf.count)
                shelf.tail.add(memory)
            shelf.last = rows[-1].id
            if len(rows) < BATCH:
                break

    def _keep(self, owner: str, shelf: _Shelf) -> None:
        with self._lock:
            self._shelves[owner] = shelf
            self._costs[owner] = shelf.cost
            total = sum(self._costs.values())
            while total > self._cache_bytes and len(self._shelves) > 1:
                oldest, _ = self._shelves.popitem(last=False)
                total -= self._costs.pop(oldest)

    def _merge(
        self, connection: Connection, owner: str, sealed: list[SealedSegment], blocks: list[SealedSegment]
    ) -> list[SealedSegment]:
        """Seal full runs of one size again as one segment of the next."""
        for level in reversed(LEVELS[:-1]):
            end = sealed[-1].first + len(sealed[-1])
            first = end - level
            if end % level or sealed[-1].first <= first:
                continue
            keep = [segment for segment in sealed if segment.first < first]
            rows = self._rows.after(connection, owner, _last(keep), level)
            sealed = [*keep, _seal(first, rows, blocks)]
        return sealed


@dataclass(frozen=True, slots=True)
class _Reading:
    """A `MemoryStore` for the questions of one connection."""

    index: MemoryIndex
    connection: Connection

    def segments(self, owner: str) -> Sequence[Segment]:
        return self.index.segments(self.connection, owner)

    def memories(self, owner: str, events: Sequence[tuple[int, int]]) -> Sequence[Memory]:
        return self.index.find(self.connection, owner, events)

    def superseded(self, owner: str) -> Mapping[tuple[int, int], int]:
        return self.index.superseded(self.connection, owner)


def _seal(first: int, memories: Iterable[Memory], blocks: list[SealedSegment]) -> SealedSegment:
    segment = OpenSegment(first)
    for memory in memories:
        segment.add(memory)
    blocks.append(SealedSegment(segment.seal()))
    return blocks[-1]


def _store(connection: Connection, owner: str, generation: str, segment: SealedSegment) -> None:
    connection.execute(
        delete(SEGMENTS).where(
            SEGMENTS.c.npc_id == owner,
            SEGMENTS.c.first >= segment.first,
            SEGMENTS.c.first < segment.first + len(segment),
        )
    )
    row = {"npc_id": owner, "first": segment.first, "generation": generation, "block": segment.block}
    connection.execute(insert(SEGMENTS), row)


def _last(sealed: Sequence[SealedSegment]) -> tuple[int, int]:
    return (sealed[-1].position[-1], sealed[-1].event[-1]) if sealed else (-1, -1)
