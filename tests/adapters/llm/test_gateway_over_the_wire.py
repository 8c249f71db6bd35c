"""The gateway in front of the real SDKs, against a server that speaks the providers' wire formats."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

import pytest

from adapters.llm.book import ModelBook, ProviderEntry
from adapters.llm.clock import SystemClock
from adapters.llm.fake.server import FakeModels
from adapters.llm.line import Line
from adapters.llm.port import Provider
from adapters.llm.providers import open_provider
from commands.agents import illustration
from commands.agents.ask import Canvas
from commands.codes import Code
from events.decision import Usage
from tests.adapters.llm.scene import Scene, ask, book, entry, read, scene, until

KEY = {"THE_KEY": "sk-test-secret"}


def on(models: FakeModels, name: str, number: int, model: str, **changes: Any) -> ProviderEntry:
    given = {"base_url": f"{models.url}/v1", "model": model, "type": "local", **changes}
    if given["type"] == "anthropic":
        given["base_url"] = models.url
    return entry(name, number, **given)


@pytest.fixture
async def gateways() -> AsyncIterator[Any]:
    """Makes a gateway of providers; their connections are closed at the end."""
    made: list[Scene] = []

    def make(*entries: ProviderEntry) -> Scene:
        made.append(real(book(entries)))
        return made[-1]

    yield make
    for each in made:
        for line in each.lines.values():
            await line.close()


def real(models: ModelBook) -> Scene:
    def opening(entry: ProviderEntry) -> Provider:
        return open_provider(entry, KEY)

    clock = SystemClock()
    on = scene(models, clock=clock)
    for key, each in models.providers.items():
        on.lines[key] = Line(each, clock, opening=opening, environment=KEY)
    return on


@pytest.mark.parametrize("kind", ["openai", "anthropic", "local"])
async def test_a_real_answer_comes_with_its_tokens_and_price(
    models: FakeModels, gateways: Any, kind: str
) -> None:
    here = gateways(on(models, "one", 1, "fake-1", type=kind, key_variable="THE_KEY"))
    made = await here.gateway.ask(ask("What is your name?"), read, deadline=here.deadline(20))
    assert (made.route, made.code, made.provider) == ("model", 0, "one"), made.problem
    assert made.answer
    assert made.usage != Usage()
    assert made.cost == made.usage.input * 1000 + made.usage.output * 2000
    assert "sk-test-secret" not in str(made)


@pytest.mark.parametrize(
    ("model", "code", "tries"),
    [
        ("fake-400", Code.LLM_ERROR, 1),
        ("fake-401", Code.LLM_ERROR, 1),
        ("fake-404", Code.LLM_ERROR, 1),
        ("fake-429", Code.RATE_LIMITED, 1),
        ("fake-500", Code.LLM_ERROR, 2),
        ("fake-529", Code.LLM_ERROR, 2),
        ("fake-cut", Code.LLM_ERROR, 2),
        ("fake-garbage", Code.LLM_ERROR, 2),
        ("fake-empty", Code.LLM_ERROR, 2),
        ("fake-huge", Code.LLM_ERROR, 2),
    ],
)
async def test_whatever_a_provider_answers_becomes_a_code_and_another_provider_helps_out(
    models: FakeModels, gateways: Any, model: str, code: Code, tries: int
) -> None:
    alone = gateways(on(models, "one", 1, model))
    made = await alone.gateway.ask(ask(), read, deadline=alone.deadline(10))
    assert (made.route, made.code) == ("none", code), made.problem
    assert made.problem
    assert models.counts[model] >= tries
    helped = gateways(on(models, "one", 1, model), on(models, "two", 2, "fake-1"))
    made = await helped.gateway.ask(ask(), read, deadline=helped.deadline(10))
    assert (made.route, made.code, made.provider) == ("fallback", Code.SUCCESS_WITH_FALLBACK, "two")


async def test_what_fails_now_and_then_is_tried_until_it_works(models: FakeModels, gateways: Any) -> None:
    here = gateways(on(models, "one", 1, "fake-flaky-3", attempts=3))
    made = await here.gateway.ask(ask(), read, deadline=here.deadline(20))
    assert (made.route, made.code) == ("model", 0)
    assert [attempt.status for attempt in made.attempts] == [503, 503, None]


async def test_a_model_that_hangs_is_given_up_in_time_and_its_connection_closed(
    models: FakeModels, gateways: Any
) -> None:
    here = gateways(on(models, "one", 1, "fake-hang"))
    await here.lines["one"].open()
    made = await here.gateway.ask(ask(), read, deadline=here.deadline(0.5))
    assert (made.route, made.code) == ("none", Code.TIMEOUT)
    await until(lambda: models.in_flight == 0)


async def test_cancelling_reaches_the_server(models: FakeModels, gateways: Any) -> None:
    here = gateways(on(models, "one", 1, "fake-slow-60000"))
    asking = asyncio.create_task(here.gateway.ask(ask(), read, deadline=here.deadline(60)))
    await until(lambda: models.in_flight == 1)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await until(lambda: models.in_flight == 0)
    assert models.requests[-1].outcome == "disconnected"


async def test_a_hedge_over_the_wire_frees_the_slower_call(models: FakeModels, gateways: Any) -> None:
    here = gateways(on(models, "one", 1, "fake-slow-60000", hedge_after_ms=50))
    asking = asyncio.create_task(here.gateway.ask(ask(), read, deadline=here.deadline(60)))
    await until(lambda: models.in_flight == 2)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await until(lambda: models.in_flight == 0)


async def test_an_answer_is_streamed_over_the_wire(models: FakeModels, gateways: Any) -> None:
    heard: list[str] = []

    async def hear(text: str) -> None:
        heard.append(text)

    here = gateways(on(models, "one", 1, "fake-1"))
    made = await here.gateway.ask(ask(), read, deadline=here.deadline(20), on_text=hear)
    assert (made.route, "".join(heard)) == ("model", made.answer)
    assert len(heard) > 1


async def test_a_stream_that_fails_on_the_way_ends_the_decision(models: FakeModels, gateways: Any) -> None:
    async def hear(text: str) -> None:
        pass

    here = gateways(on(models, "one", 1, "fake-late"), on(models, "two", 2, "fake-1"))
    made = await here.gateway.ask(ask(), read, deadline=here.deadline(20), on_text=hear)
    assert (made.route, made.code) == ("none", Code.LLM_ERROR)
    assert made.cost > 0


async def test_leaving_a_stream_closes_it(models: FakeModels, gateways: Any) -> None:
    begun = asyncio.Event()

    async def hear(text: str) -> None:
        begun.set()

    here = gateways(on(models, "one", 1, "fake-drip-1000"))
    asking = asyncio.create_task(here.gateway.ask(ask(), read, deadline=here.deadline(60), on_text=hear))
    await asyncio.wait_for(begun.wait(), 20)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await until(lambda: models.in_flight == 0)


async def test_a_provider_nobody_listens_at_is_passed_over_and_left_alone_after_a_while(
    models: FakeModels, gateways: Any
) -> None:
    nowhere = entry("one", 1, base_url="http://127.0.0.1:9/v1", model="fake-1", attempts=1)
    here = gateways(nowhere, on(models, "two", 2, "fake-1"))
    routes = [
        (await here.gateway.ask(ask(str(number)), read, deadline=here.deadline(20))).attempts[0].outcome
        for number in range(6)
    ]
    assert routes == ["failed"] * 5 + ["skipped"]


PICTURES = {"image_model": "fake-image", "image_quality": "low", "image_size": "64x64"}


async def test_a_picture_goes_to_whoever_makes_pictures_and_its_bytes_to_whoever_keeps_them(
    models: FakeModels, gateways: Any
) -> None:
    here = gateways(on(models, "one", 1, "fake-1"), on(models, "two", 2, "fake-1", **PICTURES))
    kept: list[bytes] = []

    async def keep(content: bytes) -> None:
        kept.append(content)

    wanted = ask("A lighthouse", canvas=Canvas())
    made = await here.gateway.ask(wanted, illustration.read, deadline=here.deadline(20), on_content=keep)
    assert (made.route, made.provider, made.model) == ("model", "two", "fake-image"), made.problem
    assert made.proposal == {"sha256": sha256(kept[0]).hexdigest(), "bytes": len(kept[0])}
    assert made.cost == made.usage.input * 1000 + 272 * 2000
    assert made.ask["canvas"] == {"size": "", "quality": ""}
    assert len(str(made)) < 3000


async def test_without_anybody_who_makes_pictures_the_reason_is_told(
    models: FakeModels, gateways: Any
) -> None:
    here = gateways(on(models, "one", 1, "fake-1"))
    made = await here.gateway.ask(
        ask("A lighthouse", canvas=Canvas()), illustration.read, deadline=here.deadline(5)
    )
    assert (made.route, made.problem) == ("none", "no provider is switched on that makes pictures")
    assert not models.requests


async def test_a_picture_is_never_taken_from_the_cache(models: FakeModels, gateways: Any) -> None:
    here = gateways(on(models, "one", 1, "fake-1", **PICTURES))
    wanted = ask("A lighthouse", canvas=Canvas())
    for _ in range(2):
        await here.gateway.ask(wanted, illustration.read, deadline=here.deadline(20))
    assert models.counts["fake-image"] == 2
