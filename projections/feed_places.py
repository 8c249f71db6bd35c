"""Where in the feed a moment is, what it spans, and how busy it was when: by key, whatever the length of the log."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, select

from events.commit import moment
from projections.feed import FEED, shown
from projections.prepared import Prepared
from projections.projection import reads

CLOCK_SKEW: Final = 60_000_000
"""How far the clocks of command workers may differ, in µs, without a query by time missing anything."""
MAX_BUCKETS: Final = 500
MAX_ROWS: Final = 1000
SAMPLE: Final = 200
COUNTED_ALONE: Final = 4
"""Values whose events are counted one by one; the events of a whole category may be all there are."""
COUNTED: Final = {
    "type": FEED.c.type,
    "stream": FEED.c.stream,
    "actor": FEED.c.actor,
    "correlation_id": FEED.c.correlation_id,
}
"""What `density` can be about: columns with an index that ends with the position."""

# Two queries in one: SQLite answers each from the end of the key, both together only by reading all rows.
_ENDS = Prepared(
    select(
        select(func.min(FEED.c.position)).scalar_subquery(),
        select(func.max(FEED.c.position)).scalar_subquery(),
    )
)
_AT = Prepared(
    select(FEED.c.at)
    .where(FEED.c.position >= bindparam("from_position"))
    .order_by(FEED.c.position, FEED.c.ordinal)
    .limit(1)
)
_BEFORE = Prepared(
    select(FEED.c.at)
    .where(FEED.c.position <= bindparam("position"))
    .order_by(FEED.c.position.desc(), FEED.c.ordinal.desc())
    .limit(1)
)
_ROWS = (
    select(FEED)
    .where(FEED.c.position >= bindparam("first"), FEED.c.position < bindparam("after_last"))
    .order_by(FEED.c.position, FEED.c.ordinal)
)


def ends(connection: Connection) -> tuple[int, int]:
    """The first and the last position; (0, 0) of an empty feed."""
    first, last = _ENDS.all(connection, {})[0]
    return first or 0, last or 0


def position_at(connection: Connection, at: int, within: tuple[int, int] | None = None) -> int:
    """The first position whose time is `at` (µs) or later, between the ends of `within`, else of the feed.

    Times grow with positions but for `CLOCK_SKEW`; halving finds it. The last position when all are earlier.
    """
    low, high = ends(connection) if within is None else within
    while low < high:
        middle = (low + high) // 2
        found = _AT.first(connection, {"from_position": middle})
        if found is not None and found[0] < at:
            low = middle + 1
        else:
            high = middle
    return low


def time_at(connection: Connection, position: int) -> int:
    """The time (µs) of the last event at or before a position; 0 before the first one."""
    found = _BEFORE.first(connection, {"position": position})
    return 0 if found is None else int(found[0])


def last_by(connection: Connection, at: int) -> int:
    """The last position whose time is `at` (µs) or earlier; 0 before the first."""
    first, last = ends(connection)
    found = position_at(connection, at + 1, (first, last + 1))
    return max(found - 1, 0) if found > first or not last else 0


def shown_time(at: int) -> str | None:
    """A time as it is told; None for 0."""
    return moment(at).isoformat() if at else None


@reads("feed")
def span(connection: Connection) -> dict[str, Any]:
    """`{"first", "last", "count", "first_at", "last_at"}`: positions, how many there are between, and their times."""
    first, last = ends(connection)
    times = [_time_of(connection, position) if last else None for position in (first, last)]
    return {
        "first": first,
        "last": last,
        "count": last - first + 1 if last else 0,
        "first_at": times[0] and moment(times[0]).isoformat(),
        "last_at": times[1] and moment(times[1]).isoformat(),
    }


@reads("feed")
def rows(connection: Connection, first: int, limit: int = 100) -> dict[str, Any]:
    """The events at `limit` positions from `first` on, at most 1,000, oldest first: index access for a table.

    `{"items", "from", "first", "last"}`; a commit of several events has several items. Positions of other realms in a
    shared log have none.
    """
    limit = max(1, min(limit, MAX_ROWS))
    earliest, latest = ends(connection)
    found = connection.execute(_ROWS, {"first": first, "after_last": first + limit}).mappings()
    return {"items": [shown(row) for row in found], "from": first, "first": earliest, "last": latest}


@reads("feed")
def density(
    connection: Connection,
    *,
    buckets: int = 120,
    since: int | None = None,
    until: int | None = None,
    by: str | None = None,
    values: tuple[str, ...] = (),
) -> dict[str, Any]:
    """How much happened when: `{"buckets": [{"at", "position", "count"}], "from", "to", "seconds"}`.

    The time from `since` to `until` (µs; the whole feed unless given) in equal parts, at most 500. `count` are
    positions, or with `by` (a key of `COUNTED`) the events whose column has one of `values`. Of many values they are
    estimated from the first events of each part, and `sampled` says so.
    """
    buckets = max(1, min(buckets, MAX_BUCKETS))
    whole = ends(connection)
    if not whole[1]:
        return {"buckets": [], "from": None, "to": None, "seconds": 0}
    began = _time_of(connection, whole[0]) if since is None else since
    ended = _time_of(connection, whole[1]) if until is None else until
    width = max(1, -(-(ended - began + 1) // buckets))
    edges = [whole[0] if since is None else position_at(connection, began, whole)]
    for number in range(1, buckets):
        edge = (edges[-1], whole[1] + 1)
        edges.append(position_at(connection, began + number * width, edge))
    # Whatever clocks say, the whole feed is all of it.
    end = (edges[-1], whole[1] + 1)
    edges.append(end[1] if until is None else position_at(connection, began + buckets * width, end))
    counts = [after - first for first, after in pairwise(edges)]
    if by is not None:
        count = _counted if len(values) <= COUNTED_ALONE else _sampled
        counts = [count(connection, by, values, *edge) for edge in pairwise(edges)]
    return {
        "buckets": [
            {"at": moment(began + number * width).isoformat(), "position": edge, "count": count}
            for number, (edge, count) in enumerate(zip(edges, counts, strict=False))
        ],
        "from": moment(began).isoformat(),
        "to": moment(ended).isoformat(),
        "seconds": width / 1_000_000,
        "sampled": by is not None and len(values) > COUNTED_ALONE,
    }


def _counted(connection: Connection, by: str, values: tuple[str, ...], first: int, after_last: int) -> int:
    if first >= after_last:
        return 0
    column, total = COUNTED[by], 0
    for value in values:
        query = select(func.count()).where(
            column == value, FEED.c.position >= first, FEED.c.position < after_last
        )
        total += connection.execute(query.select_from(FEED)).scalar_one()
    return total


def _sampled(connection: Connection, by: str, values: tuple[str, ...], first: int, after_last: int) -> int:
    last = min(after_last, first + SAMPLE)
    if first >= last:
        return 0
    column, within = COUNTED[by], (FEED.c.position >= first, FEED.c.position < last)
    found = connection.execute(select(column).where(*within).limit(SAMPLE)).scalars().all()
    wanted = frozenset(values)
    return round(sum(value in wanted for value in found) * (after_last - first) / (last - first))


def _time_of(connection: Connection, position: int) -> int:
    found = _AT.first(connection, {"from_position": position})
    return 0 if found is None else int(found[0])
