"""A projection as a value: a name, a version, its tables, and a pure fold over the log."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Table

from events.commit import Commit, Recorded
from projections.rows import Key, Rows

Address = tuple[Table, Key]
"""One row: its table and the values of its primary key."""

Q = TypeVar("Q", bound=Callable[..., Any])

SHADOW = "__rebuild"
"""What a rebuild appends to the names of tables and checkpoints until it takes over."""


@dataclass(slots=True)
class Entry:
    """A commit as folds see it: what several of them need is worked out once.

    `at` is its time in µs since the epoch, `entity` the id within its stream's `category`.
    """

    position: int
    commit: Commit
    at: int
    category: str
    entity: str

    @property
    def stream(self) -> str:
        return self.commit.stream

    @classmethod
    def of(cls, recorded: Recorded) -> Entry:
        """The entry of a commit with its place in the log."""
        category, _, entity = recorded.commit.stream.partition("/")
        return cls(recorded.position, recorded.commit, recorded.commit.at, category, entity)


@dataclass(frozen=True, slots=True)
class Projection:
    """One read model.

    Only commits of the `categories` reach it (all, when empty). `fold(rows, entry)` applies a commit to an
    in-memory view of the tables; it may `get` only rows that `keys(entry)` announced, because those are read
    ahead in bulk, and must not change in place what it gets. Both are pure. A change of `fold` or `tables` needs
    a new `version`: the read model is then built anew beside the old one. `apart` says that folding it takes about
    as long as all the others together: a rebuild of a long log gives it a process of its own.
    """

    name: str
    version: int
    tables: tuple[Table, ...]
    keys: Callable[[Entry], Iterable[Address]]
    fold: Callable[[Rows, Entry], None]
    categories: frozenset[str] = frozenset()
    apart: bool = False


def reads(*projections: str) -> Callable[[Q], Q]:
    """Say which read models a query looks at, so that "at least position n" waits for no other."""

    def mark(query: Q) -> Q:
        _needs[query] = projections
        return query

    return mark


def needs(query: Callable[..., Any]) -> tuple[str, ...]:
    """The names given to `reads`, or none when the query did not say."""
    return _needs.get(query, ())


_needs: dict[Callable[..., Any], tuple[str, ...]] = {}
