"""Rows as drivers take and give them: tuples in the order of the columns, objects turned into text.

Folds work on mappings of column names to objects. The turning is the same wherever a fold runs, and what it makes
can be handed to another process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Table

from projections.rows import Changes, Key, Row, Values
from projections.schema import codecs


@dataclass(frozen=True, slots=True)
class Plain:
    """What a batch does to one table, ready to be written: see `projections.rows.Changes`."""

    upserts: list[Values]
    deletes: list[Key]
    inserts: list[Values]
    sweeps: list[Row]


@dataclass(frozen=True, slots=True)
class _Form:
    values: Callable[[Row], Values]
    columns: tuple[str, ...]
    key: tuple[int, ...]
    dumps: tuple[tuple[int, Callable[[Any], str]], ...]
    loads: tuple[tuple[str, Callable[[str], Any]], ...]


def of(table: Table, changes: Changes) -> Plain:
    """The changes of one table as plain values."""
    form = _form(table)
    upserts, deletes = changes.upserts, list[Key]()
    kept: Iterable[Any] = upserts.values()
    if None in upserts.values():
        deletes = [key for key, row in upserts.items() if row is None]
        kept = (row for row in upserts.values() if row is not None)
    return Plain(_values(form, kept), deletes, changes.inserts, changes.sweeps)


def rows(table: Table, found: Iterable[Sequence[Any]]) -> dict[Key, Row]:
    """Rows of `table` as folds see them, by key, from the values a database gave."""
    form, made = _form(table), dict[Key, Row]()
    for values in found:
        row = made[tuple(values[place] for place in form.key)] = dict(zip(form.columns, values, strict=True))
        for name, load in form.loads:
            row[name] = load(row[name])
    return made


def _values(form: _Form, many: Iterable[Row]) -> list[Values]:
    if not form.dumps:
        return list(map(form.values, many))
    made = []
    for row in many:
        values = list(form.values(row))
        for place, dump in form.dumps:
            values[place] = dump(values[place])
        made.append(tuple(values))
    return made


@lru_cache(maxsize=256)
def _form(table: Table) -> _Form:
    columns = tuple(table.columns.keys())
    found = codecs(table)
    return _Form(
        itemgetter(*columns),
        columns,
        tuple(columns.index(key.name) for key in table.primary_key),
        tuple((columns.index(name), codec.dump) for name, codec in found.items()),
        tuple((name, codec.load) for name, codec in found.items()),
    )
