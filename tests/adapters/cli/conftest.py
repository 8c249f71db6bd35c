"""`lorestream` against a realm of the session's server, and a small history in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from adapters.nats import credentials
from adapters.nats.log import JetStreamLog
from adapters.settings import Settings
from events.commit import Commit
from events.npc import NpcInteracted, NpcRegistered, Profile
from tests.adapters.cli import program
from tests.adapters.cli.program import Finished
from tests.commits import NOON, commit, perceived

Lorestream = Callable[..., Awaitable[Finished]]


def flags_of(settings: Settings) -> list[str]:
    """The flags that lead to this realm."""
    url = credentials.read(settings.state).url
    return ["--state", str(settings.state), "--nats", url, "--realm", settings.realm]


def secrets_of(settings: Settings) -> dict[str, str]:
    made = credentials.read(settings.state).application
    return {"LORESTREAM_NATS_USER": made.user, "LORESTREAM_NATS_PASSWORD": made.password}


@pytest.fixture
def lorestream(settings: Settings, tmp_path: Path) -> Lorestream:
    """Run a command against the realm of `settings`."""

    async def run(*arguments: str | Path, given: str = "") -> Finished:
        return await program.run(
            *arguments, *flags_of(settings), cwd=tmp_path, env=secrets_of(settings), given=given
        )

    return run


@pytest.fixture
async def history(log: JetStreamLog) -> list[Commit]:
    """Four commits: a merchant is registered, hears a bell, and trades because of it; a guard is registered."""
    merchant, guard = "npc/Händler John №1", "npc/Guard"
    registered = commit(merchant, NpcRegistered(Profile("merchant")), realm=log.realm, name="npc.register")
    heard = commit(
        merchant,
        perceived(),
        realm=log.realm,
        version=2,
        correlation_id="bell",
        time=NOON + timedelta(seconds=1),
    )
    traded = commit(
        merchant,
        NpcInteracted("150001", "trade", {"item": "\x1b[31mred"}, True, {}),
        realm=log.realm,
        version=3,
        correlation_id="bell",
        causation_id=heard.id,
        time=NOON + timedelta(seconds=2),
    )
    watching = commit(guard, NpcRegistered(Profile("guard")), realm=log.realm, name="npc.register")
    expected: dict[str, int] = {}
    for each in (registered, heard, traded, watching):
        done = await log.append(replace(each, realm=log.realm), expected=expected.get(each.stream, 0))
        expected[each.stream] = done.position
    return [registered, heard, traded, watching]
