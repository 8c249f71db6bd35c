"""An NPC's memories out of the rows: its own, and those of others that it could perceive, in log order.

What it could perceive follows from where it stood and to whom it listened at that position of the log; both are
histories with one entry per change. So an event costs one row however many looked on, and who is asked pays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from heapq import merge
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, and_, bindparam, func, or_, select

from commands.mind.memory.perception import SIGHT
from commands.mind.memory.record import Author, Memory, Source
from commands.mind.memory.reflection import MAX_CITED, reflect
from projections.checkpoints import CHECKPOINTS
from projections.memory_tables import (
    LISTED_NPCS,
    LISTENING,
    MEMORIES,
    PLACES,
    area_of,
    own_scope,
)
from projections.prepared import Prepared, PreparedList, Row
from projections.schema import from_text

END = 2**62
PAGE = 2_000
CHUNK = 400
KEPT_REFLECTIONS = 4_096
REFLECTION = "reflection"

_SOURCES = {
    "event": Source.SAW,
    "interaction": Source.SAW,
    "speech": Source.HEARD,
    "world": Source.HEARD,
    "faction": Source.HEARD,
    "hearsay": Source.TOLD,
}
_TUPLES = ("players", "npcs", "told_by", "origin", "causes")

Event = tuple[int, int]


class _Row(NamedTuple):
    """A row of the memories' table, its columns in order."""

    position: int
    ordinal: int
    scope: str
    at: int
    source: str
    event_type: str
    importance: int
    emotion: str
    content: str
    area: str | None
    x: int | None
    y: int | None
    details: str


class _Range(NamedTuple):
    """Positions after an event and before another position."""

    position: int
    ordinal: int
    until: int


class PerceivedRows:
    """What NPCs remember, for `adapters.sql.memory_index`.

    Reflections are made of many rows and never change: those read last are kept until the rows are others.
    """

    def __init__(self) -> None:
        self._reflections: dict[tuple[str, int], Memory] = {}
        self._known = ""

    def generation(self, connection: Connection) -> str:
        """Changes whenever somebody but the projector changed the rows (a rebuild, a late delivery)."""
        row = _GENERATION.first(connection, {})
        found = "0" if row is None else f"{row[0]}.{row[1]}"
        if found != self._known or len(self._reflections) > KEPT_REFLECTIONS:
            self._known, self._reflections = found, {}
        return found

    def after(self, connection: Connection, owner: str, event: Event, limit: int) -> Sequence[Memory]:
        """The owner's memories after an event (position, ordinal), in log order, at most `limit`."""
        size = min(limit, PAGE)
        sources = [
            _own(connection, owner, event, size),
            _listed(connection, owner, event, size),
            _witnessed(connection, owner, event, size),
        ]
        sources += [
            _scope(connection, scope, _later(event, start, until), size)
            for scope, start, until in periods(connection, owner)
            if until > event[0]
        ]
        merged = islice(merge(*sources, key=_place), limit)
        return [self._memory(connection, owner, row) for row in merged]

    def find(self, connection: Connection, owner: str, events: Sequence[Event]) -> Sequence[Memory]:
        """The memories made by these events, in any order; the owner must have perceived them."""
        wanted, positions = set(events), sorted({position for position, _ in events})
        found = []
        for start in range(0, len(positions), CHUNK):
            for row in map(_Row._make, _AT.all(connection, positions[start : start + CHUNK])):
                mine = row.source != REFLECTION or row.scope == own_scope(owner)
                if (row.position, row.ordinal) in wanted and mine:
                    found.append(self._memory(connection, owner, row))
        return found

    def _memory(self, connection: Connection, owner: str, row: _Row) -> Memory:
        if row.source != REFLECTION:
            return _memory(owner, row)
        kept = self._reflections
        made = kept.get((owner, row.position))
        if made is None:
            made = kept[owner, row.position] = _reflection(connection, owner, row)
        return made


def _place(row: _Row) -> Event:
    return row.position, row.ordinal


def _later(event: Event, start: int, until: int) -> _Range:
    """The part after `event` of a period that begins after `start` and ends before `until`."""
    return _Range(start, END, until) if start > event[0] else _Range(*event, until)


def _pages(read: Callable[[dict[str, Any]], list[Row]], of: _Range, size: int) -> Iterator[_Row]:
    """The rows of a range by pages, the first of `size`; `read` is given where a page begins and ends."""
    position, ordinal = of.position, of.ordinal
    while True:
        found = read({"after": position, "ordinal": ordinal, "until": of.until, "count": size})
        rows = [_Row._make(row) for row in found]
        yield from rows
        if len(rows) < size:
            return
        position, ordinal = rows[-1].position, rows[-1].ordinal
        size = PAGE


def _own(connection: Connection, owner: str, event: Event, size: int) -> Iterator[_Row]:
    return _scope(connection, own_scope(owner), _Range(*event, END), size)


def _scope(connection: Connection, scope: str, of: _Range, size: int) -> Iterator[_Row]:
    return _pages(lambda page: _SCOPE.all(connection, {"of": scope, **page}), of, size)


def _listed(connection: Connection, owner: str, event: Event, size: int) -> Iterator[_Row]:
    def read(page: dict[str, Any]) -> list[Row]:
        return _LISTED.all(connection, {"owner": owner, **page})

    return _pages(read, _Range(*event, END), size)


def _witnessed(connection: Connection, owner: str, event: Event, size: int) -> Iterator[_Row]:
    """What happened to others within sight, place by place."""
    for start, until, map_name, x, y in _places(connection, owner, event[0]):
        corners = [(x + dx, y + dy) for dx in (-SIGHT, SIGHT) for dy in (-SIGHT, SIGHT)]
        areas = sorted({area_of(map_name, cx, cy) for cx, cy in corners})
        values = {
            "owner": own_scope(owner),
            "west": x - SIGHT,
            "east": x + SIGHT,
            "south": y - SIGHT,
            "north": y + SIGHT,
        }
        read = partial(_seen, connection, areas, values)
        yield from _pages(read, _later(event, start, until), size)


def _seen(
    connection: Connection, areas: list[str], values: dict[str, Any], page: dict[str, Any]
) -> list[Row]:
    return _SEEN.all(connection, areas, values | page)


def _places(connection: Connection, owner: str, position: int) -> Iterator[tuple[int, int, str, int, int]]:
    """(from, until, map, x, y) of the places where an NPC stood since a position."""
    stood = _STOOD.first(connection, {"owner": owner, "position": position})
    rows = _PLACES.all(connection, {"owner": owner, "began": (stood and stood[0]) or 0})
    for number, (since, map_name, x, y) in enumerate(rows):
        until = rows[number + 1][0] if number + 1 < len(rows) else END
        if map_name is not None:
            yield since, until, map_name, x, y


def periods(connection: Connection, owner: str) -> Iterable[tuple[str, int, int]]:
    """(scope, after, before) of what an NPC listened to."""
    found: list[tuple[str, int, int]] = []
    begun: dict[str, int] = {}
    for position, scope, begins in _LISTENED.all(connection, {"owner": owner}):
        if begins:
            begun.setdefault(scope, position)
        else:
            ended = [scope] if scope else list(begun)
            found += [(each, begun.pop(each), position) for each in ended if each in begun]
    return [*found, *((scope, start, END) for scope, start in begun.items())]


def _memory(owner: str, row: _Row) -> Memory:
    details: dict[str, Any] = from_text(row.details)
    own = row.scope == own_scope(owner)
    seen = details.pop("seen", row.importance)
    author = Author(details.pop("author", Author.GM))
    for name in _TUPLES:
        if name in details:
            details[name] = tuple(details[name])
    return Memory(
        owner,
        row.position,
        row.ordinal,
        row.at,
        row.content,
        row.event_type,
        row.importance if own else seen,
        row.emotion,
        source=_SOURCES.get(row.source, Source.SAW),
        channel=row.source,
        author=author,
        **details,
    )


def _reflection(connection: Connection, owner: str, row: _Row) -> Memory:
    since = from_text(row.details)["since"]
    values = {
        "of": own_scope(owner),
        "since": since,
        "until": row.position,
        "count": MAX_CITED,
        "reflections": REFLECTION,
    }
    lived = [_memory(owner, _Row._make(cited)) for cited in _CITED.all(connection, values)]
    return replace(reflect(tuple(lived)), channel=REFLECTION)


_columns = select(MEMORIES)
_after = and_(
    MEMORIES.c.position >= bindparam("after"),
    MEMORIES.c.position < bindparam("until"),
    or_(MEMORIES.c.position > bindparam("after"), MEMORIES.c.ordinal > bindparam("ordinal")),
)


def _paged(query: Select[Any]) -> Select[Any]:
    return query.where(_after).order_by(MEMORIES.c.position, MEMORIES.c.ordinal).limit(bindparam("count"))


_SCOPE = Prepared(_paged(_columns.where(MEMORIES.c.scope == bindparam("of"))))
_LISTED = Prepared(
    _paged(
        _columns.join_from(
            LISTED_NPCS,
            MEMORIES,
            and_(LISTED_NPCS.c.position == MEMORIES.c.position, LISTED_NPCS.c.ordinal == MEMORIES.c.ordinal),
        ).where(LISTED_NPCS.c.npc_id == bindparam("owner"), LISTED_NPCS.c.position >= bindparam("after"))
    )
)
_SEEN = PreparedList(
    lambda areas: _paged(
        _columns.where(
            MEMORIES.c.area.in_(areas),
            MEMORIES.c.scope != bindparam("owner"),
            MEMORIES.c.x.between(bindparam("west"), bindparam("east")),
            MEMORIES.c.y.between(bindparam("south"), bindparam("north")),
        )
    ),
    MEMORIES.c.area.type,
)
_AT = PreparedList(
    lambda positions: _columns.where(MEMORIES.c.position.in_(positions)), MEMORIES.c.position.type
)
_CITED = Prepared(
    _columns.where(
        MEMORIES.c.scope == bindparam("of"),
        MEMORIES.c.position.between(bindparam("since"), bindparam("until")),
        MEMORIES.c.source != REFLECTION,
    )
    .order_by(MEMORIES.c.position, MEMORIES.c.ordinal)
    .limit(bindparam("count"))
)
_LISTENED = Prepared(
    select(LISTENING.c.position, LISTENING.c.scope, LISTENING.c.begins)
    .where(LISTENING.c.npc_id == bindparam("owner"))
    .order_by(LISTENING.c.position, LISTENING.c.ordinal)
)
_STOOD = Prepared(
    select(func.max(PLACES.c.position)).where(
        PLACES.c.npc_id == bindparam("owner"), PLACES.c.position <= bindparam("position")
    )
)
_PLACES = Prepared(
    select(PLACES.c.position, PLACES.c.map, PLACES.c.x, PLACES.c.y)
    .where(PLACES.c.npc_id == bindparam("owner"), PLACES.c.position >= bindparam("began"))
    .order_by(PLACES.c.position, PLACES.c.ordinal)
)
_GENERATION = Prepared(
    select(CHECKPOINTS.c.version, CHECKPOINTS.c.epoch).where(CHECKPOINTS.c.name == "memories")
)
