"""The rows a fold works on: a bounded in-memory view of the tables that remembers what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from sqlalchemy import Table

Key = tuple[Any, ...]
Row = Mapping[str, Any]

_ABSENT: Any = object()


class RowNotAnnounced(LookupError):
    """A fold read a row its `keys` had not announced: a mistake in the projection."""


@dataclass(slots=True)
class Changes:
    """What a batch does to one table. `upserts` maps keys to whole rows, or to None for a deleted row."""

    upserts: dict[Key, Row | None] = field(default_factory=dict)
    inserts: list[Row] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.upserts or self.inserts)


class _Shelf:
    """One table's part of the view: two generations of cached rows and the changes of the batch."""

    __slots__ = ("changes", "key_of", "old", "young")

    def __init__(self, table: Table) -> None:
        names = [column.name for column in table.primary_key]
        self.key_of: Callable[[Row], Key] = (
            itemgetter(*names) if len(names) > 1 else lambda row, only=names[0]: (row[only],)  # type: ignore[misc]
        )
        self.young: dict[Key, Row | None] = {}
        self.old: dict[Key, Row | None] = {}
        self.changes = Changes()


class Rows:
    """An in-memory view of some tables.

    Folds call `get`, `put`, `insert` and `delete`; the projector calls the rest. At most about twice
    `capacity` rows are cached per table, the most recently used ones. Generations are swapped only between
    batches, so rows of a batch that is still being written are never forgotten.
    """

    def __init__(self, tables: Iterable[Table], capacity: int = 10_000) -> None:
        self._shelves = {table: _Shelf(table) for table in tables}
        self._capacity = capacity
        self._undo: list[tuple[_Shelf, Key, Row | None, Any]] = []
        self._inserted: list[_Shelf] = []

    def get(self, table: Table, key: Key) -> Row | None:
        """The row, or None if there is none. Raises `RowNotAnnounced`."""
        shelf = self._shelves[table]
        row = shelf.young.get(key, _ABSENT)
        if row is _ABSENT:
            row = shelf.old.get(key, _ABSENT)
            if row is _ABSENT:
                raise RowNotAnnounced(f"{table.name} {key!r}")
            shelf.young[key] = row
        found: Row | None = row
        return found

    def put(self, table: Table, row: Row) -> None:
        """Write a whole row over whatever has its key. The row must have been announced."""
        shelf = self._shelves[table]
        self._change(shelf, shelf.key_of(row), row)

    def delete(self, table: Table, key: Key) -> None:
        """Remove a row, if it is there."""
        self._change(self._shelves[table], key, None)

    def insert(self, table: Table, row: Row) -> None:
        """Append a row that no fold reads again; its key must be new."""
        shelf = self._shelves[table]
        shelf.changes.inserts.append(row)
        self._inserted.append(shelf)

    def _change(self, shelf: _Shelf, key: Key, row: Row | None) -> None:
        previous = shelf.young.get(key, _ABSENT)
        if previous is _ABSENT:
            previous = shelf.old.get(key, _ABSENT)
        self._undo.append((shelf, key, previous, shelf.changes.upserts.get(key, _ABSENT)))
        shelf.young[key] = row
        shelf.changes.upserts[key] = row

    def keep(self) -> None:
        """The commit was folded: its changes belong to the batch."""
        self._undo.clear()
        self._inserted.clear()

    def revert(self) -> None:
        """The fold of a commit failed: forget what it had changed so far."""
        for shelf, key, cached, changed in reversed(self._undo):
            _restore(shelf.young, key, cached)
            _restore(shelf.changes.upserts, key, changed)
        for shelf in reversed(self._inserted):
            shelf.changes.inserts.pop()
        self.keep()

    def missing(self, addresses: Iterable[tuple[Table, Key]]) -> dict[Table, set[Key]]:
        """Those of `addresses` that have to be read from the database before folding."""
        wanted: dict[Table, set[Key]] = {}
        for table, key in addresses:
            shelf = self._shelves[table]
            if key not in shelf.young:
                if key in shelf.old:
                    shelf.young[key] = shelf.old[key]
                else:
                    wanted.setdefault(table, set()).add(key)
        return wanted

    def fill(self, table: Table, keys: Iterable[Key], found: Mapping[Key, Row]) -> None:
        """Cache what the database said about `keys`; a key that is not in `found` has no row."""
        young = self._shelves[table].young
        for key in keys:
            young[key] = found.get(key)

    def take(self) -> dict[Table, Changes]:
        """The changes since the last call. Also the moment when old rows are let go."""
        taken: dict[Table, Changes] = {}
        for table, shelf in self._shelves.items():
            if shelf.changes:
                taken[table] = shelf.changes
                shelf.changes = Changes()
            if len(shelf.young) > self._capacity:
                shelf.old, shelf.young = shelf.young, {}
        return taken

    def clear(self) -> None:
        """Forget everything: the database knows better."""
        self.keep()
        for shelf in self._shelves.values():
            shelf.young, shelf.old, shelf.changes = {}, {}, Changes()


def _restore(rows: dict[Key, Any], key: Key, value: Any) -> None:
    if value is _ABSENT:
        rows.pop(key, None)
    else:
        rows[key] = value
