"""The rows a fold works on: a bounded in-memory view of the tables that remembers what changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table

Key = tuple[Any, ...]
Row = Mapping[str, Any]
Values = tuple[Any, ...]
"""A row's values in the order of the table's columns, as drivers take and give them."""

_ABSENT: Any = object()


class RowNotAnnounced(LookupError):
    """A fold read a row its `keys` had not announced: a mistake in the projection."""


@dataclass(slots=True)
class Changes:
    """What a batch does to one table. `upserts` maps keys to whole rows, or to None for a deleted row.

    `sweeps` come last: every row that has these values goes.
    """

    upserts: dict[Key, Row | None] = field(default_factory=dict)
    inserts: list[Values] = field(default_factory=list)
    sweeps: list[Row] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.upserts or self.inserts or self.sweeps)


class _Shelf:
    """One table's part of the view: two generations of cached rows and the changes since they were taken.

    `complete` says that no row of the table is anywhere else.
    """

    __slots__ = ("changes", "complete", "old", "young")

    def __init__(self, complete: bool) -> None:
        self.young: dict[Key, Row | None] = {}
        self.old: dict[Key, Row | None] = {}
        self.changes = Changes()
        self.complete = complete


class Rows:
    """An in-memory view of some tables.

    Folds call `get`, `put`, `insert` and `delete`; the projector calls the rest. At most about twice
    `capacity` rows are kept per table, the most recently used ones. Generations are swapped only when changes
    are taken, so rows that are still being written are never forgotten.

    Tables in `empty` have no rows yet: nothing has to be looked up in them before some had to be forgotten.
    """

    def __init__(
        self, tables: Iterable[Table], capacity: int = 10_000, empty: Collection[Table] = ()
    ) -> None:
        self._shelves = {table: _Shelf(table in empty) for table in tables}
        self._capacity = capacity

    @property
    def full(self) -> bool:
        """Whether a table has more rows here than it should: take the changes, so that some can be forgotten."""
        return any(len(shelf.young) > self._capacity for shelf in self._shelves.values())

    def get(self, table: Table, key: Key) -> Row | None:
        """The row, or None if there is none. Raises `RowNotAnnounced`."""
        try:
            return self._shelves[table].young[key]
        except KeyError:
            raise RowNotAnnounced(f"{table.name} {key!r}") from None

    def put(self, table: Table, key: Key, row: Row) -> None:
        """Write a whole row, whose primary key is `key`, over whatever is there."""
        shelf = self._shelves[table]
        shelf.young[key] = shelf.changes.upserts[key] = row

    def delete(self, table: Table, key: Key) -> None:
        """Remove a row, if it is there."""
        shelf = self._shelves[table]
        shelf.young[key] = shelf.changes.upserts[key] = None

    def insert(self, table: Table, values: Values) -> None:
        """Append a row that no fold reads again. Its key must follow from the commit, and no other have it.

        `values` are what the database stores; these rows are the most, so they go there as they are.
        """
        self._shelves[table].changes.inserts.append(values)

    def sweep(self, table: Table, values: Row) -> None:
        """Remove all rows with these values of some columns, however many there are.

        They are not looked for in memory: the fold must tell such a row from a live one by these values.
        """
        self._shelves[table].changes.sweeps.append(values)

    def missing(self, addresses: Iterable[tuple[Table, Key]]) -> dict[Table, set[Key]]:
        """Those of `addresses` that have to be read from the database before folding."""
        wanted: dict[Table, set[Key]] = {}
        for table, key in addresses:
            shelf = self._shelves[table]
            if key not in shelf.young:
                row = shelf.old.get(key, _ABSENT)
                if row is not _ABSENT:
                    shelf.young[key] = row
                elif shelf.complete:
                    shelf.young[key] = None
                else:
                    wanted.setdefault(table, set()).add(key)
        return wanted

    def fill(self, table: Table, keys: Iterable[Key], found: Mapping[Key, Row]) -> None:
        """Cache what the database said about `keys`; a key that is not in `found` has no row."""
        young = self._shelves[table].young
        for key in keys:
            young[key] = found.get(key)

    def take(self, *, appended_only: bool = False) -> dict[Table, Changes]:
        """The changes since the last call, after which old rows may be let go; or only the rows to append."""
        taken: dict[Table, Changes] = {}
        for table, shelf in self._shelves.items():
            changes = shelf.changes
            if appended_only:
                changes = Changes(inserts=shelf.changes.inserts)
                shelf.changes.inserts = []
            else:
                shelf.changes = Changes()
                # All tables are written now, so those that are half full need not wait for another time.
                if len(shelf.young) > self._capacity // 2:
                    shelf.complete = shelf.complete and not shelf.old
                    shelf.old, shelf.young = shelf.young, {}
            if changes:
                taken[table] = changes
        return taken

    def clear(self) -> None:
        """Forget everything: the database knows better."""
        for shelf in self._shelves.values():
            shelf.young, shelf.old, shelf.changes, shelf.complete = {}, {}, Changes(), False
