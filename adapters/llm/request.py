"""What a provider is sent for a question, and what that can cost at most."""

from __future__ import annotations

import json
from typing import TypeVar

from adapters.llm.book import AgentEntry, Price, ProviderEntry
from adapters.llm.port import ModelCall
from commands.agents.ask import Ask, Canvas, Parameters
from events.decision import Usage

BYTES_PER_TOKEN = 2
"""Fewer than any usual tokenizer needs on average for any script, so that an estimate is rarely too low."""
TOKENS_PER_MESSAGE = 8

T = TypeVar("T")


def model_call(ask: Ask, agent: AgentEntry, entry: ProviderEntry) -> ModelCall:
    """The question with every parameter settled: its own, else the agent's, else the provider's.

    No answer may be longer than the agent's or the provider's `max_tokens`, whatever the question wants.
    """
    if ask.canvas is not None:
        return _picture_call(ask, ask.canvas, entry)
    wanted = ask.parameters
    longest = min(agent.max_tokens, entry.max_tokens)
    parameters = Parameters(
        max_tokens=min(wanted.max_tokens or longest, longest),
        temperature=_first(wanted.temperature, agent.temperature, entry.temperature),
        top_p=_first(wanted.top_p, entry.top_p),
        frequency_penalty=_first(wanted.frequency_penalty, entry.frequency_penalty),
        presence_penalty=_first(wanted.presence_penalty, entry.presence_penalty),
        stop=wanted.stop,
        seed=wanted.seed,
    )
    return ModelCall(entry.model, ask.messages, parameters, ask.schema, ask.tools, ask.tool_choice)


def _picture_call(ask: Ask, canvas: Canvas, entry: ProviderEntry) -> ModelCall:
    settled = Canvas(canvas.size or entry.image_size, canvas.quality or entry.image_quality)
    return ModelCall(
        entry.image_model, ask.messages, Parameters(max_tokens=entry.image_tokens), canvas=settled
    )


def most_usage(call: ModelCall) -> Usage:
    """The tokens a call may take at most, estimated from the length of the prompt."""
    size = sum(len(m.content.encode(errors="replace")) + len(_json(m.extra)) for m in call.messages)
    size += len(_json(call.schema)) + sum(len(_json(tool)) for tool in call.tools)
    prompt = -(-size // BYTES_PER_TOKEN) + TOKENS_PER_MESSAGE * (len(call.messages) + len(call.tools) + 1)
    return Usage(input=prompt, output=call.parameters.max_tokens or 0)


def most_cost(usage: Usage, price: Price) -> int:
    """What `usage` costs at most, in billionths of a dollar, rounded up."""
    return price.of(usage) + 1 if price.input or price.output else 0


def total(one: Usage, other: Usage) -> Usage:
    """Both together."""
    return Usage(
        one.input + other.input,
        one.output + other.output,
        one.cached + other.cached,
        one.reasoning + other.reasoning,
    )


def _first(*values: T | None) -> T | None:
    return next((value for value in values if value is not None), None)


def _json(value: object) -> str:
    return json.dumps(value, default=str) if value else ""
