"""A role as a supervised child process: started, watched, restarted with back-off, ended in order."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import time
from collections.abc import Callable
from typing import Any

import structlog

from adapters.roles.nursery import NURSERY_LOST, Nursery
from adapters.roles.serve import FINISH_SECONDS, STATUS_MISCONFIGURED
from events.errors import LorestreamError

logger = structlog.get_logger(__name__)

BACKOFF_SECONDS = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0)
STEADY_SECONDS = 30.0
"""A child that ran this long before it ended starts over with the shortest pause."""

FIRST_ATTEMPTS = 4
"""A role that never worked is given up after so many attempts: the platform then refuses to start."""


class RoleFailed(LorestreamError):
    """A role could not be brought up; the message is its own. `misconfigured` says that retrying is useless."""

    def __init__(self, role: str, why: str, *, misconfigured: bool) -> None:
        super().__init__(f"{role}: {why}")
        self.role, self.misconfigured = role, misconfigured


class Child:
    """One role. `settings` is asked for at every start, so that a restart serves the same endpoints again."""

    def __init__(
        self,
        role: str,
        nursery: Nursery,
        settings: Callable[[], str],
        *,
        changed: Callable[[Child], None] | None = None,
    ) -> None:
        self.role = role
        self.endpoints: dict[str, Any] = {}
        self.ready = asyncio.Event()
        self.restarts = 0
        self._settings = settings
        self._changed = changed
        self._may_work = asyncio.Event()
        self.pid: int | None = None
        self._nursery = nursery
        self._gone = asyncio.Event()
        self._stopping = False

    def release(self) -> None:
        """Let the child work: until now it only imports, because settings are not known yet."""
        self._may_work.set()

    async def keep_alive(self) -> None:
        """Run the role until `stop` is called. Raises `RoleFailed` if it never became ready."""
        attempt = 0
        while True:
            began = time.monotonic()
            try:
                status, why = await self._run_once()
            except OSError as error:
                status, why = NURSERY_LOST, str(error)
            if self._is_stopping():
                return
            misconfigured = status == STATUS_MISCONFIGURED
            if not self.ready.is_set() and (misconfigured or attempt + 1 >= FIRST_ATTEMPTS):
                why = why or f"it ended with status {status}; its log above says why"
                raise RoleFailed(self.role, why, misconfigured=misconfigured)
            if time.monotonic() - began >= STEADY_SECONDS:
                attempt = 0
            pause = BACKOFF_SECONDS[min(attempt, len(BACKOFF_SECONDS) - 1)]
            attempt += 1
            self.restarts += 1
            logger.warning(
                "a role ended, starting it again",
                ended=self.role,
                status=status,
                why=why,
                pause=pause,
                restarts=self.restarts,
            )
            await asyncio.sleep(pause)
            if self._is_stopping():
                return

    async def stop(self, force: asyncio.Event) -> None:
        """End the child: it finishes accepted work, unless `force` is set or it takes too long."""
        self._stopping = True
        pid = self.pid
        if pid is None:
            return
        _signal(pid, signal.SIGTERM)
        gone, forced = asyncio.create_task(self._gone.wait()), asyncio.create_task(force.wait())
        try:
            await asyncio.wait({gone, forced}, timeout=FINISH_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if not gone.done():
                logger.warning("a role did not finish in time, ending it", ended=self.role)
                _signal(pid, signal.SIGKILL)
            await gone
        finally:
            forced.cancel()

    def _is_stopping(self) -> bool:
        return self._stopping

    async def _run_once(self) -> tuple[int, str]:
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self.pid, ended = await self._nursery.start(self.role, theirs.fileno())
        except BaseException:
            # A child that is born after all finds the other end closed and goes.
            ours.close()
            raise
        self._gone.clear()
        reader, writer = await asyncio.open_connection(sock=ours)
        try:
            released = asyncio.create_task(self._may_work.wait())
            await asyncio.wait((released, ended), return_when=asyncio.FIRST_COMPLETED)
            released.cancel()
            why = ""
            with contextlib.suppress(ConnectionError):
                writer.write(self._settings().encode() + b"\n")
                await writer.drain()
                while line := await reader.readline():
                    report = json.loads(line)
                    why = report.get("failed", "")
                    if "ready" in report:
                        self._became_ready(report["ready"])
            return await ended, why
        finally:
            writer.close()
            self.pid = None
            self._gone.set()

    def _became_ready(self, endpoints: dict[str, Any]) -> None:
        self.endpoints = endpoints
        self.ready.set()
        if self._changed:
            self._changed(self)


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
