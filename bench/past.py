"""How soon is an NPC, a timeline or the graph of relations there as of any position of a long log?"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import uvloop
from sqlalchemy import Connection

from adapters import rulebooks
from adapters.sql.engine import open_database
from adapters.sql.migrate import migrate
from bench.history import History
from bench.measure import Figure, Result, percentile
from bench.options import DEFAULT, Options
from events.codec import encode
from events.log import RawMessage
from events.subjects import log_subject
from projections import feed_places, memory_pages, mind_history, mind_timeline, relation_graph
from projections.bulk import CACHED_ROWS, SETTLE_AFTER, bulk_work
from projections.feed import EVENT_FEED
from projections.memories import NPC_MEMORIES
from projections.mind_fold import projection
from projections.npc_fold import NPC_STATE
from projections.pipeline import Pipeline
from projections.recollection import PerceivedRows
from projections.relationships import RELATIONSHIP_COUNTS
from projections.store import Database

TARGET_MS = 300.0
ROUNDS = 25
NPCS = 1000
"""So that each of them has a thousand commits behind it."""
BATCH = 4000


def run(options: Options = DEFAULT) -> Result:
    """Random NPCs at random positions, the slowest of many counts; the fold is not measured."""
    with tempfile.TemporaryDirectory(prefix="lorestream-bench-") as folder:
        path = Path(folder) / "past.sqlite3"
        url = f"sqlite:///{path}"
        migrate(url)
        database = open_database(url)
        try:
            uvloop.run(fill(database, options.commits))
            with database.reader.connect() as connection:
                figures = _asked(connection, random.Random(1))
        finally:
            database.close()
        size = path.stat().st_size / 1e6
    return Result(
        "past",
        (Figure("commits", options.commits, ""), Figure("read models", size, "MB"), *figures),
    )


async def fill(database: Database, commits: int) -> None:
    """Fold a made-up history into the read models that know of minds."""
    models = (projection(rulebooks.load()), EVENT_FEED, NPC_STATE, NPC_MEMORIES, RELATIONSHIP_COUNTS)
    pipeline = Pipeline(database, models, cached_rows=CACHED_ROWS, settle_after=SETTLE_AFTER)
    waiting: list[RawMessage] = []
    with bulk_work():
        try:
            await pipeline.load()
            for number, commit in enumerate(History("midgard", npcs=NPCS).commits(commits), start=1):
                waiting.append(
                    RawMessage(number, log_subject("midgard", commit.stream), encode(commit), commit.at)
                )
                if len(waiting) >= BATCH or number == commits:
                    await pipeline.apply(waiting)
                    waiting = []
            await pipeline.flush()
        finally:
            await pipeline.close()


def _asked(connection: Connection, chance: random.Random) -> list[Figure]:
    rules, last, rows = rulebooks.load(), feed_places.span(connection)["last"], PerceivedRows()

    def somebody() -> str:
        return f"Resident {chance.randrange(NPCS):06d}"

    def place() -> int:
        return chance.randrange(last // 50 + 1, last + 1)

    def memories() -> None:
        memory_pages.page(connection, rows, somebody(), at=place(), limit=50)

    asked: dict[str, Callable[[], Any]] = {
        "an NPC as of a position": lambda: mind_history.as_of(connection, somebody(), place(), rules),
        "50 memories as of a position": memories,
        "timeline of an NPC, 300 points": lambda: mind_timeline.timeline(connection, somebody(), points=300),
        "graph around an NPC as of a position": lambda: relation_graph.graph(
            connection, rules, npc_id=somebody(), at=place()
        ),
        "graph of 1,000 relations as of a position": lambda: relation_graph.graph(
            connection, rules, at=place(), limit=1000
        ),
    }
    figures = []
    for name, ask in asked.items():
        times = []
        for _ in range(ROUNDS):
            began = perf_counter()
            ask()
            times.append((perf_counter() - began) * 1000)
        times.sort()
        figures.append(Figure(f"{name}, p50", percentile(times, 0.5), "ms"))
        figures.append(Figure(f"{name}, slowest of {ROUNDS}", times[-1], "ms", at_most=TARGET_MS))
    return figures
