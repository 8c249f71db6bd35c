"""Reading and writing rows in bulk: few statements, compiled once, many rows each.

A driver lets go of the interpreter for every statement it runs, and taking it back while another thread
computes may cost milliseconds. So a batch is written as a few statements with hundreds of rows each instead of
one statement per row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    Engine,
    Select,
    Table,
    and_,
    column,
    delete,
    select,
    tuple_,
    values,
)
from sqlalchemy.engine import Dialect

from projections.plain import Plain
from projections.rows import Key, Values
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

    def read(self, connection: Connection, table: Table, keys: Iterable[Key]) -> list[Values]:
        """The rows of `table` that have one of `keys`, as the driver gives them (see `projections.plain.rows`)."""
        return [tuple(row) for row in chain.from_iterable(self._selected(connection, table, list(keys)))]

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

    def write(self, connection: Connection, table: Table, changes: Plain) -> None:
        """Apply a batch's changes of one table."""
        # After a crash, rows may be appended a second time.
        self._many(connection, table, changes.inserts)
        self._delete(connection, table, changes.deletes)
        self._many(connection, table, changes.upserts)
        for swept in changes.sweeps:
            connection.execute(delete(table).where(*(table.c[name] == part for name, part in swept.items())))

    def _delete(self, connection: Connection, table: Table, keys: Sequence[Key]) -> None:
        for key in keys:
            connection.execute(
                delete(table).where(*(c == part for c, part in zip(table.primary_key, key, strict=True)))
            )

    def _many(self, connection: Connection, table: Table, rows: Sequence[Values]) -> None:
        if not rows:
            return
        if not self._dialect.positional:
            columns = table.columns.keys()
            connection.execute(
                upsert(table, self._dialect.name), [dict(zip(columns, row, strict=True)) for row in rows]
            )
            return
        for part, size in _parts(rows, _SIZES):
            text = self._text(table, size)
            connection.exec_driver_sql(text, tuple(chain.from_iterable(part)))

    def _text(self, table: Table, size: int) -> str:
        text = self._texts.get(("upsert", table.name, size))
        if text is None:
            statement = upsert(table, self._dialect.name)
            single = str(statement.compile(dialect=self._dialect, column_keys=table.columns.keys()))
            # One row's "(?, ?)" repeated: the only part of the text that depends on how many rows there are.
            head, values, tail = single.partition(" VALUES ")
            row, bracket, rest = tail.partition(")")
            text = f"{head}{values}{', '.join([row + bracket] * size)}{rest}"
            self._texts["upsert", table.name, size] = text
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
