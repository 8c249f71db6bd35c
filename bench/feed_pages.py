"""How long does a page of the event feed take, anywhere in it, by any filter?"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import Connection

from adapters.sql.engine import open_database
from adapters.sql.migrate import migrate
from bench.history import History
from bench.measure import Figure, Result, percentile
from bench.options import DEFAULT, Options
from events.commit import Recorded
from projections import feed_places
from projections.feed import EVENT_FEED, FEED
from projections.feed_pages import Filters, around, page
from projections.plain import Plain
from projections.projection import Entry
from projections.store import Database, Store

TARGET_MS = 50.0
ROUNDS = 15
ROWS = 100
WRITTEN = 20_000
NPCS = 1000

FILTERS = {
    "everything": Filters(),
    "one type": Filters(types=("npc.perceived",)),
    "one category of many types": Filters(category="npc"),
    "a rare category": Filters(category="world"),
    "one stream": Filters(stream="npc/Resident 000007"),
    "one actor and a category": Filters(actor="player/150001", category="npc"),
    "streams that begin so, one in ten": Filters(prefix="npc/Resident 0001"),
    "streams that begin so, rare": Filters(prefix="npc/Resident 000007"),
    "filters that nothing fits": Filters(prefix="npc/", category="request"),
}


def run(options: Options = DEFAULT) -> Result:
    """Pages of 100 at random places of a feed, the slowest of many counts; the fill is not measured."""
    with tempfile.TemporaryDirectory(prefix="lorestream-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'feed.sqlite3'}"
        migrate(url)
        database = open_database(url)
        try:
            fill(database, options.commits)
            with database.reader.connect() as connection:
                figures = _pages(connection, random.Random(1))
        finally:
            database.close()
    return Result("feed", (Figure("commits", options.commits, ""), *figures))


def fill(database: Database, commits: int) -> None:
    """Fold a made-up history into the feed alone."""
    store, taken, positions = Store(database.writer.dialect), _Inserted(), count(1)
    with database.writer.begin() as connection:
        for commit in History("midgard", npcs=NPCS).commits(commits):
            EVENT_FEED.fold(taken, Entry.of(Recorded(next(positions), commit)))  # type: ignore[arg-type]
            if len(taken.rows) >= WRITTEN:
                store.write(connection, FEED, Plain([], [], taken.rows, []))
                taken.rows = []
        store.write(connection, FEED, Plain([], [], taken.rows, []))


class _Inserted:
    """Takes the rows the fold appends."""

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []

    def insert(self, _table: object, values: tuple[Any, ...]) -> None:
        self.rows.append(values)


def _pages(connection: Connection, chance: random.Random) -> list[Figure]:
    last = feed_places.span(connection)["last"]

    def place() -> int:
        return chance.randrange(1, last + 1)

    asked: dict[str, Callable[[], Any]] = {
        f"page of {ROWS}, {name}": lambda filters=filters: page(  # type: ignore[misc]
            connection, filters, cursor=f"{place()}.0", newer=chance.random() < 0.5, limit=ROWS
        )
        for name, filters in FILTERS.items()
    }
    asked |= {
        f"{ROWS} around a position": lambda: around(connection, Filters(), place(), limit=ROWS),
        f"{ROWS} rows of a table": lambda: feed_places.rows(connection, place(), ROWS),
        "density of the whole, 120 parts": lambda: feed_places.density(connection),
        "density of one type, 120 parts": lambda: feed_places.density(
            connection, by="type", values=("npc.perceived",)
        ),
    }
    figures = []
    for name, ask in asked.items():
        times = sorted(_timed(ask) for _ in range(ROUNDS))
        figures.append(Figure(f"{name}, p50", percentile(times, 0.5), "ms"))
        figures.append(Figure(f"{name}, slowest of {ROUNDS}", times[-1], "ms", at_most=TARGET_MS))
    return figures


def _timed(ask: Callable[[], Any]) -> float:
    began = perf_counter()
    ask()
    return (perf_counter() - began) * 1000
