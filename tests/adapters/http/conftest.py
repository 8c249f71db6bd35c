"""Platforms with people. `town` is shared by the tests of a module, which run in one event loop for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from adapters.nats.connection import connect
from adapters.nats.log import JetStreamLog
from adapters.settings import AccountSettings, HttpSettings, Settings, ZmqSettings
from tests.adapters.http.people import People, Person, people
from tests.adapters.rathena.conftest import Platform, map_server, platform, running
from tests.conftest import realms

__all__ = ["map_server", "platform"]


@dataclass(frozen=True)
class Town:
    """A platform that believes what a proxy on this machine says of where requests come from."""

    settings: Settings
    url: str
    people: People
    log: JetStreamLog
    admin: Person
    operator: Person
    gamemaster: Person
    player: Person

    def stranger(self, address: str = "203.0.113.1", **headers: str) -> httpx.AsyncClient:
        """Somebody at another address, who is not signed in."""
        return self.people.nobody(**{"X-Forwarded-For": address, **headers})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(nats_state: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    state = tmp_path_factory.mktemp("town")
    (state / "credentials.json").symlink_to(nats_state / "credentials.json")
    settings = Settings(
        realm=f"town{next(realms)}",
        state=state,
        zmq=ZmqSettings(endpoint="tcp://127.0.0.1:*"),
        http=HttpSettings(port=0, trusted_proxies=("127.0.0.1",), hosts=("lore.example.org",)),
        accounts=AccountSettings(hash_mebibytes=19),
    )
    async with (
        running(settings, "projector", "commands", "gateway") as endpoints,
        people(settings, endpoints["http"]) as them,
    ):
        roles = [await them.make(role) for role in ("admin", "operator", "gamemaster", "player")]
        client = await connect(settings, name="town")
        log = JetStreamLog(client, settings.realm)
        yield Town(settings, endpoints["http"], them, log, *roles)
        await log.close()
        await client.close()


@pytest.fixture
async def operator(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    """A client that is signed in as an operator."""
    async with people(platform.settings, platform.http) as them:
        yield (await them.make("operator")).web
