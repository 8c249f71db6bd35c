"""What the gateway's tests work with: a clock turned by hand, providers that do as told, and a gateway of both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from nats.aio.client import Client
from uuid_utils import uuid7

from adapters.llm.allowance import Allowances
from adapters.llm.book import NANO, AgentEntry, ModelBook, Price, ProviderEntry
from adapters.llm.cache import AnswerCache, CachedAnswer, NoCache
from adapters.llm.clock import Clock
from adapters.llm.gateway import Gateway
from adapters.llm.line import Line
from adapters.llm.port import (
    Capabilities,
    Completion,
    Condition,
    Delta,
    Embeddings,
    ModelCall,
    Provider,
)
from adapters.llm.roster import Roster
from adapters.llm.spending import Spending
from adapters.nats.log import JetStreamLog
from commands.agents.ask import Ask, Message
from commands.agents.purpose import Reading
from commands.handler import CommandHandler
from commands.message import CommandMessage, Reply
from events.commit import microseconds
from events.decision import Usage
from tests.commands.test_handler import worker

Act = Callable[["Scripted", ModelCall, float], Any]

# Far in the future: command workers drop what is past its deadline by their own clock.
NOON = microseconds(datetime(2126, 11, 20, 12, 0, tzinfo=UTC))
AGENT = "npc_intelligence"
SOME = Usage(100, 10)


class TurnedClock:
    """Time that passes only when somebody sleeps; chance always takes half of what it may."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return 1000.0 + self.passed

    def microseconds(self) -> int:
        return NOON + round(self.passed * 1_000_000)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.passed += seconds
        await asyncio.sleep(0)

    def jitter(self, most: float) -> float:
        return most / 2


@dataclass
class Scripted:
    """A provider that plays one act per call, the last one for ever. `calls` are those that arrived."""

    name: str
    acts: Sequence[Act]
    why_not: str = ""
    streams: bool = True
    calls: list[ModelCall] = field(default_factory=list)
    cancelled: int = 0
    closed: bool = False
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    def capabilities(self) -> Capabilities:
        return Capabilities(True, self.streams, True, False)

    def condition(self) -> Condition:
        return Condition(not self.why_not, self.why_not)

    async def prepare(self) -> None:
        """There is nothing to load."""

    async def probe(self, *, timeout: float) -> Condition:
        return self.condition()

    async def complete(self, call: ModelCall, *, timeout: float) -> Completion:
        act = self.acts[min(len(self.calls), len(self.acts) - 1)]
        self.calls.append(call)
        self.asked.set()
        try:
            result = act(self, call, timeout)
            if asyncio.iscoroutine(result):
                result = await result
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        assert isinstance(result, Completion)
        return result

    async def stream(self, call: ModelCall, *, timeout: float) -> AsyncIterator[Delta]:
        completion = await self.complete(call, timeout=timeout)
        for start in range(0, len(completion.text), 5):
            yield Delta(completion.text[start : start + 5])
        if completion.finish == "broken off":
            return
        yield Delta(completion=completion)

    async def draw(self, call: ModelCall, *, timeout: float) -> Completion:
        return await self.complete(call, timeout=timeout)

    async def embed(self, texts: Sequence[str], *, model: str, timeout: float) -> Embeddings:
        return Embeddings((), model)

    async def close(self) -> None:
        self.closed = True


def says(text: str, *, model: str = "", usage: Usage = SOME, finish: str = "stop") -> Act:
    return lambda _self, call, _timeout: Completion(text, model or call.model, finish, usage)


def fails(error: Callable[[str], Exception]) -> Act:
    def act(self: Scripted, _call: ModelCall, _timeout: float) -> Completion:
        raise error(self.name)

    return act


def waits(seconds: float, then: Act) -> Act:
    """Real time, for what is about several calls at once."""

    async def act(self: Scripted, call: ModelCall, timeout: float) -> Completion:
        await asyncio.sleep(seconds)
        done: Completion = then(self, call, timeout)
        return done

    return act


def held(released: asyncio.Event, then: Act) -> Act:
    """For as long as the test holds it."""

    async def act(self: Scripted, call: ModelCall, timeout: float) -> Completion:
        await released.wait()
        done: Completion = then(self, call, timeout)
        return done

    return act


def entry(key: str, number: int, **changes: Any) -> ProviderEntry:
    given: dict[str, Any] = {
        "name": key,
        "type": "local",
        "model": f"{key}-1",
        "enabled": True,
        "priority": number,
    }
    return ProviderEntry(key=key, id=number, **{**given, **changes})


def agent(**changes: Any) -> AgentEntry:
    given: dict[str, Any] = {
        "name": "NPC",
        "type": AGENT,
        "prompt": AGENT,
        "max_tokens": 100,
        "dollars_per_day": -1,
    }
    return AgentEntry(key=AGENT, id=1, **{**given, **changes})


def book(
    providers: Sequence[ProviderEntry],
    asking: AgentEntry | None = None,
    *,
    realm_limit: int | None = None,
    prices: dict[str, Price] | None = None,
) -> ModelBook:
    return ModelBook(
        {each.key: each for each in providers},
        {AGENT: asking or agent()},
        prices if prices is not None else {"default": Price(input=1.0, cached=0.1, output=2.0)},
        realm_limit,
    )


class MemoryCache:
    """An honest `AnswerCache` in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[CachedAnswer, int]] = {}

    async def get(self, key: str) -> CachedAnswer | None:
        found = self.kept.get(key)
        return found[0] if found else None

    async def put(self, key: str, answer: CachedAnswer, *, seconds: int) -> None:
        self.kept[key] = (answer, seconds)


class HandlerBus:
    """A command bus with a real command worker of this process behind it. `down` makes it answer like an absent one."""

    def __init__(self, handler: CommandHandler) -> None:
        self._handler = handler
        self.sent: list[CommandMessage] = []
        self.down = False

    async def send(self, message: CommandMessage, *, timeout: float) -> Reply:
        if self.down:
            return Reply(-500, "No command worker is running. Retry later.")
        self.sent.append(message)
        return await self._handler.handle(message)


class NoBus:
    """For questions that cost nothing: any command is a mistake."""

    async def send(self, message: CommandMessage, *, timeout: float) -> Reply:
        raise AssertionError(f"{message.name} was not expected")


def handler_bus(log: JetStreamLog, client: Client) -> HandlerBus:
    return HandlerBus(worker(log, client))


@dataclass
class Scene:
    gateway: Gateway
    roster: Roster
    lines: dict[str, Line]
    clock: Clock

    def deadline(self, seconds: float = 3.0) -> float:
        return self.clock.monotonic() + seconds


def scene(
    models: ModelBook,
    *providers: Provider,
    clock: Clock | None = None,
    cache: AnswerCache | None = None,
    spending: Spending | None = None,
    allowances: Allowances | None = None,
) -> Scene:
    """A gateway in front of `providers`, which are those of the book."""
    clock = clock or TurnedClock()
    by_name = {provider.name: provider for provider in providers}
    lines = {
        key: Line(entry, clock, opening=lambda entry: by_name[entry.key], environment={})
        for key, entry in models.providers.items()
    }
    roster = Roster(models)
    spending = spending or Spending(NoBus(), clock, realm_limit=None)
    gateway = Gateway(
        roster, lines, cache=cache or NoCache(), spending=spending, clock=clock, allowances=allowances
    )
    return Scene(gateway, roster, lines, clock)


def ask(text: str = "Who are you?", **changes: Any) -> Ask:
    messages = (Message("system", "You are John."), Message("user", text))
    return Ask(agent=AGENT, purpose="dialogue", messages=messages, **changes)


def read(_ask: Ask, answer: str) -> Reading:
    """Anything but an empty answer or one that says it is bad can be used."""
    if not answer or answer.startswith("bad"):
        return Reading(None, f"unusable: {answer[:20]!r}")
    return Reading({"response": answer})


async def until(condition: Callable[[], bool | Awaitable[bool]], *, seconds: float = 30) -> None:
    """Wait for something that another process or task brings about."""
    async with asyncio.timeout(seconds):
        while True:
            met = condition()
            if (await met) if isinstance(met, Awaitable) else met:
                return
            await asyncio.sleep(0.01)


def unique() -> str:
    return str(uuid7())


DOLLAR = NANO
