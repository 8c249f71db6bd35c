"""The load client: one process that sends as fast as it is told to and times every answer.

`python -m bench.load` reads a `Plan` as JSON from standard input and prints an `Outcome`. It is a process of its
own with blocking sockets and no event loop, so that what it costs is small and not on the measured side.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import perf_counter, sleep, time

from pydantic import TypeAdapter

from bench.places import ROOT, environment
from bench.transports import Transport, connect
from bench.workload import CORRELATION_START, Kind, Request, requests

GRACE_SECONDS = 15.0
"""How long answers may take to arrive after the last request."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send to `endpoint`.

    `rate` > 0: an open loop of so many requests per second, timed from when each was due, so that a service that
    stalls is charged for the queue behind it. `rate` 0: a closed loop with `in_flight` requests outstanding.
    Lasts `seconds`, or until `most` requests were sent. `pairs`: send a command, await it, then time the read of
    the same NPC through `at least the position` of the command.
    """

    endpoint: str
    kind: Kind
    prefix: str
    npcs: int
    seconds: float = 5.0
    most: int = 1_000_000_000
    in_flight: int = 64
    rate: float = 0.0
    seed: int = 1
    warm_up: float = 0.0
    pairs: bool = False
    positions: bool = False


@dataclass(slots=True)
class Outcome:
    """What came back. `latencies` in ms; `positions` pairs a log position with the Unix time of its answer."""

    seconds: float = 0.0
    answered: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    latencies: list[float] = field(default_factory=list)
    positions: list[tuple[int, float]] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return self.answered / self.seconds if self.seconds else 0.0


_plans: TypeAdapter[Plan] = TypeAdapter(Plan)
_outcomes: TypeAdapter[Outcome] = TypeAdapter(Outcome)


def start(plan: Plan) -> subprocess.Popen[bytes]:
    """Start a load client; `finish` awaits it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.load"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(),
        cwd=ROOT,
    )
    assert process.stdin is not None
    process.stdin.write(_plans.dump_json(plan))
    process.stdin.close()
    process.stdin = None
    return process


def finish(process: subprocess.Popen[bytes]) -> Outcome:
    """Raises `RuntimeError` when the client failed; what it said is on standard error."""
    out, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"the load client ended with status {process.returncode}")
    return _outcomes.validate_json(out)


def drive(plan: Plan) -> Outcome:
    """Carry out a plan in another process. Raises `RuntimeError` as `finish`."""
    return finish(start(plan))


def main() -> None:
    plan = _plans.validate_json(sys.stdin.buffer.read())
    transport = connect(plan.endpoint, plan.in_flight)
    try:
        outcome = _pairs(plan, transport) if plan.pairs else _stream(plan, transport)
    finally:
        transport.close()
    sys.stdout.buffer.write(_outcomes.dump_json(outcome))


class _Clock:
    """Which request was due when, and what its answer says."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._skip = len(CORRELATION_START) + len(plan.prefix.encode())
        self._due: dict[int, float] = {}
        self.outcome = Outcome()

    @property
    def outstanding(self) -> int:
        return len(self._due)

    def sent(self, number: int, due: float) -> None:
        self._due[number] = due

    def answered(self, body: bytes, *, counts_from: float) -> None:
        if not body.startswith(CORRELATION_START):
            return
        number = int(body[self._skip : body.index(b'"', self._skip)])
        due = self._due.pop(number, None)
        if due is None or due < counts_from:
            return
        outcome = self.outcome
        if b'"success":false' in body:
            outcome.refused[_between(body, b'"error_code":', b",")] += 1
            return
        outcome.answered += 1
        outcome.latencies.append((perf_counter() - due) * 1000)
        if self._plan.positions:
            outcome.positions.append((_position(body), time()))


def _stream(plan: Plan, transport: Transport) -> Outcome:
    clock = _Clock(plan)
    source = enumerate(requests(plan.kind, npcs=plan.npcs, prefix=plan.prefix, seed=plan.seed))
    began = perf_counter()
    counts_from, end = began + plan.warm_up, began + plan.warm_up + plan.seconds
    if plan.rate:
        _open_loop(plan, transport, clock, source, began, counts_from, end)
    else:
        _closed_loop(plan, transport, clock, source, counts_from, end)
    finished = perf_counter()
    give_up = finished + GRACE_SECONDS
    while clock.outstanding and perf_counter() < give_up:
        for body in transport.receive(0.1):
            clock.answered(body, counts_from=counts_from)
            finished = perf_counter()
    clock.outcome.seconds = finished - counts_from
    clock.outcome.lost = clock.outstanding
    return clock.outcome


def _closed_loop(
    plan: Plan,
    transport: Transport,
    clock: _Clock,
    source: Iterator[tuple[int, Request]],
    counts_from: float,
    end: float,
) -> None:
    most = plan.most
    while (now := perf_counter()) < end:
        while clock.outstanding < plan.in_flight:
            number, request = next(source, (-1, None))
            if request is None or number >= most:
                return
            transport.send(request)
            clock.sent(number, now)
        for body in transport.receive(min(0.1, end - now)):
            clock.answered(body, counts_from=counts_from)


def _open_loop(
    plan: Plan,
    transport: Transport,
    clock: _Clock,
    source: Iterator[tuple[int, Request]],
    began: float,
    counts_from: float,
    end: float,
) -> None:
    interval = 1 / plan.rate
    due = began
    for number, request in source:
        while (now := perf_counter()) < due:
            for body in transport.receive(due - now):
                clock.answered(body, counts_from=counts_from)
        if now >= end or number >= plan.most:
            return
        transport.send(request)
        clock.sent(number, due)
        due += interval


def _pairs(plan: Plan, transport: Transport) -> Outcome:
    commands = requests("commands", npcs=plan.npcs, prefix=plan.prefix, seed=plan.seed)
    outcome = Outcome()
    began = perf_counter()
    pause = 1 / plan.rate if plan.rate else 0.0
    while perf_counter() < began + plan.warm_up + plan.seconds:
        command = next(commands)
        answer = _ask(transport, command)
        position = _position(answer)
        name = _between(command.body, b'"npc_id":"', b'"')
        read = b'%sr%d","operation":"get_state","npc_id":"%s","data":{},"at_least":%d}' % (
            CORRELATION_START,
            position,
            name.encode(),
            position,
        )
        asked = perf_counter()
        body = _ask(transport, Request("get_state", read))
        if asked < began + plan.warm_up:
            continue
        if b'"success":false' in body or not position:
            outcome.refused[_between(body, b'"error_code":', b",")] += 1
        else:
            outcome.answered += 1
            outcome.latencies.append((perf_counter() - asked) * 1000)
        sleep(max(0.0, asked + pause - perf_counter()))
    outcome.seconds = perf_counter() - began - plan.warm_up
    return outcome


def _ask(transport: Transport, request: Request) -> bytes:
    transport.send(request)
    give_up = perf_counter() + GRACE_SECONDS
    while perf_counter() < give_up:
        for body in transport.receive(1.0):
            return body
    raise TimeoutError(f"no answer to {request.operation} within {GRACE_SECONDS} s")


def _position(body: bytes) -> int:
    text = _between(body, b'"position":', b",")
    return int(text.rstrip("}")) if text else 0


def _between(body: bytes, before: bytes, after: bytes) -> str:
    _, found, rest = body.partition(before)
    return rest.partition(after)[0].decode() if found else ""


if __name__ == "__main__":
    main()
