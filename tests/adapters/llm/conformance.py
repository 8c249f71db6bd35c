"""What every provider must do, through its real SDK, against the fake server over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import traceback
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from adapters.llm.book import ProviderEntry
from adapters.llm.fake.server import FakeModels
from adapters.llm.port import Completion, Delta, ModelCall, Provider
from adapters.llm.providers import open_provider
from commands.agents.ask import Message, Parameters
from events.errors import (
    ModelAnswerBroken,
    ModelError,
    ModelRateLimited,
    ModelRefused,
    ModelTimeout,
    ModelUnavailable,
)

KEY = "sk-recognisable-4711-key"
SECONDS = 20.0

FACTS = {
    "npc_name": "Merchant John",
    "memories": ["Alice gave me bread"],
    "player_message": "Do you know Alice?",
}
ASKED = ModelCall(
    "fake-1",
    (Message("system", "You are an NPC."), Message("user", f"<data>{json.dumps(FACTS)}</data>")),
    Parameters(max_tokens=400, temperature=0.5, stop=("THE END",)),
)
SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Line of an NPC",
    "additionalProperties": False,
    "required": ["response", "emotion", "importance", "ends"],
    "properties": {
        "response": {"type": "string", "maxLength": 300},
        "emotion": {"enum": ["happy", "angry"]},
        "importance": {"type": "number", "minimum": 0, "maximum": 1},
        "ends": {"type": "boolean"},
    },
}
TOOL: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "look_up",
        "description": "Looks somebody up.",
        "parameters": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
    },
}


class ProviderConformance:
    """Inherit it and give the provider's entry; `structured` is overridden by variants."""

    def entry(self, models: FakeModels) -> ProviderEntry:
        raise NotImplementedError

    @pytest.fixture
    async def provider(self, models: FakeModels) -> AsyncIterator[Provider]:
        provider = open_provider(self.entry(models), {"KEY": KEY})
        yield provider
        await provider.close()

    async def test_an_answer_says_what_stood_in_the_prompt(self, provider: Provider) -> None:
        found = await provider.complete(ASKED, timeout=SECONDS)
        assert "Merchant John" in found.text
        assert "Do you know Alice?" in found.text
        assert "Alice gave me bread" in found.text
        assert (found.finish, found.model, found.tool_calls) == ("stop", "fake-1", ())
        assert found.usage.input > 10
        assert found.usage.output > 10

    async def test_instructions_and_data_arrive_as_they_were_sent(
        self, provider: Provider, models: FakeModels
    ) -> None:
        await provider.complete(ASKED, timeout=SECONDS)
        sent = json.dumps(models.requests[-1].body, ensure_ascii=False)
        assert "You are an NPC." in sent
        assert json.dumps(ASKED.messages[1].content, ensure_ascii=False) in sent
        assert models.requests[-1].headers["accept-encoding"] == "identity"

    async def test_equal_questions_have_equal_answers(self, provider: Provider) -> None:
        first = await provider.complete(ASKED, timeout=SECONDS)
        assert await provider.complete(ASKED, timeout=SECONDS) == first

    async def test_a_stream_gives_the_pieces_and_then_the_whole(self, provider: Provider) -> None:
        deltas = await gathered(provider, ASKED)
        whole = deltas[-1].completion
        assert len(deltas) > 3
        assert whole == await provider.complete(ASKED, timeout=SECONDS)
        assert "".join(delta.text for delta in deltas) == whole.text
        assert all(delta.completion is None for delta in deltas[:-1])

    async def test_an_answer_to_a_schema_fits_it(self, provider: Provider) -> None:
        asked = replace(ASKED, schema=SCHEMA)
        for found in (await provider.complete(asked, timeout=SECONDS), await whole(provider, asked)):
            answer = json.loads(found.text)
            assert set(answer) >= {"response", "emotion", "importance", "ends"}
            assert answer["emotion"] in ("happy", "angry")
            assert 0 <= answer["importance"] <= 1
            assert answer["ends"] is False
            assert "Do you know Alice?" in answer["response"]
            assert (found.finish, found.tool_calls) == ("stop", ())

    async def test_tools_are_called_and_their_results_come_back(
        self, provider: Provider, models: FakeModels
    ) -> None:
        asked = replace(ASKED, tools=(TOOL,), tool_choice="required")
        for found in (await provider.complete(asked, timeout=SECONDS), await whole(provider, asked)):
            assert found.finish == "tool_calls"
            (call,) = found.tool_calls
            assert call["type"] == "function"
            assert call["function"]["name"] == "look_up"
            assert set(json.loads(call["function"]["arguments"])) == {"name"}
            assert call["id"]
        result = Message("tool", '{"name": "Alice", "description": "a baker"}', {"tool_call_id": call["id"]})
        more = (*asked.messages, Message("assistant", "", {"tool_calls": list(found.tool_calls)}), result)
        answered = await provider.complete(replace(asked, messages=more, tool_choice=None), timeout=SECONDS)
        assert "a baker" in answered.text
        assert call["id"] in json.dumps(models.requests[-1].body)

    async def test_streamed_tool_calls_add_up_to_the_whole_ones(self, provider: Provider) -> None:
        named = {"type": "function", "function": {"name": "look_up"}}
        deltas = await gathered(provider, replace(ASKED, tools=(TOOL,), tool_choice=named))
        pieces = [piece for delta in deltas for piece in delta.tool_calls]
        assert pieces[0]["function"]["name"] == "look_up"
        assert all(piece["index"] == 0 for piece in pieces)
        completion = deltas[-1].completion
        assert completion is not None
        joined = "".join(piece["function"].get("arguments", "") for piece in pieces)
        assert joined == completion.tool_calls[0]["function"]["arguments"]

    async def test_tools_may_be_forbidden(self, provider: Provider) -> None:
        asked = replace(ASKED, tools=(TOOL,), tool_choice="none")
        found = await provider.complete(asked, timeout=SECONDS)
        assert (found.finish, found.tool_calls) == ("stop", ())

    async def test_the_length_limit_is_told_and_kept(self, provider: Provider, models: FakeModels) -> None:
        asked = replace(ASKED, parameters=Parameters(max_tokens=5))
        found = await provider.complete(asked, timeout=SECONDS)
        assert found.finish == "length"
        assert 0 < len(found.text) <= 20
        assert 5 in models.requests[-1].body.values()
        assert (await whole(provider, asked)) == found

    async def test_a_refusal_is_told_from_an_answer(self, provider: Provider) -> None:
        asked = replace(ASKED, model="fake-refusal")
        for found in (await provider.complete(asked, timeout=SECONDS), await whole(provider, asked)):
            assert found.finish == "content_filter"

    @pytest.mark.parametrize(
        ("model", "error"),
        [
            ("fake-400", ModelRefused),
            ("fake-401", ModelRefused),
            ("fake-403", ModelRefused),
            ("fake-404", ModelRefused),
            ("fake-422", ModelRefused),
            ("fake-408", ModelUnavailable),
            ("fake-409", ModelUnavailable),
            ("fake-429", ModelRateLimited),
            ("fake-500", ModelUnavailable),
            ("fake-503", ModelUnavailable),
            ("fake-529", ModelUnavailable),
            ("fake-cut", ModelAnswerBroken),
            ("fake-garbage", ModelAnswerBroken),
            ("fake-empty", ModelAnswerBroken),
            ("fake-huge", ModelAnswerBroken),
        ],
    )
    async def test_failures_are_told_apart(
        self, provider: Provider, models: FakeModels, model: str, error: type[ModelError]
    ) -> None:
        asked = replace(ASKED, model=model)
        with pytest.raises(error) as caught:
            await provider.complete(asked, timeout=SECONDS)
        with pytest.raises(error) as streamed:
            await gathered(provider, asked)
        for found in (caught.value, streamed.value):
            assert type(found) is error
            assert found.provider == provider.name
            if model[5:].isdecimal():
                assert found.status == int(model[5:])
        assert models.counts[model] == 2, "the gateway retries, no SDK does"

    async def test_a_rate_limit_says_how_long_to_wait(self, provider: Provider) -> None:
        with pytest.raises(ModelRateLimited) as caught:
            await provider.complete(replace(ASKED, model="fake-429"), timeout=SECONDS)
        assert caught.value.retry_after == 2.0

    async def test_a_failure_in_the_middle_of_a_stream_is_one_of_the_provider(
        self, provider: Provider
    ) -> None:
        seen = []
        with pytest.raises(ModelUnavailable, match="in the middle"):
            async for delta in provider.stream(replace(ASKED, model="fake-late"), timeout=SECONDS):
                seen.append(delta)  # noqa: PERF401 (what came before the failure counts)
        assert "".join(delta.text for delta in seen).startswith("Merchant John")

    async def test_an_answer_that_does_not_come_in_time_is_given_up(
        self, provider: Provider, models: FakeModels
    ) -> None:
        await provider.prepare()
        for asked in (replace(ASKED, model="fake-hang"), replace(ASKED, model="fake-drip-60000")):
            with pytest.raises(ModelTimeout):
                await gathered(provider, asked, timeout=0.3)
        with pytest.raises(ModelTimeout):
            await provider.complete(replace(ASKED, model="fake-hang"), timeout=0.3)
        await until(lambda: models.in_flight == 0)
        assert {each.outcome for each in models.requests} == {"disconnected"}

    async def test_cancelling_hangs_up(self, provider: Provider, models: FakeModels) -> None:
        for work in (
            lambda: provider.complete(replace(ASKED, model="fake-hang"), timeout=SECONDS),
            lambda: gathered(provider, replace(ASKED, model="fake-drip-60000")),
        ):
            models.clear()
            task = asyncio.ensure_future(work())
            await until(lambda: models.in_flight == 1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await until(lambda: models.in_flight == 0)
            assert models.requests[-1].outcome == "disconnected"

    async def test_whoever_stops_reading_hangs_up(self, provider: Provider, models: FakeModels) -> None:
        stream = provider.stream(replace(ASKED, model="fake-drip-100"), timeout=SECONDS)
        async with contextlib.aclosing(stream) as deltas:  # type: ignore[type-var]
            async for _ in deltas:
                break
        await until(lambda: models.in_flight == 0)
        assert models.requests[-1].outcome == "disconnected"

    async def test_many_ask_at_once_over_one_client(self, provider: Provider, models: FakeModels) -> None:
        asked = replace(ASKED, model="fake-slow-200")
        found = await asyncio.gather(*(provider.complete(asked, timeout=SECONDS) for _ in range(100)))
        assert len({each.text for each in found}) == 1
        assert models.most_in_flight == 100

    async def test_a_provider_can_be_probed(self, provider: Provider, models: FakeModels) -> None:
        assert (await provider.probe(timeout=SECONDS)).usable
        await models.stop()
        found = await provider.probe(timeout=SECONDS)
        assert not found.usable
        assert "cannot be reached" in found.why

    async def test_nobody_there_is_an_ordinary_failure(self, models: FakeModels) -> None:
        entry = self.entry(models)
        await models.stop()
        provider = open_provider(entry, {"KEY": KEY})
        with pytest.raises(ModelUnavailable, match="cannot be reached"):
            await provider.complete(ASKED, timeout=SECONDS)
        await provider.close()

    async def test_nonsense_of_a_caller_is_refused(self, provider: Provider) -> None:
        asked = replace(ASKED, messages=(Message("assistant", "", {"tool_calls": ["what?"]}),))
        with pytest.raises(ModelRefused):
            await provider.complete(asked, timeout=SECONDS)

    async def test_a_key_stands_in_no_error_no_log_and_no_repr(
        self, models: FakeModels, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        key = "sk-wrong-recognisable-4711"
        provider = open_provider(self.entry(models), {"KEY": key})
        told = [repr(provider), str(provider.condition()), str(await provider.probe(timeout=SECONDS))]
        for model in ("fake-1", "fake-cut"):
            for work in (
                provider.complete(replace(ASKED, model=model), timeout=SECONDS),
                gathered(provider, replace(ASKED, model=model)),
            ):
                with pytest.raises(ModelError) as caught:
                    await work
                told += [str(caught.value), repr(caught.value), *traceback.format_exception(caught.value)]
        assert any(key in str(each.headers) for each in models.requests)
        await provider.close()
        assert key not in "\n".join(told)
        assert "recognisable" not in "\n".join(told)
        assert "recognisable" not in caplog.text

    async def test_without_its_key_nobody_is_called(self, models: FakeModels) -> None:
        provider = open_provider(self.entry(models), {})
        assert not provider.condition().usable
        assert "KEY" in provider.condition().why
        with pytest.raises(ModelRefused, match="no key"):
            await provider.complete(ASKED, timeout=SECONDS)
        assert not models.requests


async def gathered(provider: Provider, call: ModelCall, *, timeout: float = SECONDS) -> list[Delta]:
    """All of a stream."""
    return [delta async for delta in provider.stream(call, timeout=timeout)]


async def whole(provider: Provider, call: ModelCall) -> Completion:
    """What a stream ends with."""
    completion = (await gathered(provider, call))[-1].completion
    assert completion is not None
    return completion


async def until(condition: Any) -> None:
    """Wait for something that happens in another task."""
    async with asyncio.timeout(SECONDS):
        while not condition():  # noqa: ASYNC110 (the server knows no event for it)
            await asyncio.sleep(0.01)
