"""Memories of NPCs in SQL: plain rows written by a projection, and an index of them built when it is wanted.

A projection only inserts rows (`row_of`); nothing is tokenised while it folds. `SqlMemoryStore.segments`
reads the sealed segments of one NPC and the rows after them, which it indexes in memory; `catch_up`, called
when the projector is idle, seals them for good. The index is a cache: it can be dropped at any time and is
keyed by a generation, so that rows of a rebuilt projection never meet an index of the old one.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Protocol

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    and_,
    delete,
    insert,
    or_,
    select,
)

from commands.mind.memory.record import Memory, Source
from commands.mind.memory.segment import OpenSegment, SealedSegment, Segment
from commands.mind.memory.store import LEVELS, runs

METADATA = MetaData()
CACHE_BYTES = 64 << 20
OPEN_COST = 1_500
"""Bytes of RAM one memory of an open segment takes, measured with messages of 20 words."""
BATCH = 2_000

MEMORIES = Table(
    "npc_memories",
    METADATA,
    Column("npc_id", String(190), primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("event", Integer, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("kind", String(64), nullable=False),
    Column("importance", Integer, nullable=False),
    Column("content", String(500), nullable=False),
    Column("details", Text, nullable=False),
    sqlite_with_rowid=False,
)

SUPERSEDED = Table(
    "npc_memories_superseded",
    METADATA,
    Column("npc_id", String(190), primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("event", Integer, primary_key=True, autoincrement=False),
    Column("superseded_by", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Facts that a later statement replaced; the projection inserts a row, the memory itself never changes."""

SEGMENTS = Table(
    "npc_memory_segments",
    METADATA,
    Column("npc_id", String(190), primary_key=True),
    Column("first", Integer, primary_key=True, autoincrement=False),
    Column("generation", String(32), nullable=False),
    Column("block", LargeBinary(1 << 26), nullable=False),
)

_BLOCKS = select(SEGMENTS.c.block).order_by(SEGMENTS.c.first)
_COLUMNS = tuple(MEMORIES.c)
_DETAILS: dict[str, Any] = {
    "emotion": "neutral", "actor": "", "players": (), "npcs": (), "place": "", "source": "saw", "told_by": (),
    "origin": None, "reliability": 1_000_000, "scene": "", "causes": (), "subject": "", "predicate": "",
    "value": "", "valid_from": None, "cites": (),
}  # fmt: skip
_TUPLES = ("players", "npcs", "told_by", "causes", "cites")


def row_of(memory: Memory) -> dict[str, Any]:
    """The row a projection inserts into `MEMORIES`: what is always there as columns, the rest as compact
    JSON."""
    details = {}
    for name, usual in _DETAILS.items():
        value = getattr(memory, name)
        if value != usual:
            details[name] = value
    return {
        "npc_id": memory.owner,
        "position": memory.position,
        "event": memory.index,
        "at": memory.at,
        "kind": memory.kind,
        "importance": memory.importance,
        "content": memory.content,
        "details": json.dumps(details, ensure_ascii=False, separators=(",", ":")) if details else "{}",
    }


def memory_of(row: Sequence[Any]) -> Memory:
    """The memory of a row of `MEMORIES` (all columns, in the table's order)."""
    owner, position, event, at, kind, importance, content, details = row
    rest: dict[str, Any] = json.loads(details)
    for name in _TUPLES:
        if name in rest:
            rest[name] = tuple(rest[name])
    if "source" in rest:
        rest["source"] = Source(rest["source"])
    if rest.get("origin"):
        rest["origin"] = tuple(rest["origin"])
    return Memory(owner, position, event, at, content, kind, importance, **rest)


class MemoryRows(Protocol):
    """Where the plain memories are. A projection with tables of its own implements this instead of
    `TableRows`."""

    def after(
        self, connection: Connection, owner: str, event: tuple[int, int], limit: int
    ) -> Sequence[Memory]:
        """The owner's memories after an event (position, index), in log order, at most `limit`."""
        ...

    def find(self, connection: Connection, owner: str, events: Sequence[tuple[int, int]]) -> Sequence[Memory]:
        """The owner's memories made by these events, in any order."""
        ...

    def superseded(self, connection: Connection, owner: str) -> Mapping[tuple[int, int], int]:
        """By memory (position, index): the position of what superseded it."""
        ...


class TableRows:
    """The memories in `MEMORIES` and `SUPERSEDED`."""

    def after(
        self, connection: Connection, owner: str, event: tuple[int, int], limit: int
    ) -> Sequence[Memory]:
        position, index = event
        later = or_(
            MEMORIES.c.position > position, and_(MEMORIES.c.position == position, MEMORIES.c.event > index)
        )
        # The plain bound on the position is what lets every database use the primary key.
        query = (
            select(*_COLUMNS)
            .where(MEMORIES.c.npc_id == owner, MEMORIES.c.position >= position, later)
            .order_by(MEMORIES.c.position, MEMORIES.c.event)
            .limit(limit)
        )
        return [memory_of(row) for row in connection.execute(query)]

    def find(self, connection: Connection, owner: str, events: Sequence[tuple[int, int]]) -> Sequence[Memory]:
        positions = sorted({position for position, _ in events})
        query = select(*_COLUMNS).where(MEMORIES.c.npc_id == owner, MEMORIES.c.position.in_(positions))
        wanted = set(events)
        return [memory_of(row) for row in connection.execute(query) if (row.position, row.event) in wanted]

    def superseded(self, connection: Connection, owner: str) -> Mapping[tuple[int, int], int]:
        columns = SUPERSEDED.c.position, SUPERSEDED.c.event, SUPERSEDED.c.superseded_by
        rows = connection.execute(select(*columns).where(SUPERSEDED.c.npc_id == owner))
        return {(position, event): by for position, event, by in rows}


@dataclass(slots=True)
class _Shelf:
    """What is kept in RAM of one NPC: its sealed segments and an open one over the rows after them."""

    sealed: list[SealedSegment]
    tail: OpenSegment
    last: tuple[int, int]
    lock: Lock = field(default_factory=Lock)

    @property
    def cost(self) -> int:
        return sum(segment.bytes for segment in self.sealed) + OPEN_COST * len(self.tail)

    @property
    def count(self) -> int:
        return self.tail.first + len(self.tail)


class SqlMemoryStore:
    """A `MemoryStore` over SQL, with a bounded cache of the indexes used last.

    `engine` is synchronous: call `recall` from a worker thread when on an event loop. `generation` names the
    version of the rows. At most about `cache_bytes` of index stay in RAM. Safe to use from several threads.
    """

    def __init__(
        self,
        engine: Engine,
        rows: MemoryRows | None = None,
        *,
        generation: str = "1",
        cache_bytes: int = CACHE_BYTES,
    ) -> None:
        self._engine, self._rows = engine, rows or TableRows()
        self._generation, self._cache_bytes = generation, cache_bytes
        self._shelves: OrderedDict[str, _Shelf] = OrderedDict()
        self._costs: dict[str, int] = {}
        self._lock = Lock()

    def segments(self, owner: str) -> Sequence[Segment]:
        with self._engine.connect() as connection:
            shelf = self._shelf(connection, owner)
            with shelf.lock:
                self._read_tail(connection, owner, shelf)
                found = [*shelf.sealed, *([shelf.tail] if len(shelf.tail) else ())]
        self._keep(owner, shelf)
        return found

    def memories(self, owner: str, events: Sequence[tuple[int, int]]) -> Sequence[Memory]:
        if not events:
            return []
        with self._engine.connect() as connection:
            found = {memory.id: memory for memory in self._rows.find(connection, owner, events)}
        return [found[event] for event in events if event in found]

    def superseded(self, owner: str) -> Mapping[tuple[int, int], int]:
        with self._engine.connect() as connection:
            return self._rows.superseded(connection, owner)

    def catch_up(self, owner: str, *, least: int = 1) -> int:
        """Seal one NPC's memories and store the index; returns how many are sealed in all.

        Call it when the projector is idle, for the NPCs it has written. A rest that fills no segment is
        sealed too, so that a question need not index it, and sealed anew with what follows it: at most 1,023
        memories, 50 ms. `least` is the number of new memories it is worth while for. Two callers may do so at
        once: the blocks of both are the same bytes.
        """
        with self._engine.begin() as connection:
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
                    segment = _index(first, rows[first - count : first - count + size])
                    sealed = self._merge(
                        connection, owner, [*sealed, self._write(connection, owner, segment)]
                    )
                    end = first + size
                if len(rows) < LEVELS[0]:
                    rest = rows[end - count :]
                    if rest:
                        sealed.append(self._write(connection, owner, _index(end, rest)))
                    break
        with self._lock:
            self._shelves.pop(owner, None)
            self._costs.pop(owner, None)
        return sum(len(segment) for segment in sealed)

    @property
    def cached(self) -> tuple[str, ...]:
        """The NPCs whose index is in RAM, the one used longest ago first."""
        with self._lock:
            return tuple(self._shelves)

    def forget_index(self) -> None:
        """Drop the whole index of every NPC; it is built again from the rows."""
        with self._engine.begin() as connection:
            connection.execute(delete(SEGMENTS))
        with self._lock:
            self._shelves.clear()
            self._costs.clear()

    def _shelf(self, connection: Connection, owner: str) -> _Shelf:
        with self._lock:
            shelf = self._shelves.get(owner)
            if shelf is not None:
                self._shelves.move_to_end(owner)
                return shelf
        sealed = self._sealed(connection, owner)
        return _Shelf(sealed, OpenSegment(sum(len(segment) for segment in sealed)), _last(sealed))

    def _sealed(self, connection: Connection, owner: str) -> list[SealedSegment]:
        query = _BLOCKS.where(SEGMENTS.c.npc_id == owner, SEGMENTS.c.generation == self._generation)
        found: list[SealedSegment] = []
        for block in connection.execute(query).scalars():
            segment = SealedSegment(block)
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

    def _write(self, connection: Connection, owner: str, segment: OpenSegment) -> SealedSegment:
        block = segment.seal()
        connection.execute(
            delete(SEGMENTS).where(
                SEGMENTS.c.npc_id == owner,
                SEGMENTS.c.first >= segment.first,
                SEGMENTS.c.first < segment.first + len(segment),
            )
        )
        row = {
            "npc_id": owner,
            "first": segment.first,
            "generation": self._generation,
            "block": block,
        }
        connection.execute(insert(SEGMENTS), row)
        return SealedSegment(block)

    def _merge(self, connection: Connection, owner: str, sealed: list[SealedSegment]) -> list[SealedSegment]:
        """Seal full runs of one size again as one segment of the next."""
        for level in reversed(LEVELS[:-1]):
            end = sealed[-1].first + len(sealed[-1])
            first = end - level
            if end % level or sealed[-1].first <= first:
                continue
            keep = [segment for segment in sealed if segment.first < first]
            rows = self._rows.after(connection, owner, _last(keep), level)
            sealed = [*keep, self._write(connection, owner, _index(first, rows))]
        return sealed


def _index(first: int, memories: Iterable[Memory]) -> OpenSegment:
    segment = OpenSegment(first)
    for memory in memories:
        segment.add(memory)
    return segment


def _last(sealed: Sequence[SealedSegment]) -> tuple[int, int]:
    return (sealed[-1].position[-1], sealed[-1].event[-1]) if sealed else (-1, -1)
