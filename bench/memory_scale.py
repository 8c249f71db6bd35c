"""Query times with many NPCs of many memories each, through SQLite, in bounded RAM.

A few different lives are generated from a seed and given to many NPCs (as rows and sealed segments of their
own, so that the database is as large as with as many different lives). Questions go to random NPCs: nearly
all of them are not in the cache. Word frequencies are made up: they were chosen so that the share of memories
that hold a word of a question comes near that of conversations (median about 1 %, 95th percentile about 9 %); real
worlds may be easier or harder. This measures the index alone; `docs/memory.md` has figures of the platform.
"""

from __future__ import annotations

import random
import resource
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any

from sqlalchemy import Engine, create_engine, event, func, insert, literal, select

from bench.memory_rows import MEMORIES, METADATA, SqlMemoryStore, row_of
from commands.mind.memory.recall import Query, Type, recall
from commands.mind.memory.record import Memory, Source
from projections.memory_tables import SEGMENTS

KINDS = ("said", "gift", "trade", "attacked", "helped", "quest_completed", "weather_change")
NAMES = tuple(
    f"{first}_{last}"
    for first in ("John", "Mira", "Tom", "Ada", "Karl", "Lena", "Ivo", "Nell", "Orin", "Petra")
    for last in ("Smith", "Baker", "Stone", "Reed")
)
PLAIN = (
    "the", "a", "to", "and", "I", "you", "of", "in", "was", "it",
    "my", "that", "is", "he", "she", "for", "with", "on", "at", "we",
)  # fmt: skip
ASKED = (
    "What did {name} say about the {a} and the {b}?",
    "Who took the {a} when the {b} was at the {c}?",
    "When did {name} bring the {a} to {b}?",
    "How many {a} does {name} owe for the {b} near {c}?",
    "Where is the {a} of the {b} {c}?",
)
MINUTE_US = 60_000_000
START_US = 1_700_000_000_000_000


@dataclass(frozen=True, slots=True)
class ScaleReport:
    """Figures of one run. Times in milliseconds, sizes in MB; `resident_mb` is the process's peak."""

    npcs: int
    memories: int
    database_mb: float
    index_us_per_memory: float
    append_us_per_memory: float
    queries: int
    p50_ms: float
    p95_ms: float
    max_ms: float
    p50_cpu_ms: float
    p95_cpu_ms: float
    by_type_p95_ms: dict[str, float]
    resident_mb: float

    def as_json(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        return asdict(self)

    def as_text(self) -> str:
        """The report as lines for people."""
        types = ", ".join(f"{name} {ms:.2f}" for name, ms in self.by_type_p95_ms.items())
        return (
            f"{self.npcs} NPCs with {self.memories} memories each, {self.database_mb:.0f} MB in SQLite\n"
            f"row of a new memory: {self.append_us_per_memory:.1f} µs; index, when idle: "
            f"{self.index_us_per_memory:.1f} µs\n"
            f"{self.queries} searches of random NPCs: p50 {self.p50_ms:.2f} ms, p95 {self.p95_ms:.2f} ms, "
            f"max {self.max_ms:.2f} ms; "
            f"CPU alone: p50 {self.p50_cpu_ms:.2f} ms, p95 {self.p95_cpu_ms:.2f} ms\n"
            f"p95 by type: {types}\npeak resident: {self.resident_mb:.0f} MB"
        )


class Life:
    """A generator of one NPC's memories and of questions about them, from a seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        syllables = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
        self._words = [
            "".join(self._random.choices(syllables, k=self._random.randint(2, 4))) for _ in range(6_000)
        ]
        self._weights = [1 / (rank + 25) for rank in range(len(self._words))]

    def memories(self, owner: str, count: int) -> Iterable[Memory]:
        """`count` memories of about 20 words, in scenes of about a dozen."""
        pick = self._random
        for number in range(count):
            content = pick.choices(self._words, self._weights, k=pick.randint(3, 14))
            text = " ".join(f"{pick.choice(PLAIN)} {word}" for word in content) + pick.choice("...!?")
            name = pick.choice(NAMES)
            yield Memory(
                owner=owner,
                position=number + 1,
                index=0,
                at=START_US + number * MINUTE_US,
                content=f"{name}: {text}",
                kind=pick.choice(KINDS),
                importance=pick.randint(0, 1_000_000),
                actor=name,
                players=(f"Player_{pick.randint(1, 300)}",),
                source=Source.HEARD,
                scene=f"scene-{number // 12}",
                causes=(number,) if number % 3 else (),
            )

    def question(self) -> str:
        """A question about words of this life, the common ones more often."""
        a, b, c = self._random.choices(self._words, self._weights, k=3)
        return self._random.choice(ASKED).format(name=self._random.choice(NAMES).split("_")[0], a=a, b=b, c=c)


def run(
    database: Path | str,
    *,
    npcs: int = 1_000,
    memories: int = 10_000,
    lives: int = 4,
    queries: int = 1_000,
    seed: int = 1,
) -> ScaleReport:
    """Fill a new SQLite file and measure. 1,000 × 10,000 needs about 6 GB of disk and some minutes.

    Raises `FileExistsError` if the file is there.
    """
    path = Path(database)
    if path.exists():
        raise FileExistsError(f"{path} exists; name a file that can be created")
    engine = sqlite(path)
    METADATA.create_all(engine)
    kinds = [Life(seed + number) for number in range(min(lives, npcs))]
    append_us, index_us = _fill(engine, kinds, npcs, memories)
    pick = random.Random(seed)
    store = SqlMemoryStore(engine)
    taken: list[tuple[float, float]] = []
    for _ in range(queries):
        npc = pick.randrange(npcs)
        query = Query(f"npc-{npc}", "search", kinds[npc % len(kinds)].question(), limit=10)
        taken.append(_timed(store, query))
    times = sorted(wall for wall, _ in taken)
    cpu = sorted(used for _, used in taken)
    by_type = {}
    for kind in ("recent", "important", "about_player", "about_event"):
        found = sorted(
            _timed(store, _plain(kind, pick.randrange(npcs), pick))[0] for _ in range(max(20, queries // 5))
        )
        by_type[kind] = found[len(found) * 95 // 100]
    engine.dispose()
    return ScaleReport(
        npcs=npcs,
        memories=memories,
        database_mb=path.stat().st_size / 1e6,
        index_us_per_memory=index_us,
        append_us_per_memory=append_us,
        queries=queries,
        p50_ms=times[len(times) // 2],
        p95_ms=times[len(times) * 95 // 100],
        max_ms=times[-1],
        p50_cpu_ms=cpu[len(cpu) // 2],
        p95_cpu_ms=cpu[len(cpu) * 95 // 100],
        by_type_p95_ms=by_type,
        resident_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
    )


def sqlite(path: Path) -> Engine:
    """An engine for a SQLite file, in WAL mode."""
    engine = create_engine(f"sqlite:///{path}")

    def tune(connection: Any, _: Any) -> None:
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "cache_size = -16384"):
            connection.execute(f"PRAGMA {pragma}")

    event.listen(engine, "connect", tune)
    return engine


def _plain(kind: str, npc: int, pick: random.Random) -> Query:
    types: dict[str, Type] = {"recent": "recent", "important": "important", "about_player": "about_player"}
    player = f"Player_{pick.randint(1, 300)}" if kind == "about_player" else ""
    event_type = pick.choice(KINDS) if kind == "about_event" else ""
    return Query(f"npc-{npc}", types.get(kind, "about_event"), player_id=player, event_type=event_type)


def _timed(store: SqlMemoryStore, query: Query) -> tuple[float, float]:
    """Milliseconds by the clock, and of this thread's own work: what a busy machine does not distort much."""
    started, worked = perf_counter(), thread_time()
    recall(store, query)
    return (perf_counter() - started) * 1e3, (thread_time() - worked) * 1e3


def _fill(engine: Engine, kinds: list[Life], npcs: int, memories: int) -> tuple[float, float]:
    """Give every NPC one of the lives; returns µs per memory for a row (without SQL) and for sealing the
    index."""
    row_s = index_s = 0.0
    store = SqlMemoryStore(engine)
    for number, life in enumerate(kinds):
        lived = list(life.memories(f"npc-{number}", memories))
        started = perf_counter()
        rows = [row_of(memory) for memory in lived]
        row_s += perf_counter() - started
        with engine.begin() as connection:
            connection.execute(insert(MEMORIES), rows)
        started = perf_counter()
        store.catch_up(f"npc-{number}")
        index_s += perf_counter() - started
    for npc in range(len(kinds), npcs):
        source = f"npc-{npc % len(kinds)}"
        with engine.begin() as connection:
            for table in (MEMORIES, SEGMENTS):
                columns = [column for column in table.c if column.name != "npc_id"]
                copied = select(literal(f"npc-{npc}"), *columns).where(table.c.npc_id == source)
                names = ["npc_id", *(column.name for column in columns)]
                connection.execute(insert(table).from_select(names, copied))
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(SEGMENTS)).scalar_one() >= npcs
    total = len(kinds) * memories
    return row_s / total * 1e6, index_s / total * 1e6
