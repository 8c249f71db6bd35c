"""Applying the log to tables: fold on the event loop, write in a thread, one batch ahead of the other.

While a batch is being written, the next one is folded, some read models in another process where there is one
(`projections.companion`). Rows that change and the checkpoints they lead to are one transaction: that settles the
batch, and all before it. Whoever reads a long log settles seldom, because a row that changed a hundred times is then
written once. What the database refuses for good (a value no column can hold) is found by applying the batch again,
commit by commit and read model by read model, and becomes a dead letter.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TypeVar

import structlog
from sqlalchemy import Connection, Table
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from events.errors import CheckpointMoved, CompanionLost, ProjectionError, ProjectionUnavailable
from events.log import RawMessage
from projections import checkpoints, deadletters
from projections.checkpoints import Checkpoint
from projections.companion import Companion
from projections.folding import Batch, Folder, Member, Unreadable, read
from projections.projection import Entry, Projection
from projections.rows import Key, Values
from projections.store import Database, Store, Targets

logger = structlog.get_logger(__name__)

T = TypeVar("T")
Progress = Callable[[Mapping[str, int]], Awaitable[None]]


class BatchRefused(ProjectionError):
    """The database takes the connection but not the values: `load`, and the batch is applied commit by commit."""


CACHED_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where read models are written: the live tables, or a rebuild's shadows (`suffix`, `targets`)."""

    suffix: str = ""
    targets: Targets | None = None

    def table(self, table: Table) -> Table:
        return table if self.targets is None else self.targets[table]


LIVE = Place()


class Pipeline:
    """Keeps the read models `projections` at `place` in step with the messages it is given.

    `on_commit` is awaited with the positions reached after every transaction. Up to `settle_after` commits may be
    folded before a batch is settled; 0 settles every batch. Calls must not overlap.
    """

    def __init__(
        self,
        database: Database,
        projections: Sequence[Projection],
        *,
        place: Place = LIVE,
        on_commit: Progress | None = None,
        cached_rows: int = CACHED_ROWS,
        settle_after: int = 0,
    ) -> None:
        self._database, self._projections, self._place = database, projections, place
        self._on_commit, self._cached_rows = on_commit, cached_rows
        self._settle_after, self._unsettled = settle_after, 0
        self._last: RawMessage | None = None
        self._store = Store(database.writer.dialect)
        self._writer = ThreadPoolExecutor(1, "projection-writer")
        self._loader = ThreadPoolExecutor(1, "projection-loader")
        self._writing: asyncio.Task[None] | None = None
        self._folder = Folder((), cached_rows)
        self._companion: Companion | None = None
        self._settle_all_until = self._careful_until = 0
        self.outdated: tuple[Projection, ...] = ()

    @property
    def checkpoints(self) -> dict[str, Checkpoint]:
        """Where each read model will be once everything that was settled is written."""
        members = [*self._folder.members, *(self._companion.members if self._companion else ())]
        return {member.checkpoint.name: member.checkpoint for member in members}

    @property
    def position(self) -> int:
        """Where reading has to go on."""
        if self._last is not None:
            return self._last.position
        return min((checkpoint.position for checkpoint in self.checkpoints.values()), default=0)

    @property
    def writing(self) -> asyncio.Task[None] | None:
        """The write in hand, to be waited for together with other things; `flush` then raises what it raised."""
        return self._writing

    async def load(self, companion: Companion | None = None) -> None:
        """Start from what the database says: checkpoints, blocked streams, no rows. What is not settled is forgotten.

        With a `companion`, which then belongs to the pipeline, the read models that are to be folded `apart` are
        folded there until the next `load`. Read models whose stored version is another one are left alone and
        listed in `outdated`. Raises `ProjectionUnavailable`, `CompanionLost`.
        """
        with suppress(ProjectionError):
            await self._written()
        await self._dismiss()
        self._last, self._unsettled = None, 0
        self._companion = companion
        members, outdated = await self.on_writer(self._load)
        self.outdated = tuple(outdated)
        if companion is not None:
            await companion.begin([m for m in members if m.projection.apart], self._cached_rows)
            members = [m for m in members if not m.projection.apart]
        self._folder = Folder(members, self._cached_rows)

    async def apply(self, messages: Sequence[RawMessage]) -> None:
        """Fold `messages` and start writing them, after the batch before is written.

        Raises `CheckpointMoved`, `BatchRefused`, `CompanionLost` or `ProjectionUnavailable`, also for the batch
        before; `load` then starts over.
        """
        last = messages[-1]
        if messages[0].position <= self._careful_until:
            await self.flush()
            for message in messages:
                await self._apply_carefully(message)
            self._last = last
            return
        due = self._unsettled + len(messages) > self._settle_after or last.position <= self._settle_all_until
        await self._apply(messages, last, settle=due)

    async def flush(self) -> None:
        """Settle everything given, and wait until it is written. Raises as `apply`."""
        if self._unsettled and self._last is not None:
            await self._apply((), self._last, settle=True)
        await self._written()

    async def _apply(self, messages: Sequence[RawMessage], last: RawMessage, *, settle: bool) -> None:
        single = not self._unsettled
        try:
            batch = await self._folded(messages, last, settle=settle)
        except (CheckpointMoved, CompanionLost, ProjectionUnavailable):
            raise
        except Exception as error:
            raise self._be_careful(last.position, error, single) from error
        self._last, self._unsettled = last, 0 if settle else self._unsettled + len(messages)
        await self._written()
        self._writing = asyncio.create_task(self._write(batch, last.position, single))

    async def _written(self) -> None:
        writing, self._writing = self._writing, None
        if writing is not None:
            await writing

    async def apply_within(self, connection: Connection, messages: Sequence[RawMessage]) -> None:
        """Fold and write `messages` inside a transaction that is already open on the writer's thread.

        Without a companion only: what it knows would have to be read in that transaction, too.
        """
        await self.flush()
        entries = [read(message) for message in messages]
        await self._read_ahead(entries, connection)
        self._folder.fold(entries, now=_now())
        self._last = messages[-1]
        batch = self._folder.take(self._last)
        await self.on_writer(lambda: self._save(connection, batch))

    async def on_writer(self, work: Callable[[], T]) -> T:
        """Run `work` on the writing thread. Raises `ProjectionUnavailable` for a database that is not there."""
        return await self._in_thread(self._writer, work)

    async def close(self) -> None:
        """Let the batch in hand finish and stop the threads."""
        if self._writing is not None:
            await asyncio.gather(self._writing, return_exceptions=True)
            self._writing = None
        await self._dismiss()
        self._writer.shutdown(wait=False)
        self._loader.shutdown(wait=False)

    async def _dismiss(self) -> None:
        companion, self._companion = self._companion, None
        if companion is not None:
            await companion.close()

    async def _folded(self, messages: Sequence[RawMessage], last: RawMessage, *, settle: bool) -> Batch:
        companion, now = self._companion, _now()
        if companion is None:
            return await self._fold(messages, last, now, settle)
        await companion.send(messages, last, now=now, settle=settle)
        theirs = asyncio.ensure_future(companion.receive(self._fetch_anew))
        try:
            ours = await self._fold(messages, last, now, settle)
            apart = await theirs
        finally:
            if not theirs.done():
                # It would wait for an answer that nobody needs.
                await self._dismiss()
                await asyncio.gather(theirs, return_exceptions=True)
        return Batch(
            [*ours.steps, *apart.steps], {**ours.changes, **apart.changes}, [*ours.letters, *apart.letters]
        )

    async def _fold(self, messages: Sequence[RawMessage], last: RawMessage, now: int, settle: bool) -> Batch:
        for entries in self._folder.slices(messages):
            await self._read_ahead(entries)
            self._folder.fold(entries, now=now)
            # The event loop has connections to look after.
            await asyncio.sleep(0)
        return self._folder.take(last, settle=settle)

    async def _read_ahead(
        self, entries: Sequence[Entry | Unreadable], connection: Connection | None = None
    ) -> None:
        missing = self._folder.missing(entries)
        if not missing:
            return
        if connection is not None:
            found = await self.on_writer(lambda: self._fetch(connection, missing))
        else:
            found = await self._fetch_ahead(missing)
        for table, keys in missing.items():
            self._folder.fill(table, keys, found[table])

    async def _write(self, batch: Batch, last: int, single: bool) -> None:
        try:
            await self.on_writer(lambda: self._commit(batch))
        except (CheckpointMoved, ProjectionUnavailable):
            raise
        except Exception as error:
            raise self._be_careful(last, error, single) from error
        await self._committed(batch)

    async def _apply_carefully(self, message: RawMessage) -> None:
        entry = read(message)
        for member in self._folder.members:
            if message.position <= member.checkpoint.position:
                continue
            before = member.checkpoint
            try:
                await self._read_ahead([entry])
                self._folder.fold([entry], now=_now(), only=member)
                batch = self._folder.take(message, only=member)
                await self.on_writer(lambda batch=batch: self._commit(batch))  # type: ignore[misc]
            except (CheckpointMoved, ProjectionUnavailable):
                raise
            except Exception as error:
                logger.warning(
                    "a commit cannot be written", projection=before.name, position=message.position
                )
                self._folder.forget()
                member.checkpoint = before
                batch = self._folder.refuse(member, entry, error, message, now=_now())
                await self.on_writer(lambda batch=batch: self._commit(batch))  # type: ignore[misc]
            await self._committed(batch)

    def _be_careful(self, last: int, error: Exception, single: bool) -> BatchRefused:
        # The values themselves are refused: find out in which batch they are, then one commit at a time.
        logger.warning("a batch cannot be applied as a whole", error=str(error)[:500], up_to=last)
        if single:
            self._careful_until = last
            return BatchRefused("the batch is applied again, commit by commit")
        self._settle_all_until = last
        return BatchRefused("what was not settled is applied again, batch by batch")

    async def _committed(self, batch: Batch) -> None:
        for letter in batch.letters:
            if letter.status == "poison":
                logger.error(
                    "dead letter",
                    projection=letter.projection,
                    position=letter.position,
                    stream=letter.stream,
                    error=letter.error,
                )
        if self._on_commit is not None and batch.steps:
            await self._on_commit({step.seen.name: step.position for step in batch.steps})

    def _load(self) -> tuple[list[Member], list[Projection]]:
        with self._database.writer.begin() as connection:
            stored = checkpoints.load(connection)
            blocked = deadletters.blocked_streams(connection)
            members, outdated = [], []
            for projection in self._projections:
                name = projection.name + self._place.suffix
                checkpoint = stored.get(name) or checkpoints.start(connection, name, projection.version)
                if checkpoint.version != projection.version:
                    outdated.append(projection)
                    continue
                discarded = deadletters.discarded(connection, projection.name)
                empty = checkpoint.position == 0
                members.append(Member(projection, checkpoint, blocked.get(name, set()), discarded, empty))
        return members, outdated

    def _commit(self, batch: Batch) -> None:
        with self._database.writer.begin() as connection:
            self._save(connection, batch)

    def _save(self, connection: Connection, batch: Batch) -> None:
        checkpoints.advance(connection, batch.steps)
        for table, changes in batch.changes.items():
            self._store.write(connection, self._place.table(table), changes)
        deadletters.record(connection, batch.letters)

    async def _fetch_ahead(self, missing: dict[Table, set[Key]]) -> dict[Table, list[Values]]:
        return await self._in_thread(self._loader, lambda: self._fetch_anew(missing))

    def _fetch_anew(self, missing: dict[Table, set[Key]]) -> dict[Table, list[Values]]:
        with _naming_outages(), self._database.reader.connect() as connection:
            return self._fetch(connection, missing)

    def _fetch(self, connection: Connection, missing: dict[Table, set[Key]]) -> dict[Table, list[Values]]:
        return {
            table: self._store.read(connection, self._place.table(table), keys)
            for table, keys in missing.items()
        }

    async def _in_thread(self, executor: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        with _naming_outages():
            return await asyncio.get_running_loop().run_in_executor(executor, work)


@contextmanager
def _naming_outages() -> Iterator[None]:
    """Raise `ProjectionUnavailable` for what drivers say of a database that is not there."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        raise ProjectionUnavailable(f"the database of the read models: {_cause(error)}") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise ProjectionUnavailable(f"the database of the read models: {_cause(error)}") from error
        raise


def _cause(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error)


def _now() -> int:
    return time.time_ns() // 1000
