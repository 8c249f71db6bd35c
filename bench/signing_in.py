"""Somebody of a measured platform: an account, and the token it asks with."""

from __future__ import annotations

import asyncio

import httpx2

from adapters.accounts.people import administration
from adapters.nats.bus import NatsCommandBus
from adapters.nats.connection import connect
from bench.platform import Platform
from events.commit import Actor

NAME = "bench"
PASSWORD = "nine dry lanterns"
BY = Actor("operator", "bench")


def account(platform: Platform, role: str, account_id: str = "") -> tuple[str, str]:
    """Make an account, of this id if it is given; its name and password."""
    asyncio.run(_create(platform, role, account_id))
    return NAME, PASSWORD


def game_master(platform: Platform, account_id: str = "") -> str:
    """Make an account, of this id if it is given, and sign in; the access token, good for some minutes."""
    account(platform, "gamemaster", account_id)
    answer = httpx2.post(
        f"{platform.endpoints.http}/api/auth/login", json={"name": NAME, "password": PASSWORD}
    )
    answer.raise_for_status()
    return str(answer.json()["access_token"])


async def _create(platform: Platform, role: str, account_id: str) -> None:
    client = await connect(platform.settings, name="bench")
    try:
        async with administration(
            platform.settings, NatsCommandBus(client, platform.settings.realm)
        ) as people:
            await people.create(NAME, role, PASSWORD, by=BY, account_id=account_id)
    finally:
        await client.close()
