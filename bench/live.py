"""What do open pages cost the gateway that hear everything as it happens?"""

from __future__ import annotations

import asyncio
import json
from time import perf_counter

import uvloop
from websockets.asyncio.client import connect as connect_socket

from adapters.accounts.accounts import Accounts
from adapters.nats.bus import NatsCommandBus
from adapters.nats.connection import connect
from bench.commands import NPCS, notes, prepare
from bench.load import Outcome, Plan, finish, start
from bench.measure import Figure, Result
from bench.options import DEFAULT, Options
from bench.platform import Platform, running
from events.commit import Actor

PAGES = 20
RATE = 200.0
SHARE = 25.0
PASSWORD = "four quiet measuring lanterns"
SETTLE_SECONDS = 1.0


def run(options: Options = DEFAULT) -> Result:
    """200 commands a second by ZeroMQ, first with no page open, then with 20 that listen to the whole feed.

    Processor time of the gateway, which takes the commands in, too; so the pages' part is told apart.
    """
    seconds = options.seconds
    with running(http=True) as platform:
        prepare(platform.endpoints.zmq, NPCS)
        alone, _, _ = uvloop.run(_load(platform, seconds, ()))
        tokens = uvloop.run(_token(platform))
        together, heard, outcome = uvloop.run(_load(platform, seconds, (tokens,) * PAGES))
    return Result(
        "live",
        (
            Figure(f"gateway at {RATE:.0f} commands/s, no page", alone, "%"),
            Figure(f"gateway at {RATE:.0f} events/s, {PAGES} pages", together, "%", at_most=SHARE),
            Figure(f"of that the {PAGES} pages", together - alone, "%"),
            Figure("events each page heard", heard / PAGES / seconds, "/s", at_least=0.95 * RATE),
        ),
        notes(outcome),
    )


async def _load(platform: Platform, seconds: float, tokens: tuple[str, ...]) -> tuple[float, int, Outcome]:
    """The share of a core the gateway took (%), how many events the pages heard, and how the commands went."""
    address = platform.endpoints.http.replace("http://", "ws://") + "/api/ws"
    heard = [0]
    listening = asyncio.Event()
    pages = [asyncio.create_task(_page(address, token, heard, listening)) for token in tokens]
    await asyncio.sleep(SETTLE_SECONDS)
    listening.set()
    began, before = perf_counter(), platform.processor_seconds()["gateway"]
    # Other ids each time: a command that was decided before is only answered again.
    prefix = f"live{len(tokens)}-"
    load = start(Plan(platform.endpoints.zmq, "commands", prefix, NPCS, rate=RATE, seconds=seconds))
    outcome = await asyncio.to_thread(finish, load)
    used = platform.processor_seconds()["gateway"] - before
    passed = perf_counter() - began
    for page in pages:
        page.cancel()
    failed = [
        found
        for found in await asyncio.gather(*pages, return_exceptions=True)
        if isinstance(found, Exception)
    ]
    if failed:
        raise RuntimeError(f"a page ended: {failed[0]!r}")
    return 100 * used / passed, heard[0], outcome


async def _page(address: str, token: str, heard: list[int], listening: asyncio.Event) -> None:
    async with connect_socket(address, max_size=None, compression=None) as socket:
        await socket.send(json.dumps({"type": "hello", "token": token}))
        await socket.send(json.dumps({"type": "subscribe", "topic": "feed"}))
        while True:
            message = await socket.recv()
            if listening.is_set() and '"type":"events"' in str(message)[:40]:
                heard[0] += str(message).count('"commit_id"')


async def _token(platform: Platform) -> str:
    settings = platform.settings
    client = await connect(settings, name="bench live")
    accounts = Accounts(settings, NatsCommandBus(client, settings.realm))
    try:
        await accounts.people.create("bench", "operator", PASSWORD, by=Actor("operator", "bench"))
        return (await accounts.sign_in("bench", PASSWORD, "127.0.0.1")).access_token
    finally:
        await accounts.close()
        await client.close()
