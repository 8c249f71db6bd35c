"""Reads for gateways: one thread, one read-only connection, all waiting queries in one hop.

A hop between the event loop and a thread costs as much as a small query. So queries that arrive while one hop is
under way leave together with the next, and their answers come back together.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from typing import Any, Concatenate, ParamSpec, TypeVar

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from adapters.sql.engine import reader_engine
from adapters.sql.outage import unavailable
from events.errors import PositionNotReached, ProjectionUnavailable
from projections import checkpoints
from projections.projection import needs

logger = structlog.get_logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

DEFAULT_TIMEOUT = 2.0
MAX_WAITING = 4096
POLL_SECONDS = 0.25
HOP_QUERIES = 64


@dataclass(slots=True)
class _Job:
    query: Callable[[Connection], Any]
    answer: asyncio.Future[Any]


@dataclass(slots=True)
class _Waiter:
    projections: tuple[str, ...]
    position: int
    reached: asyncio.Future[None]


class Reader:
    """Runs query functions (`projections.*`) off the event loop.

    Feed it the positions of the projector's signal with `advance`; a slow poll of the checkpoints replaces signals
    that were lost. Use as an async context manager, or call `close`.
    """

    def __init__(self, url: str, *, max_waiting: int = MAX_WAITING, busy_seconds: float = 1.0) -> None:
        """`url` is SQLAlchemy's; nothing is opened before the first query."""
        self._engine = reader_engine(url, busy_seconds=busy_seconds)
        self._hops: SimpleQueue[tuple[asyncio.AbstractEventLoop, list[_Job]] | None] = SimpleQueue()
        self._thread: Thread | None = None
        self._connection: Connection | None = None
        self._max_waiting = max_waiting
        self._jobs: list[_Job] = []
        self._hop: asyncio.Future[None] | None = None
        self._positions: dict[str, int] = {}
        self._waiters: list[_Waiter] = []
        self._poll: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def positions(self) -> Mapping[str, int]:
        """How far each read model is known to be."""
        return self._positions

    def advance(self, positions: Mapping[str, int]) -> None:
        """Take note of positions that are committed, and wake the reads that waited for them."""
        for name, position in positions.items():
            if position > self._positions.get(name, -1):
                self._positions[name] = position
        for waiter in [w for w in self._waiters if self._has_reached(w.projections, w.position)]:
            if not waiter.reached.done():
                waiter.reached.set_result(None)

    async def run(
        self,
        query: Callable[Concatenate[Connection, P], T],
        *args: Any,
        at_least: int | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        **options: Any,
    ) -> T:
        """`query(connection, *args, **options)`, off the event loop, once the read models hold `at_least`.

        `timeout` in seconds spans waiting and query. Raises `PositionNotReached` when the read models the query
        needs (see `projections.projection.reads`) are not that far in time, `ProjectionUnavailable` when the
        database cannot be read in time or too many queries wait, and whatever `query` itself raises.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        if at_least is not None and not self._has_reached(needs(query), at_least):
            await self._wait(needs(query), at_least, timeout)
        if self._closed or len(self._jobs) >= self._max_waiting:
            raise ProjectionUnavailable(
                "the reader is closed" if self._closed else f"{len(self._jobs)} queries are waiting already"
            )
        job = _Job(lambda connection: query(connection, *args, **options), loop.create_future())
        self._jobs.append(job)
        if self._hop is None:
            # Not at once: queries of the same turn of the loop shall come along.
            self._hop = loop.create_future()
            loop.call_soon(self._leave)
        # A timer of its own instead of `asyncio.timeout`, which costs as much as the query.
        timer = loop.call_at(deadline, _too_late, job.answer, timeout)
        try:
            answer: T = await job.answer
        finally:
            timer.cancel()
        return answer

    async def close(self) -> None:
        """Answer what was accepted, then let go of the database."""
        self._closed = True
        if self._poll is not None:
            self._poll.cancel()
            await asyncio.gather(self._poll, return_exceptions=True)
        while self._hop is not None:
            await self._hop
        thread, self._thread = self._thread, None
        if thread is not None:
            self._hops.put(None)
            await asyncio.to_thread(thread.join)

    async def __aenter__(self) -> Reader:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _leave(self) -> None:
        if self._thread is None:
            self._thread = Thread(target=self._serve, name="reader", daemon=True)
            self._thread.start()
        jobs, self._jobs = self._jobs[:HOP_QUERIES], self._jobs[HOP_QUERIES:]
        self._hops.put((asyncio.get_running_loop(), jobs))

    def _serve(self) -> None:
        while (hop := self._hops.get()) is not None:
            self._answer(*hop)
        self._disconnect()

    def _answer(self, loop: asyncio.AbstractEventLoop, jobs: list[_Job]) -> None:
        answers: list[tuple[_Job, Any, BaseException | None]] = []
        for job in jobs:
            try:
                if job.answer.done():
                    continue
                if self._connection is None:
                    self._connection = self._engine.connect()
                answers.append((job, job.query(self._connection), None))
            except SQLAlchemyError as error:
                self._disconnect()
                answers.append((job, None, unavailable(error)))
            except Exception as error:  # the query's own: it belongs to its caller
                answers.append((job, None, error))
        if self._connection is not None:
            try:
                # End the transaction: the next hop must see what has been committed since.
                self._connection.rollback()
            except SQLAlchemyError:
                self._disconnect()
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(self._arrive, answers)

    def _arrive(self, answers: list[tuple[_Job, Any, BaseException | None]]) -> None:
        for job, answer, error in answers:
            if not job.answer.done():
                if error is None:
                    job.answer.set_result(answer)
                else:
                    job.answer.set_exception(error)
        if self._jobs:
            self._leave()
        elif self._hop is not None:
            hop, self._hop = self._hop, None
            hop.set_result(None)

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        with suppress(SQLAlchemyError):
            if connection is not None:
                connection.close()
            # What is wrong with this connection is wrong with the idle ones, too.
            self._engine.dispose()

    def _has_reached(self, projections: tuple[str, ...], position: int) -> bool:
        if not projections:
            return bool(self._positions) and min(self._positions.values()) >= position
        return all(self._positions.get(name, -1) >= position for name in projections)

    async def _wait(self, projections: tuple[str, ...], position: int, timeout: float) -> None:
        if len(self._waiters) >= self._max_waiting:
            raise ProjectionUnavailable(f"{len(self._waiters)} reads are waiting for a position already")
        if self._poll is None or self._poll.done():
            self._poll = asyncio.create_task(self._poll_checkpoints())
        waiter = _Waiter(projections, position, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(timeout):
                await waiter.reached
        except TimeoutError:
            raise PositionNotReached(
                f"{', '.join(projections) or 'the read models'} did not reach position {position} within {timeout} s"
            ) from None
        finally:
            self._waiters.remove(waiter)

    async def _poll_checkpoints(self) -> None:
        """Signals are sent once and may be lost, so look for oneself while anybody waits."""
        failed = 0.0
        while self._waiters:
            try:
                self.advance(await self.run(checkpoints.positions))
            except ProjectionUnavailable as error:
                if time.monotonic() - failed > 10:
                    failed = time.monotonic()
                    logger.warning("checkpoints cannot be read", error=str(error))
            await asyncio.sleep(POLL_SECONDS)


def _too_late(answer: asyncio.Future[Any], timeout: float) -> None:
    if not answer.done():
        answer.set_exception(ProjectionUnavailable(f"no answer from the read models within {timeout} s"))
