"""Letting a language model take part in the scene: its provider is switched on, the fake one started if need be."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from urllib.parse import urlsplit

from uuid_utils import uuid7

from adapters.demo.advised import Advice, conversing, deliberating
from adapters.demo.stage import Stage
from adapters.llm.book import ProviderEntry, load
from adapters.llm.fake.server import FakeModels
from adapters.llm.switchboard import Switchboard
from adapters.nats.bus import NatsCommandBus
from adapters.nats.connection import connect
from adapters.nats.log import JetStreamLog
from adapters.settings import Settings
from adapters.sql.reader import Reader
from commands.message import CommandMessage
from events.commit import Actor, Json
from events.errors import ConfigurationError, LogUnavailable
from projections import decisions

FAKE = "fake"
SEND_SECONDS = 5.0
SETTLING_SECONDS = 1.0
"""How long the platform's processes may take to notice a switch and to load an SDK."""


def acts(advice: Advice) -> tuple[tuple[str, Callable[[Stage], Awaitable[None]]], ...]:
    """What is played with a model."""
    return (
        ("A model finds the words", partial(conversing, advice=advice)),
        ("A model weighs the options", partial(deliberating, advice=advice)),
    )


@asynccontextmanager
async def advised(settings: Settings, reader: Reader, name: str) -> AsyncIterator[Advice]:
    """The provider is on while the block runs. Raises `ConfigurationError` for one that cannot be asked."""
    book = await asyncio.to_thread(load, settings.llm.directory)
    client = await connect(settings, name="demo models")
    try:
        board = Switchboard(book, JetStreamLog(client, settings.realm))
        entry = board.find_provider(name)
        if entry is None:
            raise ConfigurationError(
                "--llm", name[:40], "is no provider", f"Choose one of {', '.join(book.providers)}."
            )
        if entry.key_variable and not entry.secret():
            raise ConfigurationError(
                "environment",
                entry.key_variable,
                "is not set",
                "Start `lorestream up` and the demo with the key in it, or try `--llm fake`.",
            )
        bus = NatsCommandBus(client, settings.realm)
        async with AsyncExitStack() as stack:
            if entry.key == FAKE:
                await serve_fake(stack, entry)
            if not (await board.provider(entry))["status"]:
                await _switch(bus, entry, enabled=True)
                stack.push_async_callback(_switch, bus, entry, enabled=False)
                await asyncio.sleep(SETTLING_SECONDS)
            yield Advice(entry.name, partial(_decision_of, reader))
    finally:
        await client.close()


async def serve_fake(stack: AsyncExitStack, entry: ProviderEntry) -> None:
    """Start the fake models where `entry` expects them, unless they are there already; they end with `stack`.

    Raises `ConfigurationError` when nothing answers at that port and it cannot be taken.
    """
    place = urlsplit(entry.base_url)
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(place.hostname, place.port), 1.0)
        writer.close()
    except (OSError, TimeoutError):
        try:
            await stack.enter_async_context(FakeModels(place.hostname or "127.0.0.1", place.port or 80))
        except ConfigurationError as error:
            raise ConfigurationError(
                "providers.toml",
                f"{FAKE}.base_url",
                f"nothing answers there, and {error.problem}",
                "Name a free port there, and start the platform anew.",
            ) from error


async def _switch(bus: NatsCommandBus, entry: ProviderEntry, *, enabled: bool) -> None:
    unique = f"demo/{uuid7()}"
    message = CommandMessage(
        id=unique,
        name="provider.set_status",
        stream=f"provider/{entry.key}",
        args={"enabled": enabled, "reason": "lorestream demo"},
        actor=Actor("operator", getpass.getuser()),
        correlation_id=unique,
    )
    reply = await bus.send(message, timeout=SEND_SECONDS)
    if not reply.success:
        raise LogUnavailable(f"the provider could not be switched: {reply.message}")


async def _decision_of(reader: Reader, request_id: str) -> Json | None:
    found = await reader.run(partial(decisions.decisions, request_id=request_id, limit=1))
    return next(iter(found["decisions"]), None)
