"""Memories as one row each in a table of their own, with the product's index over them: to measure the index alone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    and_,
    delete,
    or_,
    select,
)

from adapters.sql.memory_index import CACHE_BYTES, MemoryIndex, MemoryRows
from commands.mind.memory.record import Memory, Source
from commands.mind.memory.segment import Segment
from projections.memory_tables import SEGMENTS

METADATA = MetaData()
SEGMENTS.to_metadata(METADATA)
ONE_GENERATION = "1"

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

_COLUMNS = tuple(MEMORIES.c)
_DETAILS: dict[str, Any] = {
    "emotion": "neutral", "actor": "", "players": (), "npcs": (), "place": "", "source": "saw", "told_by": (),
    "origin": None, "reliability": 1_000_000, "scene": "", "causes": (), "subject": "", "predicate": "",
    "value": "", "valid_from": None, "cites": (), "channel": "",
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


class TableRows:
    """The memories in `MEMORIES`, of one generation."""

    def __init__(self, generation: str = ONE_GENERATION) -> None:
        self._generation = generation

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

    def generation(self, _connection: Connection) -> str:
        return self._generation


class SqlMemoryStore:
    """A `MemoryStore` that takes a connection of `engine` for every step: a `MemoryIndex` without a platform."""

    def __init__(
        self, engine: Engine, rows: MemoryRows | None = None, *, cache_bytes: int = CACHE_BYTES
    ) -> None:
        self._engine = engine
        self.index = MemoryIndex(rows or TableRows(), cache_bytes=cache_bytes)

    def segments(self, owner: str) -> Sequence[Segment]:
        with self._engine.connect() as connection:
            return self.index.segments(connection, owner)

    def memories(self, owner: str, events: Sequence[tuple[int, int]]) -> Sequence[Memory]:
        with self._engine.connect() as connection:
            return self.index.find(connection, owner, events)

    def superseded(self, owner: str) -> Mapping[tuple[int, int], int]:
        with self._engine.connect() as connection:
            return self.index.superseded(connection, owner)

    def catch_up(self, owner: str, *, least: int = 1) -> int:
        """As `MemoryIndex.catch_up`."""
        return self.index.catch_up(self._engine, self._engine, owner, least=least)

    def forget_index(self) -> None:
        """Drop the whole index of every NPC; it is built again from the rows."""
        with self._engine.begin() as connection:
            connection.execute(delete(SEGMENTS))
        self.index.clear()
