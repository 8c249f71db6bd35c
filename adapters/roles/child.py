"""A role as a supervised child process: started, watched, restarted with back-off, ended in order."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

import structlog

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
        self, role: str, settings: Callable[[], str], *, changed: Callable[[Child], None] | None = None
    ) -> None:
        self.role = role
        self.endpoints: dict[str, Any] = {}
        self.ready = asyncio.Event()
        self.restarts = 0
        self._settings = settings
        self._changed = changed
        self._may_work = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.returncode is None else None

    def release(self) -> None:
        """Let the child work: until now it only imports, because settings are not known yet."""
        self._may_work.set()

    async def keep_alive(self) -> None:
        """Run the role until `stop` is called. Raises `RoleFailed` if it never became ready."""
        attempt = 0
        while True:
            began = time.monotonic()
            status, why = await self._run_once()
            if self._stopping:
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

    async def stop(self, force: asyncio.Event) -> None:
        """End the child: it finishes accepted work, unless `force` is set or it takes too long."""
        self._stopping = True
        process = self._process
        if process is None or process.returncode is not None:
            return
        self._signal(process, signal.SIGTERM)
        ended, forced = asyncio.ensure_future(process.wait()), asyncio.ensure_future(force.wait())
        try:
            await asyncio.wait({ended, forced}, timeout=FINISH_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():
                logger.warning("a role did not finish in time, ending it", ended=self.role)
                self._signal(process, signal.SIGKILL)
            await ended
        finally:
            forced.cancel()

    async def _run_once(self) -> tuple[int, str]:
        process = self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "adapters.roles.serve",
            self.role,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            # Ctrl-C in a terminal reaches the whole process group; the order of ending is ours to keep.
            start_new_session=True,
        )
        assert process.stdin is not None and process.stdout is not None
        await self._may_work.wait()
        with contextlib.suppress(ConnectionError):
            process.stdin.write(self._settings().encode() + b"\n")
            await process.stdin.drain()
        why = ""
        while line := await process.stdout.readline():
            report = json.loads(line)
            why = report.get("failed", "")
            if "ready" in report:
                self.endpoints = report["ready"]
                self.ready.set()
                if self._changed:
                    self._changed(self)
        return await process.wait(), why

    def _signal(self, process: asyncio.subprocess.Process, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)
