"""Pages of the event feed: any filter, both directions, from any place, at about the same price everywhere.

Every query goes along an index from the place where the page before ended. Where the filters have no index in
common, rows of the most selective one are looked through, a bounded number for each page: such a page may hold fewer
rows than asked for, and its `next` says where to go on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from events.catalogue import known_types
from projections.feed import FEED, shown
from projections.feed_places import CLOCK_SKEW, ends, position_at
from projections.projection import reads

MAX_PAGE: Final = 1000
MAX_TYPES: Final = 64
PROBED: Final = 2000
"""Rows of an index that are counted to find out which filter is the most selective."""
LOOKED_THROUGH: Final = 4000
"""Rows a page looks through by an index, each of which is another place on the disk."""
READ_THROUGH: Final = 20_000
"""Rows a page looks through in the order of the key."""
LAST_ORDINAL: Final = 2**31

Condition = Callable[[Any], ColumnElement[bool]]
"""Something that has to be true of the columns of a row."""


class Place(NamedTuple):
    """One event of the log: its commit and its number within that."""

    position: int
    ordinal: int

    @property
    def cursor(self) -> str:
        return f"{self.position}.{self.ordinal}"


@dataclass(frozen=True, slots=True)
class Filters:
    """What a page shows; everything given has to fit.

    `category` and `types` name events (`npc`, `npc.spoke`), `stream` is `category/id`, `prefix` how a stream begins,
    `actor` `kind/id`; `since` and `until` are µs since the epoch, both included.
    """

    category: str | None = None
    types: tuple[str, ...] = ()
    stream: str | None = None
    prefix: str | None = None
    actor: str | None = None
    correlation_id: str | None = None
    since: int | None = None
    until: int | None = None

    def wanted_types(self) -> tuple[str, ...] | None:
        """The event types that may appear, None for all. A type begins with the category of its streams."""
        if self.category is None:
            return self.types or None
        within = f"{self.category}."
        return tuple(name for name in self.types or known_types() if name.startswith(within))

    def matcher(self) -> Callable[[Any], bool]:
        """Whether a row of the feed, as it is shown, fits; times are not looked at."""
        types, prefix = self.wanted_types(), self.prefix
        wanted = frozenset(types) if types is not None else None
        same = {
            column: value
            for column, value in (
                ("stream", self.stream),
                ("actor", self.actor),
                ("correlation_id", self.correlation_id),
            )
            if value is not None
        }
        return lambda row: (
            (wanted is None or row["type"] in wanted)
            and (not prefix or row["stream"].startswith(prefix))
            and all(row[column] == value for column, value in same.items())
        )


@reads("feed")
def page(
    connection: Connection,
    filters: Filters,
    *,
    cursor: str | None = None,
    newer: bool = False,
    limit: int = 50,
) -> dict[str, Any]:
    """Events from `cursor` on, `{"items": [...], "next": cursor or null}`; `limit` at most 1,000.

    Without a cursor it begins at the end of the log, or, with `newer`, at its beginning. Older pages come newest first,
    newer ones oldest first. Raises `ValueError` for a cursor that is none of ours.
    """
    limit = max(1, min(limit, MAX_PAGE))
    walk = _Walk(connection, filters, None if cursor is None else place_of(cursor), newer, limit + 1)
    rows, stopped = walk.rows()
    items = [shown(row) for row in rows[:limit]]
    following = _place(rows[limit - 1]) if len(rows) > limit else stopped
    return {"items": items, "next": None if following is None else following.cursor}


@reads("feed")
def around(connection: Connection, filters: Filters, position: int, *, limit: int = 50) -> dict[str, Any]:
    """Events on both sides of `position`, newest first: as `page`, with `previous`, the cursor to newer ones."""
    half = max(1, min(limit, MAX_PAGE) // 2)
    before = page(connection, filters, cursor=Place(position + 1, 0).cursor, limit=half)
    here = Place(position, LAST_ORDINAL).cursor
    after = page(connection, filters, cursor=here, newer=True, limit=half)
    if after["next"] is None and after["items"]:
        last = after["items"][-1]
        after["next"] = Place(last["position"], last["index"]).cursor
    return {
        "items": [*reversed(after["items"]), *before["items"]],
        "next": before["next"],
        "previous": after["next"] or here,
    }


def place_of(cursor: str) -> Place:
    """Raises `ValueError` for what is no cursor of the feed."""
    position, dot, ordinal = cursor.partition(".")
    digits = position + ordinal
    if not (dot and position and ordinal and digits.isdecimal() and digits.isascii() and len(cursor) <= 40):
        raise ValueError(f"cursor: {cursor[:60]!r} is not one of the feed")
    return Place(min(int(position), 2**62), min(int(ordinal), LAST_ORDINAL))


class _Branch(NamedTuple):
    """Rows that meet one condition: in order by an index of it, or so `few` that they are sorted. None: by the key."""

    condition: Condition | None
    few: bool = False


class _Walk:
    """One page's way through the feed."""

    def __init__(
        self, connection: Connection, filters: Filters, start: Place | None, newer: bool, count: int
    ) -> None:
        self._connection, self._filters, self._newer, self._count = connection, filters, newer, count
        self._bounds = self._bounded(start)

    def rows(self) -> tuple[Sequence[Any], Place | None]:
        """The rows in order, at most `count`, and where looking through stopped before the end was reached."""
        branches, rest = self._way()
        found: list[Any] = []
        stops: list[Place] = []
        for branch in branches:
            rows, stop = self._along(branch, rest, len(branches))
            found += rows
            if stop is not None:
                stops.append(stop)
        found.sort(key=_place, reverse=not self._newer)
        if not stops:
            return found[: self._count], None
        # Beyond the nearest stop, rows of that branch would be missing.
        nearest = min(stops) if self._newer else max(stops)
        within = [r for r in found if (_place(r) <= nearest if self._newer else _place(r) >= nearest)]
        return within[: self._count], nearest

    def _way(self) -> tuple[list[_Branch], list[Condition]]:
        """Along which branches, and what else has to be true of the rows found there."""
        ways = _ways(self._filters)
        if any(not way for way in ways):
            return [], []
        beginning = _beginning(self._filters.prefix) if self._filters.prefix else None
        if beginning is None and len(ways) < 2:
            return [_Branch(each) for each in ways[0]] if ways else [_Branch(None)], []
        sizes = [sum(self._size(each) for each in way) for way in ways]
        if beginning is not None and self._size(beginning) < min([PROBED, *sizes]):
            return [_Branch(beginning, few=True)], [_any(way) for way in ways]
        rest = [] if beginning is None else [beginning]
        if not ways:
            # Streams that begin alike are not together in the log: they are looked for in the log itself.
            return [_Branch(None)], rest
        best = sizes.index(min(sizes))
        rest += [_any(way) for number, way in enumerate(ways) if number != best]
        return [_Branch(each) for each in ways[best]], rest

    def _size(self, condition: Condition) -> int:
        some = select(FEED.c.position).where(condition(FEED.c)).limit(PROBED).subquery()
        return int(self._connection.execute(select(func.count()).select_from(some)).scalar_one())

    def _along(
        self, branch: _Branch, rest: list[Condition], branches: int
    ) -> tuple[Sequence[Any], Place | None]:
        if branch.few and branch.condition is not None:
            few = select(FEED).where(branch.condition(FEED.c)).limit(PROBED).subquery()
            return self._fetched(few, [*self._bounds, *rest]), None
        conditions = self._bounds if branch.condition is None else [branch.condition, *self._bounds]
        inner = select(FEED).where(*(each(FEED.c) for each in conditions)).order_by(*self._order(FEED.c))
        if not rest:
            return self._connection.execute(inner.limit(self._count)).mappings().all(), None
        most = READ_THROUGH if branch.condition is None else max(LOOKED_THROUGH // branches, self._count)
        rows = self._fetched(inner.limit(most).subquery(), rest)
        if len(rows) >= self._count:
            return rows, None
        places = inner.with_only_columns(FEED.c.position, FEED.c.ordinal).limit(most).subquery()
        looked = self._connection.execute(select(func.count()).select_from(places)).scalar_one()
        if looked < most:
            return rows, None
        last = select(places.c.position, places.c.ordinal).order_by(*self._order(places.c, backwards=True))
        return rows, Place(*self._connection.execute(last.limit(1)).one())

    def _fetched(self, source: Any, conditions: Sequence[Condition]) -> Sequence[Any]:
        query = select(source).where(*(each(source.c) for each in conditions))
        return (
            self._connection.execute(query.order_by(*self._order(source.c)).limit(self._count))
            .mappings()
            .all()
        )

    def _order(self, columns: Any, *, backwards: bool = False) -> tuple[Any, Any]:
        order = (columns.position, columns.ordinal)
        return order if self._newer != backwards else (order[0].desc(), order[1].desc())

    def _bounded(self, start: Place | None) -> list[Condition]:
        """Between which places, by key where a time was given, too."""
        f, bounds = self._filters, list[Condition]()
        if start is not None and self._newer:
            bounds += [
                lambda c: c.position >= start.position,
                lambda c: (c.position > start.position) | (c.ordinal > start.ordinal),
            ]
        elif start is not None:
            bounds += [
                lambda c: c.position <= start.position,
                lambda c: (c.position < start.position) | (c.ordinal < start.ordinal),
            ]
        if f.since is not None:
            since, first = f.since, position_at(self._connection, f.since - CLOCK_SKEW)
            bounds += [lambda c: c.position >= first, lambda c: c.at >= since]
        if f.until is not None:
            until, (low, high) = f.until, ends(self._connection)
            last = position_at(self._connection, f.until + CLOCK_SKEW, (low, high + 1))
            bounds += [lambda c: c.position <= last, lambda c: c.at <= until]
        return bounds


def _ways(filters: Filters) -> list[list[Condition]]:
    """The indexes that may be gone along, each as the branches it takes. One without branches: nothing fits."""
    ways: list[list[Condition]] = [
        [_equals(column, value)]
        for column, value in (
            ("correlation_id", filters.correlation_id),
            ("stream", filters.stream),
            ("actor", filters.actor),
        )
        if value is not None
    ]
    types = filters.wanted_types()
    if types is not None:
        ways.append([_equals("type", name) for name in types[:MAX_TYPES]])
    return ways


def _equals(column: str, value: str) -> Condition:
    return lambda c: c[column] == value


def _beginning(prefix: str) -> Condition:
    after = _after(prefix)
    if after is None:
        return lambda c: c.stream >= prefix
    return lambda c: and_(c.stream >= prefix, c.stream < after)


def _any(way: list[Condition]) -> Condition:
    return lambda c: or_(*(each(c) for each in way))


def _place(row: Any) -> Place:
    return Place(row["position"], row["ordinal"])


def _after(prefix: str) -> str | None:
    """The least text that sorts after everything beginning with `prefix`; None when there is none."""
    last = ord(prefix[-1]) + 1
    if last > 0x10FFFF:
        return _after(prefix[:-1]) if prefix[:-1] else None
    return prefix[:-1] + chr(0xE000 if 0xD800 <= last < 0xE000 else last)
