"""How far behind the log are the read models under load?"""

from __future__ import annotations

import asyncio
from time import time

import uvloop
from nats.aio.msg import Msg
from pydantic_core import from_json

from adapters.nats.connection import connect
from adapters.nats.log import JetStreamLog
from bench.commands import NPCS, RATE, notes, prepare
from bench.load import Plan, finish, start
from bench.measure import Figure, Result, latencies
from bench.options import DEFAULT, Options
from bench.platform import Platform, running

GRACE_SECONDS = 10.0


def run(options: Options = DEFAULT) -> Result:
    """From the moment `nats-server` stored a commit to the moment all read models hold it, at 500 commands/s."""
    with running() as platform:
        prepare(platform.endpoints.zmq, NPCS)
        lags, reports, told = uvloop.run(_measure(platform, options.seconds))
    per_report = len(lags) / reports if reports else float("nan")
    return Result(
        "lag",
        (
            *latencies(f"projection lag at {RATE:.0f}/s", lags, p50=None, p99=100.0),
            Figure("commits per transaction of the projector", per_report, ""),
        ),
        told,
    )


async def _measure(platform: Platform, seconds: float) -> tuple[list[float], int, tuple[str, ...]]:
    client = await connect(platform.settings, name="bench")
    log = JetStreamLog(client, platform.endpoints.realm)
    seen: list[tuple[int, float]] = []

    async def note(message: Msg) -> None:
        seen.append((min(from_json(message.data).values()), time()))

    await client.subscribe(f"prj.{platform.endpoints.realm}", cb=note)
    first = (await log.head()).position
    load = start(Plan(platform.endpoints.zmq, "commands", "c", NPCS, rate=RATE, seconds=seconds))
    outcome = await asyncio.to_thread(finish, load)
    last = (await log.head()).position
    give_up = time() + GRACE_SECONDS
    while (not seen or seen[-1][0] < last) and time() < give_up:  # noqa: ASYNC110 (another process's progress)
        await asyncio.sleep(0.05)
    stored = {
        message.position: message.stored_at / 1e6
        async for page in log.read_all(after=first)
        for message in page
    }
    await log.close()
    await client.close()
    return _lags(stored, seen), len(seen), notes(outcome)


def _lags(stored: dict[int, float], seen: list[tuple[int, float]]) -> list[float]:
    """In ms, per commit. A commit that never appeared counts as infinitely late."""
    found = []
    reports = iter(seen)
    position, at = next(reports, (0, float("inf")))
    for wanted in sorted(stored):
        while position < wanted:
            position, at = next(reports, (2**63, float("inf")))
        found.append((at - stored[wanted]) * 1000)
    return found
