"""The whole platform on one machine: `nats-server` and every role as supervised children."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable

import structlog

from adapters import configuration
from adapters.nats import bootstrap
from adapters.nats.connection import connect
from adapters.nats.server import EmbeddedServer
from adapters.release import release
from adapters.roles import endpoints as endpoints_store
from adapters.roles.child import Child
from adapters.roles.endpoints import Endpoints
from adapters.roles.nursery import Nursery
from adapters.roles.serve import wanted_roles
from adapters.settings import Settings
from events.errors import LogUnavailable

logger = structlog.get_logger(__name__)

START_SECONDS = 60.0
REACH_SECONDS = 15.0
"""How long an external NATS server may take to come up beside us."""
PUBLISH_SECONDS = 0.5
"""How soon `endpoints.json` names the process that took over from a dead one."""

REPLICAS = {"durable": 1, "balanced": 1, "replicated": 3}

PROMISES = {
    "durable": "every acknowledged commit has been flushed to the disk",
    "balanced": "flushed every 250 ms: a power failure may take the last quarter of a second",
    "replicated": "three copies of every acknowledged commit on the cluster",
}

STOP_ORDER = ("gateway", "chronicle", "commands", "agents", "projector")
"""Who asks stops first, so that nothing accepted is left without its worker."""


async def supervise(
    settings: Settings,
    nursery: Nursery,
    *,
    stop: asyncio.Event,
    force: asyncio.Event,
    ready: Callable[[Endpoints], Awaitable[None]],
) -> None:
    """Start everything, call `ready` once, keep everything running until `stop` is set, end in order.

    Children are born in `nursery`, which is closed at the end; those that die are restarted with back-off. `force`
    ends them without waiting for their work.
    The state directory must be held (`endpoints.exclusive`).
    Raises `ConfigurationError`, `LogMisconfigured`, `LogUnavailable` or `RoleFailed` when the platform cannot
    start.
    """
    platform = _Platform(settings, nursery)
    try:
        await platform.start(stop)
        if not stop.is_set():
            await ready(platform.publish())
            await platform.watch(stop)
    finally:
        await platform.stop(force)


class _Platform:
    def __init__(self, settings: Settings, nursery: Nursery) -> None:
        self._settings = settings
        self._server: EmbeddedServer | None = None
        self._nursery = nursery
        self._children = {
            role: Child(
                role, self._nursery, lambda: configuration.to_wire(self._settings), changed=self._on_ready
            )
            for role in wanted_roles(settings)
        }
        self._tasks: list[asyncio.Task[None]] = []
        self._published: Endpoints | None = None
        self._unpublished = False

    async def start(self, stop: asyncio.Event) -> None:
        self._tasks = [
            asyncio.create_task(child.keep_alive(), name=f"{role} child")
            for role, child in self._children.items()
        ]
        log, stopped = asyncio.create_task(self._start_log()), asyncio.create_task(_set(stop))
        await asyncio.wait({log, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not log.done():
            log.cancel()
            await asyncio.gather(log, return_exceptions=True)
            return
        log.result()
        for child in self._children.values():
            child.release()
        everyone = asyncio.create_task(self._all_ready())
        try:
            async with asyncio.timeout(START_SECONDS):
                await asyncio.wait({everyone, stopped, *self._tasks}, return_when=asyncio.FIRST_COMPLETED)
            self._raise_failure()
        except TimeoutError:
            waiting = [role for role, child in self._children.items() if not child.ready.is_set()]
            raise LogUnavailable(
                f"{', '.join(waiting)} did not become ready within {START_SECONDS:.0f} s; "
                "`lorestream doctor` examines this machine"
            ) from None
        finally:
            everyone.cancel()
            stopped.cancel()

    async def watch(self, stop: asyncio.Event) -> None:
        stopped = asyncio.create_task(_set(stop))
        try:
            while not stopped.done():
                await asyncio.wait(
                    {stopped, *self._tasks}, timeout=PUBLISH_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                self._raise_failure()
                if self._published is None or self._pids() != self._published.roles:
                    self._publish_if_possible()
        finally:
            stopped.cancel()

    async def stop(self, force: asyncio.Event) -> None:
        for role in (role for role in STOP_ORDER if role in self._children):
            began = time.monotonic()
            await self._children[role].stop(force)
            logger.info("role ended", ended=role, seconds=round(time.monotonic() - began, 3))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._nursery.close()
        if self._server is not None:
            await self._server.stop()
        endpoints_store.withdraw(self._settings.state)

    def publish(self) -> Endpoints:
        """Write down where everything is."""
        reported: dict[str, str] = {}
        models = self._settings.llm.directory
        for child in self._children.values():
            reported |= child.endpoints
        credentials = self._server.credentials if self._server else None
        found = Endpoints(
            version=release(),
            realm=self._settings.realm,
            state=str(self._settings.state),
            zmq=str(reported.get("zmq") or self._settings.zmq.endpoint),
            http=str(reported.get("http") or ""),
            nats=credentials.url if credentials else self._settings.nats.url,
            database=self._settings.database_url,
            durability=self._settings.nats.durability,
            pid=os.getpid(),
            roles=self._pids(),
            models=str(models.absolute()) if models is not None else "",
        )
        endpoints_store.write(self._settings.state, found)
        self._published = found
        return found

    def _publish_if_possible(self) -> None:
        """What runs must not end because a full disk cannot say where it is; the next look tries again."""
        try:
            self.publish()
            self._unpublished = False
        except OSError as error:
            if not self._unpublished:
                self._unpublished = True
                logger.warning("endpoints.json cannot be written", error=str(error))

    async def _start_log(self) -> None:
        if not self._settings.nats.url:
            self._server = EmbeddedServer(self._settings)
            await self._server.start()
        client = await connect(
            self._settings, name="supervisor", role="administrator", patience=REACH_SECONDS
        )
        try:
            await bootstrap.ensure_streams(client, replicas=REPLICAS[self._settings.nats.durability])
        finally:
            await client.close()

    def _on_ready(self, child: Child) -> None:
        if child.role == "gateway":
            self._settings = pinned(self._settings, child.endpoints)

    def _pids(self) -> dict[str, int]:
        pids = {role: child.pid or 0 for role, child in self._children.items()}
        if self._server:
            pids["nats-server"] = self._server.pid or 0
        return pids

    def _raise_failure(self) -> None:
        for task in self._tasks:
            if task.done() and not task.cancelled() and (error := task.exception()):
                raise error

    async def _all_ready(self) -> None:
        for child in self._children.values():
            await child.ready.wait()


async def _set(event: asyncio.Event) -> None:
    await event.wait()


def pinned(settings: Settings, reported: dict[str, str]) -> Settings:
    """`settings` with the ports a gateway chose itself, so that its successor is found at the same place."""
    changes: dict[str, object] = {}
    if reported.get("zmq"):
        changes["zmq"] = settings.zmq.model_copy(update={"endpoint": reported["zmq"]})
    port = str(reported.get("http") or "").rpartition(":")[2].rstrip("/")
    if port.isdecimal():
        changes["http"] = settings.http.model_copy(update={"port": int(port)})
    return settings.model_copy(update=changes)
