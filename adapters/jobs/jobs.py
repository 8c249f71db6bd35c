"""Jobs of one gateway: started, watched, stopped; the last ones stay visible."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from adapters import configuration
from adapters.jobs.job import Job
from adapters.settings import Settings
from events.commit import Json
from events.errors import LorestreamError

logger = structlog.get_logger(__name__)

KEPT = 20
STOP_SECONDS = 20.0
MAX_LINE = 16 * 2**20
ASIDE = 2
"""Short work that is waited for, at the same time."""


class JobRunning(Exception):
    """There is one already; `job` is that one."""

    def __init__(self, job: Job) -> None:
        super().__init__(f"{job.action} of {job.target} is running; wait for it or stop it")
        self.job = job


class JobFailed(LorestreamError):
    """Work that was waited for came to nothing."""


class Jobs:
    """One job at a time; close it with `close`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._aside = asyncio.Semaphore(ASIDE)
        self._closing = False

    @property
    def running(self) -> Job | None:
        """The job at work."""
        return next((job for job in self._jobs.values() if job.state == "running"), None)

    def all(self) -> list[Job]:
        """The last jobs, newest first."""
        return list(reversed(self._jobs.values()))

    def find(self, job_id: str) -> Job | None:
        return self._jobs.get(job_id)

    def start(self, job: Job, asked: Json, ended: Callable[[Job], Awaitable[None]] | None = None) -> None:
        """Begin `job`, described by `asked` (see `adapters.jobs.worker`); `ended` is awaited with it in the end.

        Raises `JobRunning`.
        """
        running = self.running
        if running is not None:
            raise JobRunning(running)
        self._jobs[job.job_id] = job
        while len(self._jobs) > KEPT:
            self._jobs.popitem(last=False)
        self._task = asyncio.create_task(self._see_through(job, asked, ended), name=f"job {job.action}")

    async def stop(self, job: Job) -> None:
        """End a job in order; a rebuild goes on from there when it is asked for again."""
        process = self._process
        if job.state != "running" or process is None:
            return
        job.phase = "stopping"
        with suppress(ProcessLookupError):
            process.terminate()

    async def aside(self, asked: Json, seconds: float) -> Json:
        """Do short work in a process of its own and wait for its result. Raises `JobFailed`."""
        async with self._aside:
            job = Job(str(asked["action"]), "", "")
            try:
                async with asyncio.timeout(seconds):
                    await self._run(job, asked, lambda _process: None)
            except TimeoutError:
                raise JobFailed(f"it took longer than {seconds:g} s") from None
            if job.result is None:
                raise JobFailed(job.problem or "it ended without a result")
            return job.result

    async def close(self) -> None:
        """Stop what is running and wait for it."""
        self._closing = True
        task = self._task
        if task is None or task.done():
            return
        running = self.running
        if running is not None:
            await self.stop(running)
        done, _ = await asyncio.wait({task}, timeout=STOP_SECONDS)
        if not done:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _see_through(
        self, job: Job, asked: Json, ended: Callable[[Job], Awaitable[None]] | None
    ) -> None:
        def begun(process: asyncio.subprocess.Process) -> None:
            self._process = process
            if self._closing:
                process.terminate()

        try:
            status = await self._run(job, asked, begun)
            stopped = job.phase == "stopping" or (job.result or {}).get("finished") is False
            job.end(
                "stopped" if stopped else "finished" if status == 0 and job.result is not None else "failed"
            )
        except OSError as error:
            job.problem = f"it cannot be started: {error}"
            job.end("failed")
        except asyncio.CancelledError:
            job.end("stopped")
            raise
        finally:
            self._process = None
        if job.state == "failed" and not job.problem:
            job.problem = "its process ended without a word"
        logger.info("a job ended", action=job.action, target=job.target, state=job.state, problem=job.problem)
        if ended is not None:
            try:
                await ended(job)
            except LorestreamError as error:
                logger.warning("the end of a job was not recorded", error=str(error))

    async def _run(self, job: Job, asked: Json, begun: Callable[[asyncio.subprocess.Process], None]) -> int:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "adapters.jobs.worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=MAX_LINE,
        )
        assert process.stdin is not None and process.stdout is not None
        try:
            begun(process)
            line = json.dumps({"settings": configuration.to_wire(self._settings), **asked})
            with suppress(ConnectionError):
                process.stdin.write(line.encode() + b"\n")
                await process.stdin.drain()
            while report := await process.stdout.readline():
                with suppress(ValueError):
                    job.note(json.loads(report))
            return await process.wait()
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
