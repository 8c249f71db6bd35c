"""Which parameters travel to which model, and that the providers would take them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from adapters.llm.book import ProviderEntry, load
from adapters.llm.fake.server import FakeModels
from adapters.llm.port import ModelCall
from adapters.llm.providers import open_provider
from adapters.llm.providers.sampling import strict, thinks, unfenced, with_schema
from commands.agents.ask import Message, Parameters
from events.commit import Json
from tests.adapters.llm.conformance import ASKED, SCHEMA, SECONDS, TOOL

EVERYTHING = Parameters(100, 0.3, 0.9, 0.1, 0.2, ("END",), 7)


async def sent(models: FakeModels, model: str, **settings: Any) -> Json:
    """The body that arrives for a call with every parameter, a schema and a tool."""
    base = models.url if settings["type"] == "anthropic" else f"{models.url}/v1"
    given = {"key": "mine", "id": 1, "name": "Mine", "key_variable": "KEY", "model": model, "base_url": base}
    if settings["type"] == "azure_openai":
        given |= {"endpoint": models.url, "api_version": "2024-10-21"}
    provider = open_provider(ProviderEntry.model_validate({**given, **settings}), {"KEY": "sk-test"})
    call = replace(ASKED, model=model, parameters=EVERYTHING, schema=SCHEMA, tools=(TOOL,))
    try:
        await provider.complete(call, timeout=SECONDS)
    finally:
        await provider.close()
    return models.requests[-1].body


async def test_a_model_that_thinks_gets_only_what_it_takes(models: FakeModels) -> None:
    body = await sent(models, "gpt-6-luna", type="openai", reasoning_effort="none")
    assert (body["temperature"], body["top_p"], body["max_completion_tokens"]) == (0.3, 0.9, 100)
    assert body["reasoning_effort"] == "none"
    assert body.keys().isdisjoint({"max_tokens", "frequency_penalty", "presence_penalty", "stop", "seed"})


async def test_while_it_thinks_it_takes_no_temperature(models: FakeModels) -> None:
    body = await sent(models, "gpt-6-sol", type="openai", reasoning_effort="low", api="responses")
    assert body.keys().isdisjoint({"temperature", "top_p"})
    assert body["reasoning"] == {"effort": "low"}
    assert body["max_output_tokens"] == 100


async def test_an_older_model_gets_all_of_them(models: FakeModels) -> None:
    body = await sent(models, "gpt-4o", type="openai")
    assert {
        name: body[name] for name in ("temperature", "top_p", "frequency_penalty", "presence_penalty")
    } == {
        "temperature": 0.3,
        "top_p": 0.9,
        "frequency_penalty": 0.1,
        "presence_penalty": 0.2,
    }
    assert (body["stop"], body["seed"], body["max_completion_tokens"]) == (["END"], 7, 100)


async def test_a_local_server_gets_the_field_it_knows(models: FakeModels) -> None:
    body = await sent(models, "llama", type="local", omit=("seed", "stop"))
    assert body["max_tokens"] == 100
    assert body.keys().isdisjoint({"max_completion_tokens", "seed", "stop"})
    body = await sent(models, "llama", type="local", max_tokens_field="max_completion_tokens")
    assert body["max_completion_tokens"] == 100


async def test_azures_older_deployments_get_the_older_field(models: FakeModels) -> None:
    assert (await sent(models, "gpt-35-turbo", type="azure_openai"))["max_tokens"] == 100
    body = await sent(models, "gpt-6-luna", type="azure_openai", reasoning_effort="none")
    assert body["max_completion_tokens"] == 100


async def test_anthropic_gets_no_temperature_unless_its_older_api_is_asked_for(models: FakeModels) -> None:
    body = await sent(models, "claude-haiku-5-5", type="anthropic", reasoning_effort="none")
    assert body.keys().isdisjoint({"temperature", "top_p", "seed", "stop"})
    assert (body["thinking"], body["stop_sequences"]) == ({"type": "disabled"}, ["END"])
    body = await sent(models, "claude-sonnet-4-6", type="anthropic", api_version="2023-06-01")
    assert body["temperature"] == 0.3
    assert "top_p" not in body
    assert models.requests[-1].headers["anthropic-version"] == "2023-06-01"
    body = await sent(models, "claude-opus-5-5", type="anthropic", reasoning_effort="low")
    assert body["output_config"]["effort"] == "low"


@pytest.mark.parametrize("key", ["openai", "azure", "anthropic", "local", "fake"])
async def test_what_ships_would_be_taken(models: FakeModels, key: str) -> None:
    shipped = load().providers[key]
    place = {"base_url": models.url if key == "anthropic" else f"{models.url}/v1", "endpoint": models.url}
    entry = shipped.model_copy(update={**place, "key_variable": "KEY"})
    provider = open_provider(entry, {"KEY": "sk-test"})
    call = ModelCall(entry.model, ASKED.messages, schema=SCHEMA, tools=(TOOL,))
    found = await provider.complete(call, timeout=SECONDS)
    await provider.close()
    assert found.model == entry.model
    assert load().price(found.model, shipped).output > 0 or key == "local"


@pytest.mark.parametrize(
    ("model", "thinking"),
    [
        ("gpt-6-luna", True),
        ("gpt-6.2-astra", True),
        ("gpt-5-mini", True),
        ("o4-mini", True),
        ("gpt-5.3-chat-latest", False),
        ("gpt-4o", False),
        ("gpt-4.1", False),
        ("gpt-35-turbo", False),
        ("llama3.2", False),
    ],
)
def test_models_that_think_are_known_by_name(model: str, thinking: bool) -> None:
    assert thinks(model) is thinking


def test_only_closed_schemas_are_strict() -> None:
    assert strict(SCHEMA)
    assert not strict({**SCHEMA, "required": ["response"]})
    assert not strict({**SCHEMA, "additionalProperties": True})
    nested = {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}}}}
    assert not strict({**SCHEMA, "properties": {**SCHEMA["properties"], "ends": nested}})


def test_a_schema_in_words_follows_the_instructions_and_stays_out_of_the_data() -> None:
    told = with_schema((Message("system", "Be John."), Message("user", "data")), SCHEMA)
    assert told[0].content.startswith("Be John.\n\n")
    assert json.loads(told[0].content.rpartition("\n")[2]) == SCHEMA
    assert told[1].content == "data"
    assert [each.role for each in with_schema((Message("user", "data"),), SCHEMA)] == ["system", "user"]


def test_a_code_fence_around_json_is_taken_off() -> None:
    assert unfenced('```json\n{"a": 1}\n```') == '{"a": 1}'
    assert unfenced('{"a": "```"}') == '{"a": "```"}'
