"""Commits a projection could not apply, and those that wait behind them.

Only positions are kept: the commit is read again from the log, through the same decode path as ever.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

from sqlalchemy import Connection, Index, Table, delete, insert, select, update

from projections.schema import INTEGER, TEXT, name, optional, required, table

Status = Literal["poison", "blocked", "discarded"]
MAX_ERROR = 1000

DEAD_LETTERS: Table = table(
    "dead_letters",
    required("projection", name(), key=True),
    required("position", INTEGER, key=True),
    required("stream", name(400)),
    required("status", name(16)),
    optional("error", TEXT),
    required("attempts", INTEGER),
    required("first_seen", INTEGER),
    required("last_seen", INTEGER),
    optional("reason", TEXT),
    clustered=True,
)
Index("ix_dead_letters_stream", DEAD_LETTERS.c.projection, DEAD_LETTERS.c.stream, DEAD_LETTERS.c.position)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A commit that `projection` has not applied.

    `status`: `poison` (it failed, see `error`), `blocked` (it waits behind a poison one of its stream),
    `discarded` (an operator gave it up, for `reason`). `first_seen` and `last_seen` are µs since the epoch.
    """

    projection: str
    position: int
    stream: str
    status: Status
    error: str | None
    attempts: int
    first_seen: int
    last_seen: int
    reason: str | None = None


def record(connection: Connection, letters: Iterable[DeadLetter]) -> None:
    """Add dead letters."""
    rows = [asdict(letter) for letter in letters]
    if rows:
        connection.execute(insert(DEAD_LETTERS), rows)


def blocked_streams(connection: Connection) -> dict[str, set[str]]:
    """By projection, the streams whose later commits have to wait."""
    waiting = DEAD_LETTERS.c.status != "discarded"
    found: dict[str, set[str]] = {}
    query = select(DEAD_LETTERS.c.projection, DEAD_LETTERS.c.stream).where(waiting).distinct()
    for projection, stream in connection.execute(query):
        found.setdefault(projection, set()).add(stream)
    return found


def discarded(connection: Connection, projection: str) -> set[int]:
    """The positions an operator gave up: a rebuild skips them too."""
    query = select(DEAD_LETTERS.c.position).where(
        DEAD_LETTERS.c.projection == projection, DEAD_LETTERS.c.status == "discarded"
    )
    return set(connection.execute(query).scalars())


def listing(
    connection: Connection,
    *,
    projection: str | None = None,
    status: Status | None = None,
    after: int = 0,
    beyond: str | None = None,
    limit: int = 200,
) -> list[DeadLetter]:
    """Dead letters at positions after `after`, in order of the log; with `beyond`, also those at that position whose
    projection has a later name."""
    later = DEAD_LETTERS.c.position > after
    if beyond is not None:
        later |= (DEAD_LETTERS.c.position == after) & (DEAD_LETTERS.c.projection > beyond)
    query = select(DEAD_LETTERS).where(later)
    if projection is not None:
        query = query.where(DEAD_LETTERS.c.projection == projection)
    if status is not None:
        query = query.where(DEAD_LETTERS.c.status == status)
    query = query.order_by(DEAD_LETTERS.c.position, DEAD_LETTERS.c.projection).limit(limit)
    return [DeadLetter(*row) for row in connection.execute(query)]


def of_stream(connection: Connection, projection: str, stream: str) -> list[DeadLetter]:
    """What one stream has waiting for one projection, in order; without the discarded."""
    query = select(DEAD_LETTERS).where(
        DEAD_LETTERS.c.projection == projection,
        DEAD_LETTERS.c.stream == stream,
        DEAD_LETTERS.c.status != "discarded",
    )
    return [DeadLetter(*row) for row in connection.execute(query.order_by(DEAD_LETTERS.c.position))]


def find(connection: Connection, projection: str, position: int) -> DeadLetter | None:
    """One dead letter, or None."""
    query = select(DEAD_LETTERS).where(
        DEAD_LETTERS.c.projection == projection, DEAD_LETTERS.c.position == position
    )
    row = connection.execute(query).first()
    return None if row is None else DeadLetter(*row)


def change(connection: Connection, letter: DeadLetter) -> None:
    """Write a dead letter over the one at its place."""
    connection.execute(
        update(DEAD_LETTERS)
        .where(DEAD_LETTERS.c.projection == letter.projection, DEAD_LETTERS.c.position == letter.position)
        .values(asdict(letter))
    )


def remove(connection: Connection, projection: str, positions: Iterable[int]) -> None:
    """Forget dead letters that have been applied after all."""
    for position in positions:
        connection.execute(
            delete(DEAD_LETTERS).where(
                DEAD_LETTERS.c.projection == projection, DEAD_LETTERS.c.position == position
            )
        )


def rename(connection: Connection, old: str, new: str) -> None:
    """Dead letters of a rebuild become those of the live tables; what was discarded stays discarded."""
    columns = DEAD_LETTERS.c
    again = select(columns.position).where(columns.projection == old).scalar_subquery()
    connection.execute(
        delete(DEAD_LETTERS).where(
            columns.projection == new, (columns.status != "discarded") | columns.position.in_(again)
        )
    )
    connection.execute(update(DEAD_LETTERS).where(columns.projection == old).values(projection=new))


def clear(connection: Connection, projection: str) -> None:
    """Drop all dead letters of a projection."""
    connection.execute(delete(DEAD_LETTERS).where(DEAD_LETTERS.c.projection == projection))
