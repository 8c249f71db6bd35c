"""Recall in the platform's own read model: events folded, index sealed, questions asked of NPCs not in the cache.

    python -m bench.recollection [--npcs 20] [--memories 10000] [--queries 400]

`bench.memory_scale` measures the index with a thousand NPCs; this one what the platform adds to it: rows shared by
scope, places and listeners looked up, news of the world merged in.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from adapters.sql.engine import open_database
from adapters.sql.memory_index import MemoryIndex
from adapters.sql.migrate import migrate
from bench.memory_scale import Life
from events.commit import Actor, Command, Commit, Event, Recorded, moment
from events.npc import Location, NpcPerceived, NpcRegistered, Profile
from events.world import WorldEventOccurred
from projections import plain
from projections.memories import NPC_MEMORIES
from projections.projection import Entry
from projections.recall import question, recall
from projections.recollection import PerceivedRows
from projections.rows import Rows
from projections.store import Database, Store

BATCH = 4_000
START = 1_790_000_000_000_000
SPACING = 100
NEWS_EVERY = 500
"""Events between two that the whole world hears of."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Times in milliseconds unless named otherwise; `cold` is without anything in RAM."""

    npcs: int
    memories: int
    fold_us: float
    seal_us: float
    cold_p50: float
    cold_p95: float
    warm_p50: float
    warm_p95: float


def run(folder: Path, *, npcs: int, memories: int, queries: int, seed: int = 1) -> Figures:
    """Fill a new database in `folder` and measure."""
    url = f"sqlite:///{folder / 'recollection.sqlite3'}"
    migrate(url)
    database = open_database(url)
    lives = [Life(seed + number) for number in range(npcs)]
    fold_us = _fill(database, list(_history(lives, memories)))
    index, began = MemoryIndex(PerceivedRows()), time.perf_counter()
    sealed = sum(
        index.catch_up(database.reader, database.writer, f"Resident {number}") for number in range(npcs)
    )
    seal_us = (time.perf_counter() - began) / sealed * 1e6
    pick = random.Random(seed)
    now = START + (memories + 1) * npcs * 1_000_000
    cold = sorted(_asked(database, MemoryIndex(PerceivedRows()), lives, pick, now) for _ in range(queries))
    for _ in range(3 * npcs):
        _asked(database, index, lives, pick, now)
    warm = sorted(_asked(database, index, lives, pick, now) for _ in range(queries))
    database.close()
    return Figures(
        npcs, sealed // npcs, fold_us, seal_us,
        cold[queries // 2], cold[queries * 95 // 100], warm[queries // 2], warm[queries * 95 // 100],
    )  # fmt: skip


def _history(lives: list[Life], memories: int) -> Iterator[Entry]:
    """What all NPCs live through, in turns, each in sight of nobody."""
    position = 0
    for number in range(len(lives)):
        position += 1
        place = Location("prontera", number * SPACING, 0)
        yield _entry(position, f"npc/Resident {number}", NpcRegistered(Profile(location=place)))
    told = [iter(life.memories(f"Resident {number}", memories)) for number, life in enumerate(lives)]
    for turn in range(memories):
        for number, story in enumerate(told):
            position += 1
            memory = next(story)
            place = Location("prontera", number * SPACING, 0)
            data = {"text": memory.content}
            yield _entry(
                position,
                f"npc/Resident {number}",
                NpcPerceived(memory.kind, data, memory.actor or None, place),
            )
        if turn % NEWS_EVERY == 0:
            position += 1
            yield _entry(position, "world/bench", WorldEventOccurred("festival_start", {}, None, len(lives)))


def _entry(position: int, stream: str, event: Event) -> Entry:
    at = moment(START + position * 1_000_000)
    command = Command(f"bench/{position}", "npc.event", {})
    commit = Commit(
        f"c{position}",
        "bench",
        stream,
        1,
        at,
        command,
        Actor("server", "map-1"),
        f"r{position}",
        None,
        (event,),
    )
    return Entry.of(Recorded(position, commit))


def _fill(database: Database, entries: list[Entry]) -> float:
    """Fold and write; µs per commit for the fold alone."""
    rows, store, folding = Rows(NPC_MEMORIES.tables), Store(database.writer.dialect), 0.0
    for start in range(0, len(entries), BATCH):
        part = entries[start : start + BATCH]
        for table, keys in rows.missing(a for entry in part for a in NPC_MEMORIES.keys(entry)).items():
            with database.reader.connect() as connection:
                rows.fill(table, keys, plain.rows(table, store.read(connection, table, keys)))
        began = time.perf_counter()
        for entry in part:
            NPC_MEMORIES.fold(rows, entry)
        folding += time.perf_counter() - began
        with database.writer.begin() as connection:
            for table, changes in rows.take().items():
                store.write(connection, table, plain.of(table, changes))
    return folding / len(entries) * 1e6


def _asked(database: Database, index: MemoryIndex, lives: list[Life], pick: random.Random, now: int) -> float:
    number = pick.randrange(len(lives))
    asked = question(f"Resident {number}", "search", {"query": lives[number].question()}, now)
    with database.reader.connect() as connection:
        began = time.perf_counter()
        recall(connection, index.on, asked, now)
        return (time.perf_counter() - began) * 1e3


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--npcs", type=int, default=20)
    parser.add_argument("--memories", type=int, default=10_000)
    parser.add_argument("--queries", type=int, default=400)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = run(Path(folder), npcs=chosen.npcs, memories=chosen.memories, queries=chosen.queries)
    print(
        f"{found.npcs} NPCs, {found.memories} memories each: fold {found.fold_us:.1f} µs, "
        f"index {found.seal_us:.0f} µs per memory"
    )
    print(f"search, nothing in RAM: p50 {found.cold_p50:.2f} ms, p95 {found.cold_p95:.2f} ms")
    print(f"search, index in RAM:   p50 {found.warm_p50:.2f} ms, p95 {found.warm_p95:.2f} ms")


if __name__ == "__main__":
    main()
