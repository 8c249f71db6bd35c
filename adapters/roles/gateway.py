"""The role `gateway`: game servers over ZeroMQ and HTTP in front, commands and read models behind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import structlog
import zmq

from adapters import rulebooks
from adapters.completions.profiles import load as load_profiles
from adapters.embedding.asking import NearestMemories
from adapters.http.server import HttpServer
from adapters.llm.book import load as load_models
from adapters.llm.switchboard import Switchboard
from adapters.nats.access import NatsAccessLog
from adapters.nats.bus import NatsCommandBus
from adapters.nats.connection import connect
from adapters.nats.log import JetStreamLog
from adapters.nats.progress import watch_progress
from adapters.rathena.callbacks import Callbacks, keep_sweeping
from adapters.rathena.deliveries import Deliveries
from adapters.rathena.dispatcher import Dispatcher
from adapters.rathena.maps import open_maps
from adapters.rathena.positions import Positions
from adapters.rathena.router import Router
from adapters.rathena.services import Services
from adapters.rathena.status import Status
from adapters.release import release
from adapters.roles.parts import until_stopped
from adapters.settings import Settings
from adapters.sql.memory_index import MemoryIndex
from adapters.sql.reader import Reader
from events.errors import ConfigurationError
from projections.recollection import PerceivedRows

logger = structlog.get_logger(__name__)


async def run(settings: Settings, *, ready: Callable[[dict[str, Any]], None], stop: asyncio.Event) -> None:
    """Serve until `stop` is set, then answer what was accepted. See `adapters.roles.serve`.

    `ready` is told the real endpoints: `{"zmq", "http"}`. Raises `ConfigurationError` when an endpoint cannot be
    bound, or a key file, the models or the profiles are unusable, `LogUnavailable` when NATS cannot be reached at
    the start, `PartEnded` when a part of it, such as HTTP, cannot go on. Its ports are free when it returns or raises.
    """
    # A mistake in the profiles of the compatible endpoint ends the start, not the HTTP server after it.
    await asyncio.to_thread(load_profiles, settings.llm.directory)
    client = await connect(settings, name="gateway")
    log = JetStreamLog(client, settings.realm)
    access = NatsAccessLog(client, settings.realm)
    positions = Positions()
    callbacks = Callbacks(settings.gateway, positions)
    reader = Reader(settings.database_url)
    bus = NatsCommandBus(client, settings.realm)
    maps = await open_maps(settings.rathena.map_cache)
    memories = MemoryIndex(PerceivedRows())
    switchboard = Switchboard(await asyncio.to_thread(load_models, settings.llm.directory), log)
    services = Services(
        settings,
        bus,
        reader,
        access,
        callbacks,
        positions,
        release(),
        maps,
        memories,
        switchboard,
        NearestMemories(client, settings),
    )
    dispatcher = Dispatcher(services)
    router = Router(settings, dispatcher, callbacks)
    deliveries = Deliveries(client, log, callbacks, settings.gateway)
    status = Status(settings, client, log, reader, dispatcher, router, callbacks, access)

    access.start()
    await watch_progress(client, settings.realm, reader.advance)
    await deliveries.start()
    endpoints = {"zmq": _bind(router, settings)}
    parts = [
        asyncio.create_task(keep_sweeping(callbacks), name="callbacks"),
        asyncio.create_task(deliveries.keep(), name="deliveries"),
    ]
    web = None
    try:
        if settings.http.enabled:
            web = HttpServer(settings, dispatcher, status, bus)
            endpoints["http"] = web.listen()
            parts.append(web.start())
        # Answers about minds need the rule books: read them before the first question, off the event loop.
        await asyncio.to_thread(rulebooks.load)
        ready(endpoints)
        await until_stopped(stop, *parts)
    finally:
        if web is not None:
            await web.stop()
        await router.stop()
        for part in parts:
            part.cancel()
        await asyncio.gather(*parts, return_exceptions=True)
        await access.stop()
        await reader.close()
        await log.close()
        await client.close()


def _bind(router: Router, settings: Settings) -> str:
    try:
        return router.start()
    except zmq.ZMQError as error:
        raise ConfigurationError(
            "settings",
            "zmq.endpoint",
            f"{settings.zmq.endpoint} cannot be bound: {error}",
            "Choose a free port, or tcp://127.0.0.1:* for any.",
        ) from None
