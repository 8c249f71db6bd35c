"""The adviser as production uses it: configuration, switches, providers, cache and budget put together."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import structlog
from nats.aio.client import Client

from adapters.llm.adviser import Adviser
from adapters.llm.allowance import Allowances
from adapters.llm.book import ModelBook, load
from adapters.llm.cache import KvCache
from adapters.llm.clock import Clock, SystemClock
from adapters.llm.gateway import Gateway
from adapters.llm.line import Line, OpenProvider, open_provider
from adapters.llm.roster import Roster
from adapters.llm.spending import Spending
from adapters.nats.ports import CommandBus
from adapters.settings import Settings
from events.errors import CodecError, LogError
from events.log import Log

logger = structlog.get_logger(__name__)

RETRY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Models:
    """What one process has of models: who is asked for advice, and the lines and the purse behind it."""

    adviser: Adviser
    book: ModelBook
    lines: Mapping[str, Line]
    spending: Spending
    clock: Clock


@asynccontextmanager
async def open_models(
    settings: Settings,
    client: Client,
    bus: CommandBus,
    log: Log,
    *,
    book: ModelBook | None = None,
    opening: OpenProvider = open_provider,
    environment: Mapping[str, str] = os.environ,
) -> AsyncIterator[Models]:
    """The models of one process; switches are followed, leases settled, until the block ends.

    Raises `ConfigurationError` when the configuration of models is wrong, `LogUnavailable`.
    """
    book = book or load(settings.llm.directory)
    clock = SystemClock()
    lines = {
        key: Line(entry, clock, opening=opening, environment=environment)
        # Without lines nobody can be asked, whoever tries.
        for key, entry in (book.providers.items() if settings.llm.enabled else ())
    }
    switched = asyncio.Event()
    roster = Roster(book, changed=switched.set)
    after = await roster.load(log)
    switched.set()
    cache, spending = KvCache(client, settings.realm), Spending(bus, clock, realm_limit=book.realm_limit)
    allowances = Allowances(bus, clock)
    gateway = Gateway(roster, lines, cache=cache, spending=spending, clock=clock, allowances=allowances)
    stop = asyncio.Event()
    background = [
        asyncio.create_task(_follow(roster, log, after), name="switches"),
        asyncio.create_task(spending.keep(stop), name="leases"),
    ]
    if settings.llm.enabled:
        background.append(asyncio.create_task(_warm(book, roster, lines, switched), name="providers"))
    try:
        async with Adviser(gateway, bus, log, enabled=settings.llm.enabled) as adviser:
            yield Models(adviser, book, lines, spending, clock)
    finally:
        stop.set()
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)
        await allowances.close()
        await spending.close()
        for line in lines.values():
            await line.close()
        await cache.close()


@asynccontextmanager
async def open_adviser(
    settings: Settings,
    client: Client,
    bus: CommandBus,
    log: Log,
    *,
    book: ModelBook | None = None,
    opening: OpenProvider = open_provider,
    environment: Mapping[str, str] = os.environ,
) -> AsyncIterator[Adviser]:
    """As `open_models`, for those who want nothing but advice."""
    async with open_models(
        settings, client, bus, log, book=book, opening=opening, environment=environment
    ) as models:
        yield models.adviser


async def _follow(roster: Roster, log: Log, after: int) -> None:
    """Follow the switches; whatever goes wrong, read them anew and go on."""
    while True:
        try:
            await roster.follow(log, after=after)
        except* (LogError, CodecError) as errors:
            logger.warning("following the switches again", reason=str(errors.exceptions[0]))
        await asyncio.sleep(RETRY_SECONDS)
        with suppress(LogError, CodecError):
            after = await roster.load(log)


async def _warm(book: ModelBook, roster: Roster, lines: Mapping[str, Line], switched: asyncio.Event) -> None:
    """Open providers as soon as they are switched on, so that no question waits for the import of an SDK.

    Whose price is a guess is said then, once.
    """
    told: set[str] = set()
    while True:
        await switched.wait()
        switched.clear()
        for key, line in lines.items():
            if not roster.provider_on(key):
                continue
            if book.unlisted(line.entry) and key not in told:
                told.add(key)
                logger.warning(
                    "a model is not listed in pricing.toml: its calls count at the price of [default]",
                    provider=key,
                    model=line.entry.model,
                )
            await line.open()
