"""The projector role: keeps the read models in step with the log and tells everybody how far they are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError

from adapters.llm import book
from adapters.nats.connection import connect
from adapters.nats.log import JetStreamLog
from adapters.nats.progress import publish_progress
from adapters.roles.indexing import keep_indexed
from adapters.settings import Settings
from adapters.sql import configured
from adapters.sql.companion import launch
from adapters.sql.crash import mark_closed
from adapters.sql.engine import open_database, sqlite_path
from adapters.sql.migrate import migrate
from adapters.sql.read_models import read_models
from events.errors import ConfigurationError, LorestreamError, ProjectionUnavailable
from events.log import Log
from projections.bulk import bulk_work
from projections.projector import Projector
from projections.rebuild import rebuild
from projections.store import Database

logger = structlog.get_logger(__name__)

RETRY_SECONDS = 1.0
WATCH_SECONDS = 5.0


async def run(settings: Settings, *, ready: Callable[[dict[str, Any]], None], stop: asyncio.Event) -> None:
    """Serve until `stop` is set; the batch in hand is written before it returns.

    `ready({"projections": [names]})` is called once, when the tables exist and the log is followed. Raises
    `ConfigurationError` for settings that cannot work; everything else is waited out.
    """
    await _migrate(settings, stop)
    if stop.is_set():
        return
    client = await connect(settings, name="projector")
    log, database = JetStreamLog(client, settings.realm), open_database(settings.database_url)

    async def publish(positions: Mapping[str, int]) -> None:
        await publish_progress(client, settings.realm, positions)

    projector = Projector(log, database, read_models(), on_progress=publish)
    try:
        with bulk_work():
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(projector.run(stop))
                tasks.create_task(_announce(projector, ready, stop))
                tasks.create_task(_watch(projector, stop))
                tasks.create_task(_renew(projector, log, database, stop))
                tasks.create_task(keep_indexed(projector, database, stop))
                tasks.create_task(_tell_configuration(settings, projector, database, stop))
    finally:
        await _close(client, log)
        database.close()
        file = sqlite_path(settings.database_url)
        if file is not None:
            await asyncio.to_thread(mark_closed, file)


async def _migrate(settings: Settings, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await asyncio.to_thread(migrate, settings.database_url)
        except (ProjectionUnavailable, OSError) as error:
            logger.warning("the database cannot be prepared yet", error=str(error))
            await _pause(stop, RETRY_SECONDS)
        else:
            return


async def _announce(
    projector: Projector, ready: Callable[[dict[str, Any]], None], stop: asyncio.Event
) -> None:
    await projector.started(stop)
    if not stop.is_set():
        ready({"projections": sorted(projector.positions)})


async def _watch(projector: Projector, stop: asyncio.Event) -> None:
    """Say it once when the projector stands still, and once when it moves again."""
    stuck = False
    while not stop.is_set():
        await _pause(stop, WATCH_SECONDS)
        health = await projector.health()
        if health.stuck != stuck:
            stuck = health.stuck
            logger.log(
                40 if stuck else 20,
                "projections stand still" if stuck else "projections move again",
                lag_events=health.lag_events,
                lag_seconds=health.lag_seconds,
                problem=health.problem,
            )


async def _renew(projector: Projector, log: Log, database: Database, stop: asyncio.Event) -> None:
    """Rebuild what an older release wrote, beside the old tables, while the others go on."""
    await projector.started(stop)
    while projector.outdated and not stop.is_set():
        names = [projection.name for projection in projector.outdated]
        logger.info("rebuilding read models of an older release", projections=names)
        try:
            await rebuild(log, database, projector.outdated, stop=stop, launch=launch)
        except LorestreamError as error:
            logger.warning("rebuild interrupted", error=str(error))
            await _pause(stop, RETRY_SECONDS)
        else:
            projector.refresh()
            return


async def _tell_configuration(
    settings: Settings, projector: Projector, database: Database, stop: asyncio.Event
) -> None:
    """Store which providers and agents there are, for those who read the database only.

    What cannot be read stays as it was: whoever asks models complains of it, and the read models do not need it.
    """
    await projector.started(stop)
    while not stop.is_set():
        try:
            models = await asyncio.to_thread(book.load, settings.llm.directory)
            await asyncio.to_thread(configured.store, database, models)
        except ConfigurationError as error:
            logger.warning("ai_providers and ai_agents stay as they are", error=str(error))
            return
        except ProjectionUnavailable as error:
            logger.warning("ai_providers and ai_agents cannot be written yet", error=str(error))
            await _pause(stop, RETRY_SECONDS)
        else:
            return


async def _close(client: Client, log: JetStreamLog) -> None:
    with suppress(NatsError, TimeoutError):
        await log.close()
        await client.flush(timeout=1)
    await client.close()


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
