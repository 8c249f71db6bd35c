from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.adapters.http.people import People, Person, people
from tests.adapters.rathena.conftest import Platform, platform

__all__ = ["platform"]


@pytest.fixture
async def them(platform: Platform) -> AsyncIterator[People]:
    async with people(platform.settings, platform.http) as made:
        yield made


class Page:
    """The page of a browser, as far as its socket goes."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard: list[dict[str, Any]] = []

    async def say(self, **message: Any) -> None:
        await self.socket.send(json.dumps(message))

    async def hear(self, *kinds: str, seconds: float = 10.0) -> dict[str, Any]:
        """The next message of one of these kinds; what came before is in `heard`."""
        async with asyncio.timeout(seconds):
            while True:
                message: dict[str, Any] = json.loads(await self.socket.recv())
                self.heard.append(message)
                if message["type"] in kinds or not kinds:
                    return message

    async def events(self, count: int, seconds: float = 10.0) -> list[dict[str, Any]]:
        """The next items of `events` messages, at least so many."""
        found: list[dict[str, Any]] = []
        while len(found) < count:
            found += (await self.hear("events", seconds=seconds))["items"]
        return found

    async def end(self, seconds: float = 10.0) -> tuple[int, str]:
        """Read until it is closed; the code and the reason."""
        async with asyncio.timeout(seconds):
            while True:
                try:
                    self.heard.append(json.loads(await self.socket.recv()))
                except ConnectionClosed as closed:
                    received = closed.rcvd
                    return (received.code, received.reason) if received else (1006, "")


def token_of(person: Person) -> str:
    return str(person.web.headers["Authorization"]).removeprefix("Bearer ")


def address_of(platform: Platform) -> str:
    return platform.http.replace("http://", "ws://") + "/api/ws"


@asynccontextmanager
async def opened(platform: Platform, person: Person | None = None, **options: Any) -> AsyncIterator[Page]:
    """A page, which says hello when it is somebody's."""
    async with connect(address_of(platform), **options) as socket:
        page = Page(socket)
        if person is not None:
            await page.say(type="hello", token=token_of(person))
            await page.hear("welcome")
        yield page
