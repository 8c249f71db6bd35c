"""People for tests of the API: accounts of each role on a running platform, and clients that are signed in as them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from adapters.accounts.accounts import Accounts
from adapters.nats.bus import NatsCommandBus
from adapters.nats.connection import connect
from adapters.settings import Settings
from events.commit import Actor

PASSWORD = "seven wet lanterns"
ADMINISTRATOR = Actor("operator", "tests")


@dataclass
class Person:
    """Somebody with an account, whose client sends his access token."""

    account_id: str
    name: str
    role: str
    web: httpx.AsyncClient

    async def post(self, path: str, body: Any = None, **options: Any) -> httpx.Response:
        return await self.web.post(path, json=body if body is not None else {}, **options)

    async def get(self, path: str, **options: Any) -> httpx.Response:
        return await self.web.get(path, **options)


@dataclass
class People:
    """Makes accounts and signs them in; `url` is where the gateway answers."""

    url: str
    accounts: Accounts
    _clients: list[httpx.AsyncClient] = field(default_factory=list)

    def nobody(self, **headers: str) -> httpx.AsyncClient:
        """A client that is not signed in."""
        client = httpx.AsyncClient(base_url=self.url, timeout=15, headers=headers)
        self._clients.append(client)
        return client

    async def make(self, role: str, name: str = "") -> Person:
        """Somebody new of this role, signed in."""
        name = name or f"{role}-{uuid4().hex[:8]}"
        account, _ = await self.accounts.people.create(name, role, PASSWORD, by=ADMINISTRATOR)
        web = self.nobody()
        await sign_in(web, name)
        return Person(account.account_id, name, role, web)

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()


async def sign_in(web: httpx.AsyncClient, name: str, password: str = PASSWORD) -> dict[str, Any]:
    """Sign in; the client sends the token from then on."""
    answer = await web.post("/api/auth/login", json={"name": name, "password": password})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    web.headers["Authorization"] = f"Bearer {found['access_token']}"
    return found


@asynccontextmanager
async def people(settings: Settings, url: str) -> AsyncIterator[People]:
    """People of the platform that runs with `settings` and answers at `url`."""
    client = await connect(settings, name="people")
    made = People(url, Accounts(settings, NatsCommandBus(client, settings.realm)))
    try:
        yield made
    finally:
        await made.close()
        await made.accounts.close()
        await client.close()
