"""The role `chronicle`: takes a game server's own SQL logs over into the log. Runs where `chronicle.url` is set."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from adapters.nats.bus import NatsCommandBus
from adapters.nats.connection import connect
from adapters.nats.log import JetStreamLog
from adapters.nats.snapshots import KvSnapshots
from adapters.rathena.sqllogs.connection import open_logs
from adapters.rathena.sqllogs.tables import TABLES
from adapters.rathena.sqllogs.tailer import Tailer
from adapters.settings import Settings
from commands.loader import StreamLoader
from events.errors import ConfigurationError


async def run(settings: Settings, *, ready: Callable[[dict[str, Any]], None], stop: asyncio.Event) -> None:
    """Serve until `stop` is set. Raises `ConfigurationError` for unknown tables or a missing driver."""
    wanted = settings.chronicle
    unknown = [name for name in wanted.tables if name not in TABLES]
    if unknown or not wanted.url:
        raise ConfigurationError(
            "settings",
            "chronicle.tables" if unknown else "chronicle.url",
            f"{', '.join(unknown)} cannot be read" if unknown else "is empty",
            f"Known are {', '.join(TABLES)}." if unknown else "Name the database with the SQL logs.",
        )
    engine = open_logs(wanted.url)
    client = await connect(settings, name="chronicle")
    log = JetStreamLog(client, settings.realm)
    try:
        loader = StreamLoader(log, KvSnapshots(client), capacity=64)
        tailer = Tailer(wanted, engine, NatsCommandBus(client, settings.realm), loader)
        ready({})
        await tailer.run(stop)
    finally:
        engine.dispose()
        await client.close()
