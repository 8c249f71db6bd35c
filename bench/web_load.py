"""The load client for HTTP: reads at a steady rate over kept-alive connections, in a process of its own.

`python -m bench.web_load` reads a `WebPlan` as JSON from standard input and prints a `WebOutcome`. Each request is
timed from when it was due, so that a service that stalls is charged for the queue behind it.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from time import perf_counter

import uvloop
from pydantic import TypeAdapter

from bench.places import ROOT, environment

CONNECTIONS = 16
GRACE_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class WebPlan:
    """`paths` are asked in turn, each with the name its latencies are kept under; `rate` per second, 0: one by one."""

    host: str
    port: int
    token: str
    paths: tuple[tuple[str, str], ...]
    rate: float = 0.0


@dataclass(slots=True)
class WebOutcome:
    """Latencies in ms by name, and how many answers had another status than 200."""

    latencies: dict[str, list[float]] = field(default_factory=dict)
    refused: Counter[int] = field(default_factory=Counter)


_plans: TypeAdapter[WebPlan] = TypeAdapter(WebPlan)
_outcomes: TypeAdapter[WebOutcome] = TypeAdapter(WebOutcome)


def drive(plan: WebPlan) -> WebOutcome:
    """Carry out a plan in another process. Raises `RuntimeError` when the client failed."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.web_load"],
        input=_plans.dump_json(plan),
        stdout=subprocess.PIPE,
        env=environment(),
        cwd=ROOT,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the load client ended with status {done.returncode}")
    return _outcomes.validate_json(done.stdout)


async def _drive(plan: WebPlan) -> WebOutcome:
    outcome = WebOutcome()
    connections: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(CONNECTIONS if plan.rate else 1):
        connections.put_nowait(await asyncio.open_connection(plan.host, plan.port))
    start, asked = perf_counter() + 0.1, []
    for number, (name, path) in enumerate(plan.paths):
        if plan.rate:
            due = start + number / plan.rate
            await asyncio.sleep(max(0.0, due - perf_counter()))
            asked.append(asyncio.create_task(_ask(plan, name, path, due, connections, outcome)))
        else:
            await _ask(plan, name, path, perf_counter(), connections, outcome)
    async with asyncio.timeout(GRACE_SECONDS):
        await asyncio.gather(*asked)
    while not connections.empty():
        connections.get_nowait()[1].close()
    return outcome


async def _ask(
    plan: WebPlan,
    name: str,
    path: str,
    due: float,
    connections: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]],
    outcome: WebOutcome,
) -> None:
    reader, writer = await connections.get()
    try:
        head = f"GET {path} HTTP/1.1\r\nHost: {plan.host}:{plan.port}\r\nAuthorization: Bearer {plan.token}\r\n\r\n"
        writer.write(head.encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.split(b":")[1]))
    finally:
        connections.put_nowait((reader, writer))
    status = int(answer.split(b" ", 2)[1])
    if status != 200:
        outcome.refused[status] += 1
    else:
        outcome.latencies.setdefault(name, []).append((perf_counter() - due) * 1000)


def main() -> None:
    plan = _plans.validate_json(sys.stdin.buffer.read())
    sys.stdout.buffer.write(_outcomes.dump_json(uvloop.run(_drive(plan))))


if __name__ == "__main__":
    main()
