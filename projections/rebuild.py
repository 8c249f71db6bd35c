"""Rebuilding read models from the log beside the live ones, and switching over without a gap.

The shadow tables (`npcs__rebuild`) have checkpoints of their own, so an interrupted rebuild goes on where it
stopped. They are filled without indexes, which are made once at the end. The switch is one transaction under the
write lock: the last commits are applied, tables and checkpoints change places, and a live projector notices by the
checkpoint's epoch that it has to read everything anew.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection, Index, MetaData, Table, inspect, text

from events.errors import CompanionLost, PositionNotReached
from events.log import Log, RawMessage
from projections import checkpoints, deadletters, views
from projections.bulk import CACHED_ROWS, SETTLE_AFTER, bulk_work
from projections.companion import Companion
from projections.pipeline import BatchRefused, Pipeline, Place
from projections.projection import SHADOW, Projection
from projections.store import Database

logger = structlog.get_logger(__name__)

BATCH = 4000
CLOSE_ENOUGH = 500
"""With fewer commits to go, the rest is applied under the write lock."""
LONG = 20_000
"""Commits that make it worth starting a second process, which takes half a second."""
COMMITTING = {"mariadb", "mysql"}
"""Databases in which a statement that changes tables ends the transaction."""
UNFINISHED = -1
"""The version of a checkpoint whose tables are changing places."""
OLD = "__old"
OTHER_NAMES = "__b"
"""Indexes keep their names when tables change places, so two sets of names take turns."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` positions; `rate` positions per second since this run began; `eta` seconds or None."""

    done: int
    total: int
    rate: float
    eta: float | None
    phase: str = "reading"


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did. `finished` is false when it was interrupted; calling again resumes it."""

    projections: tuple[str, ...]
    position: int
    commits: int
    seconds: float
    finished: bool


async def rebuild(
    log: Log,
    database: Database,
    projections: Sequence[Projection],
    *,
    on_progress: Callable[[Progress], None] | None = None,
    stop: asyncio.Event | None = None,
    launch: Callable[[], Companion] | None = None,
    afresh: bool = False,
    batch: int = BATCH,
) -> Rebuilt:
    """Build `projections` anew from the log and put them in place of the live tables.

    Resumes an interrupted rebuild unless `afresh`. Setting `stop` interrupts it after the batch in hand. `launch`
    starts a second process for read models that are folded `apart`; it is called when the log is long enough, and
    when that process is lost the rebuild goes on without. Raises `LogUnavailable` or `ProjectionUnavailable`; what was
    done until then is kept.
    """
    run = _Run(log, database, tuple(projections), on_progress, stop or asyncio.Event(), launch, batch)
    with bulk_work():
        return await run.run(afresh)


class _Run:
    def __init__(
        self,
        log: Log,
        database: Database,
        projections: tuple[Projection, ...],
        on_progress: Callable[[Progress], None] | None,
        stop: asyncio.Event,
        launch: Callable[[], Companion] | None,
        batch: int,
    ) -> None:
        self._log, self._projections, self._stop, self._batch = log, projections, stop, batch
        self._launch = launch if any(projection.apart for projection in projections) else None
        self._on_progress, self._began, self._commits = on_progress, time.monotonic(), 0
        self._shadows = {table: shadow(table) for p in projections for table in p.tables}
        self._database = database
        self._pipeline = Pipeline(
            database,
            projections,
            place=Place(SHADOW, self._shadows),
            cached_rows=CACHED_ROWS,
            settle_after=SETTLE_AFTER,
        )
        self._first = 0

    async def run(self, afresh: bool) -> Rebuilt:
        pipeline = self._pipeline
        try:
            await pipeline.on_writer(lambda: self._prepare(afresh))
            await pipeline.load()
            self._first = pipeline.position
            await self._seek_company()
            finished = await self._catch_up()
            if finished:
                await pipeline.load()
                await self._index()
                finished = await self._catch_up()
            if finished:
                await self._switch()
            return Rebuilt(
                tuple(p.name for p in self._projections),
                pipeline.position,
                self._commits,
                time.monotonic() - self._began,
                finished,
            )
        finally:
            await pipeline.close()

    async def _seek_company(self) -> None:
        """Start the companion if the way is long enough to be worth it."""
        left = (await self._log.head()).position - self._pipeline.position
        if self._launch is None or left < LONG:
            return
        try:
            await self._pipeline.load(await asyncio.to_thread(self._launch))
        except (CompanionLost, OSError) as error:
            await self._go_alone(error)

    async def _go_alone(self, reason: Exception) -> None:
        logger.warning("rebuilding in one process", reason=str(reason))
        await self._pipeline.load()

    async def _catch_up(self) -> bool:
        """Apply commits until hardly any are left; false when stopped before."""
        while not self._stop.is_set():
            head = (await self._log.head()).position
            if head <= self._pipeline.position:
                return True
            few = head - self._pipeline.position <= CLOSE_ENOUGH
            try:
                await self._read(head)
            except BatchRefused:
                await self._pipeline.load()
                continue
            except CompanionLost as error:
                await self._go_alone(error)
                continue
            if few:
                return True
        return False

    async def _read(self, head: int) -> None:
        """Apply everything up to `head`. `follow` delivers faster than pages of `read_all` can be asked for."""
        waiting: list[RawMessage] = []
        pages = self._log.follow(after=self._pipeline.position)
        try:
            async for page in pages:
                waiting += page if page[-1].position <= head else [m for m in page if m.position <= head]
                last = page[-1].position >= head
                while len(waiting) >= self._batch or (last and waiting):
                    await self._apply(waiting[: self._batch], head)
                    del waiting[: self._batch]
                if last or self._stop.is_set():
                    break
        finally:
            await pages.aclose()  # type: ignore[attr-defined]
        await self._pipeline.flush()

    async def _apply(self, messages: Sequence[RawMessage], head: int) -> None:
        await self._pipeline.apply(messages)
        self._commits += len(messages)
        self._report(messages[-1].position, head, "reading")

    async def _index(self) -> None:
        """Make the indexes one by one, so that the live projector gets its turns in between."""
        for table in self._shadows.values():
            for index in sorted(table.indexes, key=lambda index: str(index.name)):
                self._report(self._pipeline.position, self._pipeline.position, "indexing")
                await self._pipeline.on_writer(lambda index=index: self._make_index(index))  # type: ignore[misc]
                await asyncio.sleep(0)

    async def _switch(self) -> None:
        """Under the write lock: apply the rest, change places, move the checkpoints."""
        self._report(self._pipeline.position, self._pipeline.position, "switching")
        pipeline = self._pipeline
        connection = await pipeline.on_writer(self._begin)
        try:
            await self._apply_rest(connection)
            await pipeline.on_writer(lambda: self._change_places(connection))
        except BaseException:
            await pipeline.on_writer(connection.rollback)
            raise
        finally:
            await pipeline.on_writer(connection.close)

    async def _apply_rest(self, connection: Connection) -> None:
        live = await self._pipeline.on_writer(lambda: checkpoints.positions(connection))
        target = max((live.get(p.name, 0) for p in self._projections), default=0)
        if target > self._pipeline.position:
            async for page in self._log.read_all(after=self._pipeline.position, up_to=target):
                await self._pipeline.apply_within(connection, page)
                self._commits += len(page)
        if self._pipeline.position < target:
            raise PositionNotReached(f"the log ends before position {target}, which the live tables hold")

    def _begin(self) -> Connection:
        connection = self._database.writer.connect()
        connection.begin()
        return connection

    def _change_places(self, connection: Connection) -> None:
        stored = checkpoints.load(connection)
        if connection.dialect.name in COMMITTING:
            self._rename_at_once(connection)
        else:
            self._rename(connection)
        for projection in self._projections:
            name = projection.name + SHADOW
            checkpoints.replace(connection, projection.name, stored[name])
            checkpoints.drop(connection, name)
            deadletters.rename(connection, name, projection.name)
        connection.commit()

    def _rename(self, connection: Connection) -> None:
        quote = connection.dialect.identifier_preparer.quote
        views.drop(connection)
        for table, shadowing in self._shadows.items():
            connection.execute(text(f"DROP TABLE IF EXISTS {quote(table.name)}"))
            connection.execute(text(f"ALTER TABLE {quote(shadowing.name)} RENAME TO {quote(table.name)}"))
        views.create(connection)

    def _rename_at_once(self, connection: Connection) -> None:
        """All tables change places in one statement, which ends the transaction: rows and checkpoints cannot follow in
        the same step. So the checkpoints say before it that they are not to be trusted; whoever finds them so, after a
        crash in between, rebuilds again. Views find their tables by name, so they stay."""
        for projection in self._projections:
            checkpoints.replace(
                connection, projection.name, checkpoints.Checkpoint(projection.name, UNFINISHED)
            )
        quote = connection.dialect.identifier_preparer.quote
        existing = set(inspect(connection).get_table_names())
        moves, old = list[str](), list[str]()
        for table, shadowing in self._shadows.items():
            if table.name in existing:
                old.append(quote(table.name + OLD))
                connection.execute(text(f"DROP TABLE IF EXISTS {old[-1]}"))
                moves.append(f"{quote(table.name)} TO {old[-1]}")
            moves.append(f"{quote(shadowing.name)} TO {quote(table.name)}")
        connection.execute(text(f"RENAME TABLE {', '.join(moves)}"))
        if old:
            connection.execute(text(f"DROP TABLE {', '.join(old)}"))

    def _prepare(self, afresh: bool) -> None:
        """Keep the shadow tables of an interrupted rebuild of the same version, or start with empty ones."""
        with self._database.writer.begin() as connection:
            stored = checkpoints.load(connection)
            existing = set(inspect(connection).get_table_names())
            for projection in self._projections:
                name = projection.name + SHADOW
                shadows = [self._shadows[table] for table in projection.tables]
                begun = stored.get(name)
                whole = all(table.name in existing for table in shadows)
                if not afresh and begun is not None and begun.version == projection.version and whole:
                    continue
                # First of all: where tables cannot be made within a transaction, an empty one must not look resumed.
                checkpoints.drop(connection, name)
                deadletters.clear(connection, name)
                for table in shadows:
                    table.drop(connection, checkfirst=True)
                    _create_bare(connection, table)

    def _make_index(self, index: Index) -> None:
        assert index.table is not None
        with self._database.writer.begin() as connection:
            there = {found["name"] for found in inspect(connection).get_indexes(index.table.name)}
            live = inspect(connection).get_indexes(index.table.name.removesuffix(SHADOW))
            name = str(index.name)
            taken = {found["name"] for found in live}
            chosen = name + OTHER_NAMES if name in taken else name
            if chosen not in there:
                columns = [column.name for column in index.columns]
                quote = connection.dialect.identifier_preparer.quote
                listed = ", ".join(quote(column) for column in columns)
                connection.execute(
                    text(f"CREATE INDEX {quote(chosen)} ON {quote(index.table.name)} ({listed})")
                )

    def _report(self, position: int, head: int, phase: str) -> None:
        if self._on_progress is not None:
            elapsed = max(time.monotonic() - self._began, 1e-9)
            rate = (position - self._first) / elapsed
            eta = (head - position) / rate if rate > 0 else None
            self._on_progress(Progress(position, head, rate, eta, phase))


def shadow(table: Table) -> Table:
    """The table a rebuild fills instead of `table`: the same columns under another name."""
    return table.to_metadata(MetaData(), name=table.name + SHADOW)


def _create_bare(connection: Connection, table: Table) -> None:
    indexes = list(table.indexes)
    table.indexes.clear()
    try:
        table.create(connection)
    finally:
        table.indexes.update(indexes)
