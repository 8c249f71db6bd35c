"""Which parameters a call carries: the caller's, else the provider's own, without those its model refuses."""

from __future__ import annotations

import json
import re
from typing import Any

from adapters.llm.book import ProviderEntry
from adapters.llm.port import ModelCall
from commands.agents.ask import Message
from events.commit import Json

_REASONING = re.compile(r"^(?:gpt-(?!5[\d.]*-chat)(?:[5-9]|1\d)(?!\d)|o\d)")
"""OpenAI's models that think first; the `-chat` ones of generation 5 do not. (Azure's `gpt-35` is GPT-3.5.)"""

_AFTER_THINKING = frozenset({"frequency_penalty", "presence_penalty", "stop", "seed"})


def thinks(model: str) -> bool:
    """Whether this is one of OpenAI's reasoning models: they take fewer parameters."""
    return _REASONING.match(model) is not None


def settled(call: ModelCall, entry: ProviderEntry) -> dict[str, Any]:
    """Sampling parameters by OpenAI's names, without the length limit (`max_tokens_of`)."""
    asked = call.parameters
    found: dict[str, Any] = {
        "temperature": _first(asked.temperature, entry.temperature),
        "top_p": _first(asked.top_p, entry.top_p),
        "frequency_penalty": _first(asked.frequency_penalty, entry.frequency_penalty),
        "presence_penalty": _first(asked.presence_penalty, entry.presence_penalty),
        "stop": list(asked.stop) or None,
        "seed": asked.seed,
    }
    refused: set[str] = set(entry.omit)
    if entry.type in ("openai", "azure_openai") and thinks(call.model):
        refused |= _AFTER_THINKING
        if entry.reasoning_effort != "none":
            refused |= {"temperature", "top_p"}
    return {name: value for name, value in found.items() if value is not None and name not in refused}


def model_of(call: ModelCall, entry: ProviderEntry) -> str:
    """Under which name the model is called: Azure knows deployments, which may be named otherwise."""
    return entry.deployment or call.model


def max_tokens_of(call: ModelCall, entry: ProviderEntry) -> int:
    """How long the answer may be."""
    return call.parameters.max_tokens or entry.max_tokens


def max_tokens_field(call: ModelCall, entry: ProviderEntry) -> str:
    """By which name chat completions limit the length.

    OpenAI has deprecated `max_tokens`, and its reasoning models refuse it; older servers know nothing else.
    """
    if entry.max_tokens_field != "auto":
        return entry.max_tokens_field
    newer = entry.type == "openai" or (entry.type == "azure_openai" and thinks(call.model))
    return "max_completion_tokens" if newer else "max_tokens"


def strict(schema: Json) -> bool:
    """Whether OpenAI can hold an answer to `schema` strictly: every object closed, every property required."""
    if schema.get("type") == "object" or "properties" in schema:
        properties = schema.get("properties", {})
        if schema.get("additionalProperties") is not False or set(schema.get("required", ())) != set(
            properties
        ):
            return False
    return all(strict(each) for each in _below(schema))


def schema_name(schema: Json) -> str:
    """A name for the schema as providers allow them: 1 to 64 letters, digits, `_` and `-`."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", str(schema.get("title") or "answer"))[:64].strip("_") or "answer"


def with_schema(messages: tuple[Message, ...], schema: Json) -> tuple[Message, ...]:
    """The messages for a server that cannot be given a schema: the first instruction ends with it."""
    text = json.dumps(schema, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    demand = f"Answer with exactly one JSON object that fits this JSON schema, and nothing else:\n{text}"
    if messages and messages[0].role == "system":
        first = Message("system", f"{messages[0].content}\n\n{demand}", messages[0].extra)
        return (first, *messages[1:])
    return (Message("system", demand), *messages)


def unfenced(text: str) -> str:
    """JSON without the code fence that models like to put around it."""
    inside = re.fullmatch(r"\s*```(?:json)?\s*\n(.*)\n\s*```\s*", text, re.DOTALL)
    return inside[1] if inside else text


def _below(schema: Json) -> list[Json]:
    found = [each for name in ("properties", "$defs") for each in schema.get(name, {}).values()]
    found += [each for name in ("anyOf", "oneOf", "allOf") for each in schema.get(name, ())]
    return [each for each in (*found, schema.get("items")) if isinstance(each, dict)]


def _first(asked: float | None, own: float | None) -> float | None:
    return own if asked is None else asked
