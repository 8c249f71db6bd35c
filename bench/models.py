"""What does an answer of a model cost on the whole way, and what do 200 at once? A whole platform, a fake model.

The model is a server in a process of its own, asked through the real SDK. NPCs are asked over ZeroMQ, from a request
to its callback; other questions over `/v1/chat/completions`. Every answer is a durable commit before anybody hears it.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop

from adapters.nats.connection import connect
from adapters.nats.log import JetStreamLog
from adapters.settings import Settings
from bench.fake_models import behave, configure, serving
from bench.measure import Figure, Result, latencies, percentile
from bench.options import DEFAULT, Options
from bench.platform import Platform, running, wait_for_position
from bench.transports import Dealer, Http
from bench.workload import Request, npc_name
from events import codec
from events.decision import DecisionMade

AT_ONCE = 200
ROUNDS = 3
MODEL_MS = 1000
NPCS = 200
WARM_UP = 10
QUESTIONS_PER_SECOND = 10
CACHED_PER_SECOND = 40
QUERIES_PER_SECOND = 100.0
GIVE_UP_SECONDS = 60.0
REST_SECONDS = 1.0
"""Between two rounds: verdicts and read models follow the answers."""


@dataclass(slots=True)
class Crowd:
    """`seconds` until the last callback, and the latencies (ms) of state queries meanwhile."""

    seconds: float = 0.0
    answered: int = 0
    by_model: int = 0
    queries: list[float] = field(default_factory=list)


def run(options: Options = DEFAULT) -> Result:
    """One answer after the other; 200 NPCs at once while state is queried; then the same over `/v1`."""
    with serving() as url, tempfile.TemporaryDirectory(prefix="lorestream-") as scratch:
        patient = {"response_timeout": 30_000, "dollars_per_day": 1000.0}
        variables = configure(
            Path(scratch) / "llm",
            url,
            ["fake-1"],
            agents={"budget": {"dollars_per_day": 1000.0}, "npc_intelligence": patient, "chat": patient},
            max_concurrent=512,
        )
        with running(variables=variables, http=True) as platform:
            return _measure(platform, url, options)


def _measure(platform: Platform, url: str, options: Options) -> Result:
    talk = _Talk(platform.endpoints.zmq)
    made: dict[str, float] = {}
    try:
        talk.register()
        wait_for_position(platform, NPCS)
        for number in range(WARM_UP):
            talk.one(f"warm {number}", number)
        for number in range(round(QUESTIONS_PER_SECOND * options.seconds)):
            request, ms = talk.one(f"plain {number}", number)
            made[request] = ms
        behave(url, f"fake-slow-{MODEL_MS}")
        crowds, spent = [], []
        for number in range(ROUNDS):
            before = platform.processor_seconds()
            crowds.append(talk.crowd(f"round {number}"))
            time.sleep(REST_SECONDS)
            after = platform.processor_seconds()
            spent.append({role: after[role] - used for role, used in before.items() if role in after})
    finally:
        talk.close()
    chats = [_chats(platform.endpoints.http, f"crowd {number}") for number in range(ROUNDS)]
    behave(url, None)
    count = round(CACHED_PER_SECOND * options.seconds)
    cached = _cached(platform.endpoints.http, count)
    gateway, whole = uvloop.run(_overhead(platform.settings, made))
    queries = [ms for crowd in crowds for ms in crowd.queries]
    return Result(
        "models",
        (
            *latencies("gateway alone, without the model", gateway, p50=3.0, p99=None),
            *latencies("dialogue until its callback, without the model", whole, p50=None, p99=None),
            Figure(
                f"{AT_ONCE} dialogues at once, {MODEL_MS} ms model, until the last callback",
                _median(crowd.seconds for crowd in crowds),
                "s",
                at_most=1.6,
            ),
            *latencies(f"state query at {QUERIES_PER_SECOND:.0f}/s meanwhile", queries, p50=None, p99=10.0),
            Figure(
                f"{AT_ONCE} questions over /v1 at once", _median(each for each, _ in chats), "s", at_most=1.6
            ),
            *latencies("cached answer over /v1", [ms for ms, _ in cached], p50=5.0, p99=None),
            *(
                Figure(
                    f"processor time per dialogue of those, {role}",
                    _median(each.get(role, 0.0) for each in spent) / AT_ONCE * 1e6,
                    "us",
                )
                for role in spent[0]
            ),
        ),
        _notes(crowds, chats, cached),
    )


def _notes(
    crowds: Sequence[Crowd], chats: Sequence[tuple[float, int]], cached: Sequence[tuple[float, bool]]
) -> tuple[str, ...]:
    templates = sum(AT_ONCE - crowd.by_model for crowd in crowds)
    unanswered = sum(AT_ONCE - answered for _, answered in chats)
    uncached = sum(not hit for _, hit in cached)
    told = (
        (templates, "dialogues were not answered by the model"),
        (unanswered, "questions over /v1 were not answered"),
        (uncached, "answers over /v1 did not come from the cache"),
    )
    return tuple(f"{count} {what}" for count, what in told if count)


class _Talk:
    """A game server: requests on one socket, state queries on another, so that neither waits behind the other."""

    def __init__(self, endpoint: str) -> None:
        self._requests, self._queries = Dealer(endpoint), Dealer(endpoint)
        self._number = 0

    def close(self) -> None:
        self._requests.close()
        self._queries.close()

    def register(self) -> None:
        """The NPCs, each on a map of its own: what one of them is told the others do not overhear."""
        for number in range(NPCS):
            self._requests.send(_registration(number))
        waiting = NPCS
        for message in self._arriving(time.perf_counter()):
            if not message["success"]:
                raise RuntimeError(f"an NPC could not be registered: {message['error_message']}")
            waiting -= 1
            if not waiting:
                return

    def one(self, said: str, number: int) -> tuple[str, float]:
        """One dialogue: its request's id, and milliseconds from sending it to its callback."""
        began = time.perf_counter()
        self._requests.send(_dialogue(said, number))
        for message in self._arriving(began):
            if message.get("message_type") == "CALLBACK":
                return message["request_id"], (time.perf_counter() - began) * 1000
        raise RuntimeError(f"no callback within {GIVE_UP_SECONDS} s")

    def crowd(self, said: str) -> Crowd:
        """All at the same moment."""
        found, due = Crowd(), {}
        began = time.perf_counter()
        for number in range(AT_ONCE):
            self._requests.send(_dialogue(f"{said}, number {number}", number))
        query = 0
        while found.answered < AT_ONCE and (now := time.perf_counter()) < began + GIVE_UP_SECONDS:
            while began + query / QUERIES_PER_SECOND <= now:
                due[f"q{query}"] = began + query / QUERIES_PER_SECOND
                self._queries.send(_state(query))
                query += 1
            for body in self._requests.receive(0.0005):
                message = json.loads(body)
                if message.get("message_type") == "CALLBACK":
                    found.answered += 1
                    found.by_model += message["data"].get("method") == "llm"
                    found.seconds = time.perf_counter() - began
            self._answered(due, found)
        while due and time.perf_counter() < began + GIVE_UP_SECONDS:
            self._answered(due, found)
        return found

    def _answered(self, due: dict[str, float], found: Crowd) -> None:
        for body in self._queries.receive(0.0005):
            sent = due.pop(json.loads(body)["correlation_id"])
            found.queries.append((time.perf_counter() - sent) * 1000)

    def _arriving(self, began: float) -> Iterable[Any]:
        while time.perf_counter() < began + GIVE_UP_SECONDS:
            for body in self._requests.receive(1.0):
                yield json.loads(body)


def _registration(number: int) -> Request:
    document = {
        "correlation_id": f"r{number}",
        "operation": "register",
        "npc_id": npc_name(number).decode(),
        "data": {
            "personality": {"archetype": "merchant", "openness": 0.6, "traits": ["greedy", "brave"]},
            "initial_goals": [{"goal": "sell wares", "priority": 5}],
            "map": f"map_{number}",
            "x": 150,
            "y": 180,
        },
        "source": {"server": "bench"},
    }
    return Request("register", json.dumps(document).encode())


def _dialogue(said: str, number: int) -> Request:
    asked = {"player_message": f"What do you know about it, {said}?", "force_llm": True}
    document = {
        "correlation_id": f"{said}/{number}",
        "operation": "request_async",
        "npc_id": npc_name(number % NPCS).decode(),
        "data": {"operation": "dialogue", "data": asked, "timeout_ms": 60_000},
        "source": {"server": "bench"},
        "actor": {"account_id": 1, "char_id": 150_000 + number, "name": "Aria"},
    }
    return Request("request_async", json.dumps(document).encode())


def _state(number: int) -> Request:
    document = {
        "correlation_id": f"q{number}",
        "operation": "get_state",
        "npc_id": npc_name(number % NPCS).decode(),
        "data": {},
        "source": {"server": "bench"},
    }
    return Request("get_state", json.dumps(document).encode())


def _chat(said: str) -> Request:
    messages = [
        {"role": "system", "content": "You are the oracle of a game. " * 20},
        {"role": "user", "content": said},
    ]
    document = {"model": "any", "messages": messages, "max_tokens": 100}
    return Request("chat/completions", json.dumps(document).encode())


def _chats(endpoint: str, said: str) -> tuple[float, int]:
    """Seconds until the last answer, and how many were answers."""
    transport = Http(endpoint, AT_ONCE, root="/v1/")
    try:
        began, answered, arrived = time.perf_counter(), 0, 0
        for number in range(AT_ONCE):
            transport.send(_chat(f"{said}: what is at place {number}?"))
        while arrived < AT_ONCE and time.perf_counter() < began + GIVE_UP_SECONDS:
            for body in transport.receive(0.1):
                arrived += 1
                answered += b'"choices"' in body
        return time.perf_counter() - began, answered
    finally:
        transport.close()


def _cached(endpoint: str, count: int) -> list[tuple[float, bool]]:
    """The same question again and again: milliseconds, and whether the cache answered."""
    transport = Http(endpoint, 1, root="/v1/")
    found = []
    try:
        for number in range(count + WARM_UP):
            began = time.perf_counter()
            transport.send(_chat("What is the way to the lighthouse?"))
            bodies = transport.receive(GIVE_UP_SECONDS)
            while not bodies:
                bodies = transport.receive(GIVE_UP_SECONDS)
            ms = (time.perf_counter() - began) * 1000
            if number >= WARM_UP:
                # Whoever is asked nothing uses no tokens.
                found.append((ms, json.loads(bodies[0])["usage"]["total_tokens"] == 0))
    finally:
        transport.close()
    return found


async def _overhead(settings: Settings, taken: dict[str, float]) -> tuple[list[float], list[float]]:
    """What is left without the model's own time (ms): of the gateway's part, and of the whole `taken` by a request."""
    client = await connect(settings, name="bench")
    log = JetStreamLog(client, settings.realm)
    gateway, whole = [], []
    try:
        async for page in log.read_all():
            for message in page:
                commit = codec.decode(message.body)
                made = commit.events[0]
                if isinstance(made, DecisionMade) and made.request_id in taken:
                    model = sum(attempt.latency for attempt in made.attempts) / 1000
                    gateway.append(made.latency / 1000 - model)
                    whole.append(taken[made.request_id] - model)
    finally:
        await log.close()
        await client.close()
    return gateway, whole


def _median(values: Iterable[float]) -> float:
    return percentile(sorted(values), 0.5)
