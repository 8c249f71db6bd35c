from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from nats.aio.client import Client

from adapters.nats.timers import Timers
from adapters.settings import Settings
from commands.ports import Deadline


def deadline(stream: str, milliseconds: int) -> Deadline:
    return Deadline(stream, datetime.now(UTC) + timedelta(milliseconds=milliseconds), "correlation", "cause")


async def test_a_deadline_fires_once_it_is_due_and_carries_its_cause(
    client: Client, settings: Settings
) -> None:
    timers, stop = Timers(client, settings.realm), asyncio.Event()
    fired: list[Deadline] = []

    async def call(due: Deadline) -> bool:
        fired.append(due)
        stop.set()
        return True

    given = deadline("request/req 1.*", 300)
    await timers.set(given)
    await asyncio.wait_for(timers.deliver("request", call, stop=stop), 15)
    assert fired == [given]
    assert datetime.now(UTC) >= given.due


async def test_a_deadline_that_could_not_be_handled_fires_again(client: Client, settings: Settings) -> None:
    timers, stop = Timers(client, settings.realm), asyncio.Event()
    calls = 0

    async def call(_: Deadline) -> bool:
        nonlocal calls
        calls += 1
        if calls == 3:
            stop.set()
        return calls == 3

    await timers.set(deadline("request/r", 10))
    await asyncio.wait_for(timers.deliver("request", call, stop=stop), 15)
    assert calls == 3


async def test_setting_a_deadline_again_moves_it(client: Client, settings: Settings) -> None:
    timers, stop = Timers(client, settings.realm), asyncio.Event()
    fired: list[Deadline] = []

    async def call(due: Deadline) -> bool:
        fired.append(due)
        stop.set()
        return True

    await timers.set(deadline("request/r", 200))
    moved = deadline("request/r", 1200)
    await timers.set(moved)
    await asyncio.wait_for(timers.deliver("request", call, stop=stop), 15)
    assert fired == [moved]
