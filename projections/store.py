"""Reading and writing rows in bulk: few statements, compiled once, many rows each.

A driver lets go of the interpreter for every statement it runs, and taking it back while another thread
computes may cost milliseconds. So a batch is written as a few statements with hundreds of rows each instead of
one statement per row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    Engine,
    Select,
    Table,
    and_,
    column,
    delete,
    insert,
    select,
    tuple_,
    values,
)
from sqlalchemy.engine import Dialect

from projections.rows import Changes, Key, Row
from projections.schema import Codec, codecs
from projections.upsert import upsert

T = TypeVar("T")
Targets = Mapping[Table, Table]
"""Which table stands for which: a rebuild writes to shadows, the live projector to the tables themselves."""


@dataclass(frozen=True, slots=True)
class Database:
    """Where read models live: `writer`'s transactions hold the write lock from their start, `reader`'s never."""

    writer: Engine
    reader: Engine

    def close(self) -> None:
        """Give back all connections."""
        self.writer.dispose()
        self.reader.dispose()


_SIZES = (1024, 256, 64, 16, 4, 1)
"""Rows per statement; 1,024 of the widest table stay below SQLite's 32,766 variables."""


class Store:
    """Compiled statements for one dialect. Thread-safe as long as each connection is used by one thread."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._texts: dict[tuple[str, str, int], str] = {}
        self._values: dict[str, Callable[[Row], Sequence[Any]]] = {}
        self._codecs: dict[str, dict[str, Codec]] = {}

    def read(self, connection: Connection, table: Table, keys: Iterable[Key]) -> dict[Key, Row]:
        """The rows of `table` that have one of `keys`, by key."""
        wanted, found = list(keys), dict[Key, Row]()
        columns = table.columns.keys()
        places = [columns.index(key.name) for key in table.primary_key]
        loads = [(name, codec.load) for name, codec in self._codecs_of(table).items()]
        for row in chain.from_iterable(self._selected(connection, table, wanted)):
            made = found[tuple(row[place] for place in places)] = dict(zip(columns, row, strict=True))
            for name, load in loads:
                made[name] = load(made[name])
        return found

    def _selected(
        self, connection: Connection, table: Table, keys: Sequence[Key]
    ) -> Iterable[Iterable[Sequence[Any]]]:
        if not self._dialect.positional:
            yield connection.execute(select(table).where(tuple_(*table.primary_key).in_(keys)))
            return
        for part, size in _parts(keys, _SIZES):
            text = self._texts.get(("select", table.name, size))
            if text is None:
                text = str(_by_keys(table, size).compile(dialect=self._dialect))
                self._texts["select", table.name, size] = text
            yield connection.exec_driver_sql(text, tuple(chain.from_iterable(part)))

    def write(self, connection: Connection, table: Table, changes: Changes) -> None:
        """Apply a batch's changes of one table."""
        if changes.inserts:
            self._many(connection, "insert", table, changes.inserts)
        if changes.upserts:
            kept = [row for row in changes.upserts.values() if row is not None]
            if len(kept) < len(changes.upserts):
                self._delete(connection, table, [key for key, row in changes.upserts.items() if row is None])
            self._many(connection, "upsert", table, kept)
        for swept in changes.sweeps:
            connection.execute(delete(table).where(*(table.c[name] == part for name, part in swept.items())))

    def _delete(self, connection: Connection, table: Table, keys: Sequence[Key]) -> None:
        for key in keys:
            connection.execute(
                delete(table).where(*(c == part for c, part in zip(table.primary_key, key, strict=True)))
            )

    def _many(self, connection: Connection, kind: str, table: Table, rows: Sequence[Row]) -> None:
        dumps = [(name, codec.dump) for name, codec in self._codecs_of(table).items()]
        if dumps:
            rows = [{**row, **{name: dump(row[name]) for name, dump in dumps}} for row in rows]
        if not self._dialect.positional:
            statement = upsert(table, self._dialect.name) if kind == "upsert" else insert(table)
            connection.execute(statement, list(rows))
            return
        plain = self._values.get(table.name)
        if plain is None:
            plain = self._values[table.name] = itemgetter(*table.columns.keys())
        for part, size in _parts(rows, _SIZES):
            text = self._text(kind, table, size)
            connection.exec_driver_sql(text, tuple(chain.from_iterable(map(plain, part))))

    def _codecs_of(self, table: Table) -> dict[str, Codec]:
        found = self._codecs.get(table.name)
        if found is None:
            found = self._codecs[table.name] = codecs(table)
        return found

    def _text(self, kind: str, table: Table, size: int) -> str:
        text = self._texts.get((kind, table.name, size))
        if text is None:
            statement = upsert(table, self._dialect.name) if kind == "upsert" else insert(table)
            single = str(statement.compile(dialect=self._dialect, column_keys=table.columns.keys()))
            # One row's "(?, ?)" repeated: the only part of the text that depends on how many rows there are.
            head, values, tail = single.partition(" VALUES ")
            row, bracket, rest = tail.partition(")")
            text = f"{head}{values}{', '.join([row + bracket] * size)}{rest}"
            self._texts[kind, table.name, size] = text
        return text


def _by_keys(table: Table, size: int) -> Select[Any]:
    """SELECT by `size` keys as a join: SQLite reads the whole table for `(a, b) IN (VALUES …)`."""
    keys = list(table.primary_key)
    listed = values(*(column(key.name, key.type) for key in keys), name="wanted")
    wanted = listed.data([tuple(key.name for key in keys)] * size).cte("wanted")
    return select(table).join_from(wanted, table, and_(*(key == wanted.c[key.name] for key in keys)))


def _parts(items: Sequence[T], sizes: Sequence[int]) -> Iterable[tuple[Sequence[T], int]]:
    """Cut into pieces of few different sizes, so that the statements for them can be prepared once."""
    done = 0
    for size in sizes:
        while len(items) - done >= size:
            yield items[done : done + size], size
            done += size
