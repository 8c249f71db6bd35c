"""What a router may use: the parts of the platform behind the API."""

from __future__ import annotations

from dataclasses import dataclass

from nats.aio.client import Client

from adapters.accounts.accounts import Accounts
from adapters.gamemaster.assistant import Assistant
from adapters.jobs.jobs import Jobs
from adapters.live.live import Live
from adapters.nats.ports import CommandBus
from adapters.rathena.dispatcher import Dispatcher
from adapters.rathena.status import Status
from adapters.settings import Settings
from adapters.sql.reader import Reader
from events.log import Log


@dataclass(frozen=True, slots=True)
class Platform:
    """Built once per gateway; each feature is `router(platform) -> APIRouter` in a module of its own."""

    settings: Settings
    bus: CommandBus
    reader: Reader
    log: Log
    client: Client
    status: Status
    dispatcher: Dispatcher
    accounts: Accounts
    live: Live
    jobs: Jobs
    assistant: Assistant

    async def close(self) -> None:
        """Let go of what the platform opened for the API; what it was given stays open."""
        await self.assistant.close()
        await self.live.close()
        await self.jobs.close()
        await self.accounts.close()
