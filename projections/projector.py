"""The projector: follows the log from its checkpoints and keeps all read models in step, whatever happens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress

import structlog

from events.errors import CheckpointMoved, LogError, ProjectionUnavailable
from events.log import Head, Log, RawMessage
from projections import checkpoints
from projections.catalogue import ALL
from projections.checkpoints import Checkpoint
from projections.health import Health, LagWatch
from projections.pipeline import BatchRefused, Pipeline, Progress
from projections.projection import Projection
from projections.store import Database

logger = structlog.get_logger(__name__)

MAX_BATCH = 1000
LINGER_SECONDS = 0.004
"""Least time between two transactions: under load, several commits then share one. An idle projector never waits."""
FIRST_DELAY, LAST_DELAY = 0.05, 2.0


class Projector:
    """Applies every commit of `log` to the read models in `database`, in order, exactly once.

    A batch is whatever has arrived: one commit when idle, up to `max_batch` when behind. Losing the log or the
    database only makes it wait. Another projector at work is noticed by its checkpoints; this one then stands by
    and takes over when they have not moved for `standby_seconds`.
    """

    def __init__(
        self,
        log: Log,
        database: Database,
        projections: Sequence[Projection] = ALL,
        *,
        on_progress: Progress | None = None,
        max_batch: int = MAX_BATCH,
        standby_seconds: float = 3.0,
    ) -> None:
        self._log, self._database, self._max_batch = log, database, max_batch
        self._standby_seconds = standby_seconds
        self._pipeline = Pipeline(database, projections, on_commit=on_progress)
        self._seen: dict[str, Checkpoint] = {}
        self._state = "starting"
        self._problem: str | None = None
        self._watch = LagWatch()
        self._reload = False
        self._loaded = asyncio.Event()

    @property
    def outdated(self) -> tuple[Projection, ...]:
        """Read models that an older release wrote: they stay as they are until they are rebuilt."""
        return self._pipeline.outdated

    @property
    def positions(self) -> dict[str, int]:
        """How far each read model is."""
        return {name: checkpoint.position for name, checkpoint in self._pipeline.checkpoints.items()}

    async def started(self, stop: asyncio.Event) -> None:
        """Wait until the checkpoints have been read for the first time, or `stop` is set."""
        while not (self._loaded.is_set() or stop.is_set()):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._loaded.wait(), 0.2)

    def refresh(self) -> None:
        """Look at the checkpoints again soon: a rebuild has finished."""
        self._reload = True

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; the batch in hand is written before it returns."""
        delay = FIRST_DELAY
        try:
            while not stop.is_set():
                try:
                    await self._pipeline.load()
                    self._state, self._problem = "following", None
                    self._loaded.set()
                    await self._follow(stop)
                    delay = FIRST_DELAY
                except BatchRefused:
                    continue
                except CheckpointMoved as moved:
                    await self._stand_by(stop, str(moved))
                except (ProjectionUnavailable, LogError) as error:
                    self._state, self._problem = "waiting", str(error)
                    logger.warning("projections wait", error=str(error), seconds=delay)
                    await _sleep(stop, delay)
                    delay = min(delay * 2, LAST_DELAY)
        finally:
            await self._pipeline.close()
            self._state = "stopped"

    async def health(self) -> Health:
        """Lag and movement now. Never raises: an unreachable log is the `problem` it names."""
        checkpoint = min(
            self._pipeline.checkpoints.values(), key=lambda c: c.position, default=Checkpoint("", 0)
        )
        head, problem = Head(checkpoint.position, None), self._problem
        try:
            head = await self._log.head()
        except LogError as error:
            problem = problem or str(error)
        return self._watch.observe(
            now=time.time_ns() // 1000,
            head=head,
            position=checkpoint.position,
            applied_at=checkpoint.applied_at,
            state=self._state,
            problem=problem,
        )

    async def _follow(self, stop: asyncio.Event) -> None:
        self._reload = False
        pages = self._log.follow(after=self._pipeline.position)
        waiting: list[RawMessage] = []
        loop, due = asyncio.get_running_loop(), 0.0
        stopped = asyncio.ensure_future(stop.wait())
        page: asyncio.Future[Sequence[RawMessage]] = asyncio.ensure_future(anext(pages))
        try:
            while not (stopped.done() or self._reload):
                # A write that fails while nothing new arrives must be noticed, too.
                writing = self._pipeline.writing
                await asyncio.wait(
                    {page, stopped, *([writing] if writing else ())},
                    timeout=max(due - loop.time(), 0) if waiting and writing is None else None,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if writing is not None and writing.done():
                    await self._pipeline.flush()
                if page.done():
                    waiting += page.result()
                    page = asyncio.ensure_future(anext(pages))
                # While a batch is being written the next one grows; a full one is folded meanwhile.
                while waiting and (self._is_due(due, loop.time()) or len(waiting) >= self._max_batch):
                    due = loop.time() + LINGER_SECONDS
                    await self._pipeline.apply(waiting[: self._max_batch])
                    del waiting[: self._max_batch]
            await self._pipeline.flush()
        finally:
            stopped.cancel()
            page.cancel()
            await asyncio.gather(page, return_exceptions=True)
            await pages.aclose()  # type: ignore[attr-defined]

    def _is_due(self, due: float, now: float) -> bool:
        return self._pipeline.writing is None and now >= due

    async def _stand_by(self, stop: asyncio.Event, reason: str) -> None:
        """Wait while somebody else advances the checkpoints; return at once if only an epoch changed."""
        before = await self._stored()
        mine = self._pipeline.checkpoints
        if before is None or any(
            stored.epoch != mine[name].epoch for name, stored in before.items() if name in mine
        ):
            return
        self._state, self._problem = "standby", reason
        logger.info("another projector is at work", reason=reason)
        while not stop.is_set():
            await _sleep(stop, self._standby_seconds)
            now = await self._stored()
            if now == before:
                return
            before = now

    async def _stored(self) -> dict[str, Checkpoint] | None:
        def load() -> dict[str, Checkpoint]:
            with self._database.writer.begin() as connection:
                return checkpoints.load(connection)

        try:
            return await self._pipeline.on_writer(load)
        except ProjectionUnavailable:
            return None


async def _sleep(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
