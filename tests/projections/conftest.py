"""A database per test, a log in memory, and a way to fold a short history into the one from the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from adapters.sql.engine import open_database
from adapters.sql.migrate import migrate
from events.commit import Actor, Commit, Event
from projections import checkpoints
from projections.catalogue import ALL
from projections.pipeline import Progress
from projections.projection import Projection
from projections.projector import Projector
from tests import databases
from tests.commits import NOON, commit
from tests.memory_log import MemoryLog


class World:
    """A log, its read models, and the versions of its streams."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.log = MemoryLog()
        # SQLite's locks are tried again and again; the others' are waited for in line, behind everybody.
        self.database = open_database(url, busy_seconds=0.05 if url.startswith("sqlite") else 1.0)
        self._last: dict[str, int] = {}
        self._versions: dict[str, int] = {}

    async def append(
        self,
        stream: str,
        *events: Event,
        correlation_id: str | None = None,
        time: datetime = NOON,
        actor: Actor | None = None,
    ) -> Commit:
        """Append one commit with `events` to `stream`."""
        version = self._versions[stream] = self._versions.get(stream, 0) + 1
        made = commit(stream, *events, version=version, correlation_id=correlation_id, time=time, actor=actor)
        appended = await self.log.append(made, expected=self._last.get(stream, 0))
        self._last[stream] = appended.position
        return made

    @asynccontextmanager
    async def projecting(
        self,
        projections: Sequence[Projection] = ALL,
        *,
        on_progress: Progress | None = None,
        max_batch: int = 1000,
        standby_seconds: float = 0.05,
    ) -> AsyncIterator[Projector]:
        """A projector at work."""
        projector = Projector(
            self.log,
            self.database,
            projections,
            on_progress=on_progress,
            max_batch=max_batch,
            standby_seconds=standby_seconds,
        )
        stop = asyncio.Event()
        running = asyncio.create_task(projector.run(stop))
        try:
            yield projector
        finally:
            stop.set()
            await running

    async def project(self, projections: Sequence[Projection] = ALL, *, max_batch: int = 1000) -> None:
        """Bring the read models up to the end of the log."""
        async with self.projecting(projections, max_batch=max_batch):
            await self.caught_up(projections)

    async def caught_up(self, projections: Sequence[Projection] = ALL) -> None:
        """Wait until the stored checkpoints are at the end of the log."""
        head = (await self.log.head()).position
        async with asyncio.timeout(20):
            while True:
                with self.database.reader.connect() as connection:
                    positions = checkpoints.positions(connection)
                if all(positions.get(projection.name, -1) >= head for projection in projections):
                    return
                await asyncio.sleep(0.005)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self.database.reader.connect() as connection:
            yield connection


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 10.0) -> None:
    """Wait for something to become true. Raises `TimeoutError` if it does not."""
    async with asyncio.timeout(seconds):
        while True:
            if await condition():
                return
            await asyncio.sleep(0.01)


async def until_waiting(projector: Projector) -> None:
    """Wait until the projector has noticed that something it needs is gone."""

    async def waiting() -> bool:
        return (await projector.health()).state == "waiting"

    await until(waiting)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy: migrating costs half a second."""
    path = tmp_path_factory.mktemp("database") / "empty.sqlite3"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session", params=["sqlite", "postgresql", "mariadb"])
def fresh_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[databases.Fresh]:
    """Every database that read models can be stored in: all tests of `world` run on each."""
    made = {
        "sqlite": lambda: databases.sqlite(tmp_path_factory.mktemp("databases")),
        "postgresql": databases.postgresql,
        "mariadb": databases.mariadb,
    }
    with made[request.param]() as fresh:
        yield fresh


@pytest.fixture
def world(fresh_database: databases.Fresh) -> Iterator[World]:
    world = World(fresh_database())
    yield world
    world.database.close()
