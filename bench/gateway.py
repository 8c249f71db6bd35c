"""What does the gateway in front of models cost? Its own time, cached answers, and 200 questions at once.

The models are the fake server in a process of its own, asked through the real SDK over HTTP; every answer is recorded
as a durable commit before it counts, as in production. Overhead is the time of a recorded answer without the model's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from uuid import uuid4

import uvloop

from adapters.llm.adviser import Advice, Adviser, Cause
from adapters.llm.assembly import open_adviser
from adapters.llm.book import AgentEntry, ModelBook, Price, ProviderEntry
from adapters.nats.bus import NatsCommandBus
from adapters.nats.connection import connect
from adapters.nats.log import JetStreamLog
from adapters.settings import Settings
from bench.fake_models import serving
from bench.measure import Figure, Result, latencies
from bench.options import DEFAULT, Options
from bench.platform import running
from commands.agents.ask import Ask, Message
from commands.agents.purpose import Reading

AT_ONCE = 200
MODEL_MS = 1000
QUESTIONS_PER_SECOND = 40
PROMPT = "The player said: good morning, what do you sell today? " * 100
"""About 1,500 tokens, the context of an NPC."""
AGENTS = {"plain": 0, "cached": 3600, "crowd": 0}
"""Agents by how long their answers are cached, in seconds; each has a model of its own."""


def run(options: Options = DEFAULT) -> Result:
    """One question after the other, then the same one again and again, then 200 at the same moment."""
    with serving() as url, running() as platform:
        return uvloop.run(_measure(platform.settings, url, options))


async def _measure(settings: Settings, url: str, options: Options) -> Result:
    client = await connect(settings, name="bench")
    log, bus = JetStreamLog(client, settings.realm), NatsCommandBus(client, settings.realm)
    try:
        async with open_adviser(settings, client, bus, log, book=book(url)) as adviser:
            for agent in AGENTS:
                for number in range(5):
                    await _advise(adviser, agent, f"warm {number % 2}")
            count = round(QUESTIONS_PER_SECOND * options.seconds)
            plain = [await _timed(adviser, "plain", f"question {number}") for number in range(count)]
            cached = [await _timed(adviser, "cached", "warm 0") for _ in range(count)]
            used = time.process_time()
            crowd, seconds = await _crowd(adviser)
            used = time.process_time() - used
    finally:
        await log.close()
        await client.close()
    overhead = [ms - _model_ms(advice) for ms, advice in plain]
    gateway = [advice.made.latency / 1000 - _model_ms(advice) for _, advice in plain]
    unanswered = sum(advice.made.route != "model" for advice in (*crowd, *(advice for _, advice in plain)))
    uncached = sum(advice.made.route != "cache" for _, advice in cached)
    wrong = unanswered + uncached
    return Result(
        "gateway",
        (
            *latencies("gateway alone, without the model", gateway, p50=3.0, p99=None),
            *latencies("recorded answer, without the model", overhead, p50=None, p99=None),
            *latencies("cached answer, recorded", [ms for ms, _ in cached], p50=5.0, p99=None),
            Figure(f"{AT_ONCE} questions at once, {MODEL_MS} ms model", seconds, "s", at_most=1.6),
            Figure("processor time per question of those, gateway", used / AT_ONCE * 1e6, "us"),
        ),
        (f"{wrong} questions were not answered as meant",) if wrong else (),
    )


def book(url: str) -> ModelBook:
    """A provider for each agent; only that of the crowd takes its time."""
    providers, agents = {}, {}
    for number, (name, seconds) in enumerate(AGENTS.items(), start=1):
        model = f"fake-slow-{MODEL_MS}" if name == "crowd" else "fake-1"
        providers[name] = ProviderEntry(
            key=name, id=number, name=name, type="local", base_url=f"{url}/v1", model=model, enabled=True
        )
        agents[name] = AgentEntry(
            key=name,
            id=number,
            name=name,
            type=name,
            prompt="bench",
            provider=name,
            cache_seconds=seconds,
            dollars_per_day=1000,
        )
    return ModelBook(providers, agents, {"default": Price(input=0.5, cached=0.1, output=1.5)}, None)


def _read(_ask: Ask, answer: str) -> Reading:
    return Reading({"response": answer})


async def _advise(adviser: Adviser, agent: str, text: str) -> Advice:
    question = Ask(agent, "dialogue", (Message("system", PROMPT), Message("user", text)))
    deadline = asyncio.get_running_loop().time() + 30
    return await adviser.advise(Cause(uuid4().hex, "bench"), question, _read, deadline=deadline)


async def _timed(adviser: Adviser, agent: str, text: str) -> tuple[float, Advice]:
    """Milliseconds, and the answer."""
    began = time.perf_counter()
    advice = await _advise(adviser, agent, text)
    return (time.perf_counter() - began) * 1000, advice


async def _crowd(adviser: Adviser) -> tuple[Sequence[Advice], float]:
    """All questions at the same moment, and how many seconds pass until the last is answered and recorded."""
    began = time.perf_counter()
    advice = await asyncio.gather(
        *(_advise(adviser, "crowd", f"number {number}") for number in range(AT_ONCE))
    )
    return advice, time.perf_counter() - began


def _model_ms(advice: Advice) -> float:
    return sum(attempt.latency for attempt in advice.made.attempts) / 1000
