"""Reading on from a kept place: every message in order, and from where it was left."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from adapters.nats.client import PromptClient
from adapters.nats.log import JetStreamLog
from adapters.nats.reading import read_on
from events.log import RawMessage
from events.subjects import log_filter
from tests.commits import commit


class Reader:
    """Remembers what it read and what was saved; stops, or fails, once it has read `enough` messages."""

    def __init__(self, place: int, enough: int, *, fails: bool = False) -> None:
        self.place, self.enough, self.fails = place, enough, fails
        self.stop = asyncio.Event()
        self.read: list[int] = []
        self.saved: list[int] = []

    async def work(self, messages: Sequence[RawMessage]) -> bool:
        self.read += [message.position for message in messages]
        if len(self.read) >= self.enough:
            if self.fails:
                raise KeyError("a reader that fails")
            self.stop.set()
        self.place = self.read[-1]
        return True

    async def save(self, place: int) -> None:
        self.saved.append(place)

    async def run(self, client: PromptClient, realm: str) -> None:
        async with asyncio.timeout(30):
            await read_on(
                client,
                self.stop,
                filter_subject=log_filter(realm),
                name="test",
                place=lambda: self.place,
                work=self.work,
                save=self.save,
            )


async def written(log: JetStreamLog, first: int, count: int) -> list[int]:
    return [
        (await log.append(commit(f"npc/n{number}", realm=log.realm), expected=0)).position
        for number in range(first, first + count)
    ]


async def test_it_is_read_in_order_and_gone_on_with_where_it_was_left(
    client: PromptClient, log: JetStreamLog
) -> None:
    some = await written(log, 0, 3)
    first = Reader(0, 3)
    await first.run(client, log.realm)
    assert (first.read, first.saved[-1]) == (some, some[-1])
    more = await written(log, 3, 2)
    second = Reader(first.saved[-1], 2)
    await second.run(client, log.realm)
    assert (second.read, second.saved[-1]) == (more, more[-1])


async def test_what_was_not_finished_is_read_again(client: PromptClient, log: JetStreamLog) -> None:
    some = await written(log, 0, 2)
    failing = Reader(0, 2, fails=True)
    with pytest.raises(KeyError):
        await failing.run(client, log.realm)
    assert some[-1] not in failing.saved
    again = Reader(max(failing.saved, default=0), 2 if not failing.saved else 1)
    await again.run(client, log.realm)
    assert again.read[-1] == some[-1]


async def test_nothing_is_read_after_the_order_to_stop(client: PromptClient, log: JetStreamLog) -> None:
    await written(log, 0, 1)
    idle = Reader(0, 1)
    idle.stop.set()
    await idle.run(client, log.realm)
    assert (idle.read, idle.saved) == ([], [])
