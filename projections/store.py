"""Reading and writing rows in bulk: few statements, compiled once, many rows each.

A driver lets go of the interpreter for every statement it runs, and taking it back while another thread
computes may cost milliseconds. So a batch is written as a few statements with hundreds of rows each instead of
one statement per row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Engine, Table, delete, insert, select, tuple_
from sqlalchemy.engine import Dialect

from projections.rows import Changes, Key, Row
from projections.upsert import upsert

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


MAX_VARIABLES = 32_000
_SIZES = (256, 16, 1)
_READ_CHUNK = 500


class Store:
    """Compiled statements for one dialect. Thread-safe as long as each connection is used by one thread."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._texts: dict[tuple[str, str, int], str] = {}
        self._values: dict[str, Callable[[Row], Sequence[Any]]] = {}

    def read(self, connection: Connection, table: Table, keys: Iterable[Key]) -> dict[Key, Row]:
        """The rows of `table` that have one of `keys`, by key."""
        columns = list(table.primary_key)
        wanted = iter(keys)
        found: dict[Key, Row] = {}
        while chunk := list(islice(wanted, _READ_CHUNK)):
            single = len(columns) == 1
            condition = columns[0].in_([key[0] for key in chunk]) if single else tuple_(*columns).in_(chunk)
            names = [column.name for column in columns]
            for row in connection.execute(select(table).where(condition)).mappings():
                found[tuple(row[name] for name in names)] = dict(row)
        return found

    def write(self, connection: Connection, table: Table, changes: Changes) -> None:
        """Apply a batch's changes of one table."""
        if changes.inserts:
            self._many(connection, "insert", table, changes.inserts)
        if changes.upserts:
            kept = [row for row in changes.upserts.values() if row is not None]
            if len(kept) < len(changes.upserts):
                self._delete(connection, table, [key for key, row in changes.upserts.items() if row is None])
            self._many(connection, "upsert", table, kept)

    def _delete(self, connection: Connection, table: Table, keys: Sequence[Key]) -> None:
        for key in keys:
            connection.execute(
                delete(table).where(*(c == part for c, part in zip(table.primary_key, key, strict=True)))
            )

    def _many(self, connection: Connection, kind: str, table: Table, rows: Sequence[Row]) -> None:
        if not self._dialect.positional:
            statement = upsert(table, self._dialect.name) if kind == "upsert" else insert(table)
            connection.execute(statement, list(rows))
            return
        values = self._values.get(table.name)
        if values is None:
            values = self._values[table.name] = itemgetter(*(column.name for column in table.columns))
        done = 0
        for size in _SIZES:
            if size * len(table.columns) > MAX_VARIABLES:
                continue
            while len(rows) - done >= size:
                part = rows[done : done + size]
                text = self._text(kind, table, size)
                connection.exec_driver_sql(text, tuple(chain.from_iterable(map(values, part))))
                done += size

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
