"""Pages, rows and density of the feed against a plain list of everything in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import Connection, insert

from adapters.sql.engine import open_database
from adapters.sql.migrate import migrate
from bench.history import History
from events.commit import Recorded, microseconds
from events.npc import NpcPerceived, NpcRegistered, Profile
from projections import feed_pages, feed_places
from projections.feed import EVENT_FEED, FEED, shown
from projections.feed_pages import Filters, around, page
from projections.projection import Entry
from tests.commits import NOON, commit, perceived
from tests.projections.conftest import World

COMMITS = 600


class _Inserted:
    """Takes the rows the fold appends."""

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []

    def insert(self, _table: object, values: tuple[Any, ...]) -> None:
        self.rows.append(values)


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Connection, list[dict[str, Any]]]]:
    """A feed of some hundred commits, with gaps and commits of several events; and all of it, oldest first."""
    url = f"sqlite:///{tmp_path_factory.mktemp('feed') / 'feed.sqlite3'}"
    migrate(url)
    database, taken, positions = open_database(url), _Inserted(), count(3, 2)
    for number, made in enumerate(History("midgard", npcs=15, seed=3).commits(COMMITS)):
        some = (NpcRegistered(Profile("guard")), NpcPerceived("bell", {})) if number % 9 == 0 else made.events
        kept = replace(made, events=some, stream=f"npc/n{number}" if number % 9 == 0 else made.stream)
        EVENT_FEED.fold(taken, Entry.of(Recorded(next(positions), kept)))  # type: ignore[arg-type]
    columns = FEED.columns.keys()
    rows = [dict(zip(columns, values, strict=True)) for values in taken.rows]
    with database.writer.begin() as connection:
        connection.execute(insert(FEED), rows)
    with database.reader.connect() as connection:
        yield connection, [shown(row) | {"us": row["at"]} for row in rows]
    database.close()


def expected(rows: list[dict[str, Any]], filters: Filters) -> list[tuple[int, int]]:
    fits = filters.matcher()
    return [
        (row["position"], row["index"])
        for row in rows
        if fits(row)
        and (filters.since is None or row["us"] >= filters.since)
        and (filters.until is None or row["us"] <= filters.until)
    ]


def joined(connection: Connection, filters: Filters, *, newer: bool, limit: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    cursor = None
    for _ in range(10 * COMMITS):
        some = page(connection, filters, cursor=cursor, newer=newer, limit=limit)
        assert len(some["items"]) <= limit
        found += [(row["position"], row["index"]) for row in some["items"]]
        cursor = some["next"]
        if cursor is None:
            return found
    raise AssertionError("the pages never end")


TIMES = st.integers(0, COMMITS * 1500).map(lambda offset: 1_790_000_000_000_000 + offset)
FILTERS = st.builds(
    Filters,
    category=st.none() | st.sampled_from(["npc", "request", "world", "faction", "none"]),
    types=st.just(()) | st.sampled_from([("npc.perceived",), ("npc.registered", "request.opened"), ("x.y",)]),
    stream=st.none() | st.sampled_from(["npc/n9", "npc/Resident 000003", "world/midgard", "npc/nobody"]),
    prefix=st.none() | st.sampled_from(["npc/Res", "npc/n1", "request/", "w", "zzz", "npc/Resident 00000\U0010ffff"]),
    actor=st.none() | st.sampled_from(["server/map-1", "player/150001", "player/nobody"]),
    since=st.none() | TIMES,
    until=st.none() | TIMES,
)  # fmt: skip


@pytest.mark.parametrize("few", [False, True], ids=["looked through at once", "a few rows at a time"])
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(filters=FILTERS, newer=st.booleans(), limit=st.sampled_from([1, 7, 50, 1000]))
def test_pages_joined_are_all_rows_in_order_whatever_is_filtered(
    feed: tuple[Connection, list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
    few: bool,
    filters: Filters,
    newer: bool,
    limit: int,
) -> None:
    connection, rows = feed
    if few:
        for name, value in (("PROBED", 5), ("LOOKED_THROUGH", 20), ("READ_THROUGH", 30)):
            monkeypatch.setattr(feed_pages, name, value)
    wanted = expected(rows, filters)
    found = joined(connection, filters, newer=newer, limit=limit)
    assert found == (wanted if newer else wanted[::-1])


def test_a_page_around_a_position_goes_on_in_both_directions(
    feed: tuple[Connection, list[dict[str, Any]]],
) -> None:
    connection, rows = feed
    everything = [(row["position"], row["index"]) for row in rows][::-1]
    middle = around(connection, Filters(), 600, limit=20)
    found = [(row["position"], row["index"]) for row in middle["items"]]
    begins = everything.index(found[0])
    assert found == everything[begins : begins + 20]
    assert any(position <= 600 for position, _ in found) and any(position > 600 for position, _ in found)
    newer = page(connection, Filters(), cursor=middle["previous"], newer=True, limit=1000)["items"]
    older = page(connection, Filters(), cursor=middle["next"], limit=1000)["items"]
    assert len(newer) + len(found) + len(older) == len(everything)
    end = around(connection, Filters(), 10**9, limit=20)
    assert end["items"][0]["position"] == everything[0][0]
    assert page(connection, Filters(), cursor=end["previous"], newer=True)["items"] == []


def test_rows_are_found_by_position_and_the_span_says_how_many_there_may_be(
    feed: tuple[Connection, list[dict[str, Any]]],
) -> None:
    connection, rows = feed
    span = feed_places.span(connection)
    assert (span["first"], span["last"]) == (3, 3 + 2 * (COMMITS - 1))
    assert span["count"] == 2 * COMMITS - 1
    some = feed_places.rows(connection, 101, 10)
    assert some["items"] == [
        {name: value for name, value in row.items() if name != "us"}
        for row in rows
        if 101 <= row["position"] < 111
    ]
    assert feed_places.rows(connection, 10**12, 10)["items"] == []


def test_density_counts_every_event_once_however_the_time_is_cut(
    feed: tuple[Connection, list[dict[str, Any]]],
) -> None:
    connection, rows = feed
    for buckets in (1, 7, 120, 500):
        found = feed_places.density(connection, buckets=buckets)
        assert sum(bucket["count"] for bucket in found["buckets"]) == 2 * COMMITS - 1
        some = feed_places.density(
            connection, buckets=buckets, by="type", values=("npc.perceived", "world.x")
        )
        assert sum(bucket["count"] for bucket in some["buckets"]) == len(
            [row for row in rows if row["type"] == "npc.perceived"]
        )


def test_an_empty_feed_has_no_span_no_pages_and_no_density(empty_database: Path) -> None:
    database = open_database(f"sqlite:///{empty_database}")
    try:
        with database.reader.connect() as connection:
            assert feed_places.span(connection)["count"] == 0
            assert page(connection, Filters(since=1, until=2))["items"] == []
            assert around(connection, Filters(), 5)["items"] == []
            assert feed_places.density(connection)["buckets"] == []
    finally:
        database.close()


@pytest.mark.parametrize(
    "cursor", ["", ".", "1", "1.", ".1", "1.2.3", "-1.0", "1.-1", "1; DROP", "٣.٣", "9" * 41]
)
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(ValueError, match="cursor"):
        feed_pages.place_of(cursor)


def test_a_late_clock_hides_nothing(tmp_path: Path) -> None:
    """Times of two workers whose clocks differ do not grow with positions."""
    url = f"sqlite:///{tmp_path / 'feed.sqlite3'}"
    migrate(url)
    database, taken = open_database(url), _Inserted()
    times = [NOON + timedelta(seconds=n + (50 if n % 2 else 0)) for n in range(200)]
    for position, at in enumerate(times, start=1):
        EVENT_FEED.fold(taken, Entry.of(Recorded(position, commit(time=at))))  # type: ignore[arg-type]
    with database.writer.begin() as connection:
        connection.execute(
            insert(FEED), [dict(zip(FEED.columns.keys(), row, strict=True)) for row in taken.rows]
        )
    with database.reader.connect() as connection:
        for at in times[::13]:
            late = page(connection, Filters(since=microseconds(at)), limit=1000)["items"]
            assert len(late) == sum(1 for each in times if each >= at)
            early = page(connection, Filters(until=microseconds(at)), limit=1000)["items"]
            assert len(early) == sum(1 for each in times if each <= at)
    database.close()


async def test_every_way_through_the_feed_works_on_every_database(world: World) -> None:
    for number in range(30):
        stream = "npc/John" if number % 3 else f"npc/Mary {number}"
        await world.append(stream, perceived(), time=NOON + timedelta(minutes=number))
    await world.append("npc/John", NpcRegistered(Profile("guard")), time=NOON + timedelta(minutes=31))
    await world.project([EVENT_FEED])
    ways = (
        Filters(),
        Filters(category="npc", stream="npc/John"),
        Filters(prefix="npc/M"),
        Filters(prefix="npc/", types=("npc.registered",), actor="server/map-1"),
        Filters(
            since=microseconds(NOON + timedelta(minutes=10)), until=microseconds(NOON + timedelta(minutes=20))
        ),
    )
    with world.reading() as connection:
        found = [joined(connection, way, newer=newer, limit=4) for way in ways for newer in (False, True)]
        assert [len(rows) for rows in found[::2]] == [31, 21, 10, 1, 11]
        assert all(older == newer[::-1] for older, newer in zip(found[::2], found[1::2], strict=True))
        assert len(around(connection, Filters(), 15, limit=10)["items"]) == 10
        assert len(feed_places.rows(connection, 5, 10)["items"]) == 10
        assert feed_places.last_by(connection, microseconds(NOON + timedelta(minutes=9))) == 10
        assert sum(each["count"] for each in feed_places.density(connection, buckets=7)["buckets"]) == 31
        counted = feed_places.density(connection, buckets=7, by="stream", values=("npc/John",))
        assert sum(each["count"] for each in counted["buckets"]) == 21
        sampled = feed_places.density(
            connection, buckets=7, by="type", values=Filters(category="npc").wanted_types() or ()
        )
        assert sampled["sampled"] and sum(each["count"] for each in sampled["buckets"]) == 31
