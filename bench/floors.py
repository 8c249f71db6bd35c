"""The floors under our figures: what the socket library and the log alone can do on this machine."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import uvloop
from nats.aio.client import Client

from adapters.nats import bootstrap
from adapters.nats.connection import connect
from adapters.nats.server import EmbeddedServer
from adapters.settings import Settings
from bench.commands import IN_FLIGHT, RATE
from bench.load import Plan, drive
from bench.measure import Figure, Result, latencies
from bench.options import DEFAULT, Options
from bench.places import ROOT, environment

BODY = b"x" * 700
"""About as long as an encoded commit."""


def run(options: Options = DEFAULT) -> Result:
    """A bare ROUTER that echoes, on asyncio and without; and bare durable publishes with acknowledgement."""
    seconds = options.seconds / 2
    figures = []
    for style in ("blocking", "asyncio"):
        with _echo(style) as endpoint:
            alone = drive(Plan(endpoint, "state", "l", 1000, in_flight=1, seconds=seconds, warm_up=0.5))
            steady = drive(Plan(endpoint, "state", "s", 1000, rate=RATE, seconds=seconds, warm_up=0.5))
            most = drive(
                Plan(endpoint, "state", "t", 1000, in_flight=IN_FLIGHT, seconds=seconds, warm_up=0.5)
            )
        name = f"ROUTER echo, {style}"
        figures += [
            *latencies(f"{name}, 1 in flight", alone.latencies, p50=None, p99=None),
            *latencies(f"{name}, at {RATE:.0f}/s", steady.latencies, p50=None, p99=None),
            Figure(f"{name}, {IN_FLIGHT} in flight", most.per_second, "/s"),
        ]
    return Result("floors", (*figures, *uvloop.run(_publishes(seconds))))


@contextmanager
def _echo(style: str) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.echo", style],
        stdout=subprocess.PIPE,
        env=environment(),
        cwd=ROOT,
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


async def _publishes(seconds: float) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="lorestream-") as folder:
        settings = Settings(state=Path(folder))
        server = EmbeddedServer(settings)
        await server.start()
        client = await connect(settings, name="bench", role="administrator")
        try:
            await bootstrap.ensure_streams(client, replicas=1)
            alone = await _publish(client, 1, seconds)
            most = await _publish(client, IN_FLIGHT, seconds)
        finally:
            await client.close()
            await server.stop()
    return [
        *latencies("JetStream publish, 1 in flight", alone, p50=None, p99=None),
        Figure("JetStream publish, 1 in flight", len(alone) / seconds, "/s"),
        *latencies(f"JetStream publish, {IN_FLIGHT} in flight", most, p50=None, p99=None),
        Figure(f"JetStream publish, {IN_FLIGHT} in flight", len(most) / seconds, "/s"),
    ]


async def _publish(client: Client, in_flight: int, seconds: float) -> list[float]:
    """Latencies in ms of publishes to as many subjects as there are writers."""
    taken: list[float] = []
    end = perf_counter() + seconds

    async def writer(number: int) -> None:
        count = 0
        while (began := perf_counter()) < end:
            count += 1
            headers = {"Nats-Msg-Id": f"bench/{in_flight}/{number}/{count}"}
            answer = await client.request(f"log.bench.npc.{number}", BODY, timeout=5, headers=headers)
            if b'"error"' in answer.data:
                raise RuntimeError(answer.data.decode())
            taken.append((perf_counter() - began) * 1000)

    await asyncio.gather(*(writer(number) for number in range(in_flight)))
    return taken
