"""The first account of a new platform: somebody must be able to sign in before anybody can be invited."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.accounts import directory, passwords
from adapters.accounts.people import administration
from adapters.accounts.vault import Vault
from adapters.nats.bus import NatsCommandBus
from adapters.nats.connection import connect
from adapters.settings import Settings
from events.commit import Actor

NAME = "admin"


@dataclass(frozen=True, slots=True)
class FirstSignIn:
    """The name and the password that were made up; told once and stored nowhere."""

    name: str
    password: str


async def first_sign_in(settings: Settings) -> FirstSignIn | None:
    """Make the account `admin` where there is no account at all, else None.

    Raises `NotRecorded`, `LogUnavailable`, `ProjectionUnavailable`.
    """
    vault = Vault(settings)
    try:
        if await vault.run(directory.count):
            return None
    finally:
        vault.close()
    client = await connect(settings, name="first account")
    try:
        async with administration(settings, NatsCommandBus(client, settings.realm)) as people:
            made = FirstSignIn(NAME, passwords.made_up())
            await people.create(made.name, "admin", made.password, by=Actor("system", "up"))
            return made
    finally:
        await client.close()
