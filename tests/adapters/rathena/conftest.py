"""A running platform: every role in this process, on the session's real nats-server and a database of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from adapters.roles import agents, commands, gateway, projector
from adapters.settings import Settings
from tests.adapters.rathena.game_server import GameServer

ROLES = {"commands": commands.run, "projector": projector.run, "agents": agents.run, "gateway": gateway.run}
BEHIND = ("projector", "commands", "agents")


@dataclass(frozen=True)
class Platform:
    settings: Settings
    zmq: str
    http: str

    def game_server(self, **options: object) -> GameServer:
        return GameServer(self.zmq, **options)  # type: ignore[arg-type]


@asynccontextmanager
async def running(settings: Settings, *roles: str) -> AsyncIterator[dict[str, str]]:
    """Run roles until the block ends, the last one ending first; yields the endpoints they reported."""
    endpoints: dict[str, str] = {}
    started: list[tuple[asyncio.Event, asyncio.Task[None]]] = []
    try:
        for role in roles:
            stop, reported = asyncio.Event(), asyncio.get_running_loop().create_future()
            task = asyncio.create_task(ROLES[role](settings, ready=reported.set_result, stop=stop), name=role)
            started.append((stop, task))
            await asyncio.wait({task, reported}, timeout=20, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                await task
            endpoints |= reported.result()
        yield endpoints
    finally:
        for stop, task in reversed(started):
            stop.set()
            await asyncio.wait_for(task, 30)


@pytest.fixture
async def platform(settings: Settings) -> AsyncIterator[Platform]:
    async with running(settings, *BEHIND, "gateway") as endpoints:
        yield Platform(settings, endpoints["zmq"], endpoints["http"])


@pytest.fixture
async def map_server(platform: Platform) -> AsyncIterator[GameServer]:
    async with platform.game_server() as server:
        yield server
