"""What the real providers refuse: a request that passes here would pass there."""

from __future__ import annotations

import re
from typing import Any

from events.commit import Json

_THINKING = ("gpt-5", "gpt-6", "o1", "o3", "o4")
_NEVER_WHEN_THINKING = ("max_tokens", "frequency_penalty", "presence_penalty", "stop")
_QUALITIES = ("auto", "low", "medium", "high", "xhigh", "max")
_SAMPLING = ("temperature", "top_p", "top_k")
_LIMITS = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "maxItems",
)
"""Of JSON schema, what Anthropic's structured output does not take."""


def check_chat(body: Json) -> None:
    """Raises `ValueError` with OpenAI's words where chat completions would answer 400."""
    if not body["messages"]:
        raise ValueError("Invalid 'messages': empty array.")
    model = str(body["model"])
    if model.startswith(_THINKING):
        refused = [name for name in _NEVER_WHEN_THINKING if body.get(name)]
        if body.get("reasoning_effort") != "none":
            refused += [name for name in _SAMPLING if name in body]
            if body.get("tools"):
                raise ValueError(
                    "Function tools with reasoning_effort are not supported in /v1/chat/completions."
                )
        if refused:
            raise ValueError(f"Unsupported parameter: '{refused[0]}' is not supported with this model.")
    format_ = body.get("response_format") or {}
    if format_.get("type") == "json_object":
        _check_json_mode(str(body["messages"]))
    if format_.get("type") == "json_schema":
        _check_format(format_["json_schema"])


def check_responses(body: Json) -> None:
    """Raises `ValueError` with OpenAI's words where the Responses API would answer 400."""
    model = str(body["model"])
    thinking = model.startswith(_THINKING) and (body.get("reasoning") or {}).get("effort") != "none"
    for name in ("frequency_penalty", "presence_penalty", "stop", "seed", "max_tokens", "messages"):
        if name in body:
            raise ValueError(f"Unknown parameter: '{name}'.")
    for name in _SAMPLING:
        if thinking and name in body:
            raise ValueError(f"Unsupported parameter: '{name}' is not supported with this model.")
    format_ = (body.get("text") or {}).get("format") or {}
    if format_.get("type") == "json_object":
        _check_json_mode(str(body["input"]))
    if format_.get("type") == "json_schema":
        _check_format(format_)


def check_images(body: Json) -> None:
    """Raises `ValueError` with OpenAI's words where the Images API would answer 400."""
    model, size = str(body["model"]), str(body.get("size", "auto"))
    if not str(body["prompt"]).strip() or len(str(body["prompt"])) > 32_000:
        raise ValueError("Invalid 'prompt': string too short or too long.")
    if model.startswith("gpt-image") and "response_format" in body:
        raise ValueError("Unknown parameter: 'response_format'.")
    if model.startswith("gpt-image") and body.get("quality", "auto") not in _QUALITIES:
        raise ValueError(f"Invalid value: '{body['quality']}'.")
    found = re.fullmatch(r"(\d+)x(\d+)", size)
    if size != "auto" and (found is None or any(int(side) % 16 for side in found.groups())):
        raise ValueError(f"Invalid value: '{size}'. Width and height must both be divisible by 16.")


def check_messages(body: Json, version: str) -> None:
    """Raises `ValueError` with Anthropic's words where the Messages API of `version` would answer 400."""
    sampled = [name for name in _SAMPLING if name in body]
    if sampled and version != "2023-06-01":
        raise ValueError(f"{sampled[0]}: Extra inputs are not permitted")
    if {"temperature", "top_p"} <= set(sampled):
        raise ValueError("`temperature` and `top_p` cannot both be specified for this model.")
    if not body["messages"]:
        raise ValueError("messages: at least one message is required")
    for message in body["messages"]:
        content = message["content"]
        texts = [content] if isinstance(content, str) else [b["text"] for b in content if b["type"] == "text"]
        if message["role"] not in ("user", "assistant"):
            raise ValueError("messages: Unexpected role. Allowed roles are 'user' or 'assistant'")
        if not content or not all(text.strip() for text in texts):
            raise ValueError("messages: text content blocks must be non-empty")
    format_ = (body.get("output_config") or {}).get("format") or {}
    if format_:
        _check_accepted(format_["schema"])


def _check_json_mode(text: str) -> None:
    if "json" not in text.lower():
        raise ValueError("'messages' must contain the word 'json' in some form to use 'json_object'.")


def _check_format(format_: Json) -> None:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", str(format_["name"])):
        raise ValueError("Invalid 'response_format.json_schema.name': string does not match pattern.")
    if format_.get("strict"):
        _check_strict(format_["schema"])


def _check_strict(schema: Any) -> None:
    for each in _objects(schema):
        properties = each.get("properties", {})
        if each.get("additionalProperties") is not False:
            raise ValueError(
                "Invalid schema: 'additionalProperties' is required to be supplied and to be false."
            )
        if set(each.get("required", ())) != set(properties):
            raise ValueError("Invalid schema: 'required' is required to include every key in properties.")


def _check_accepted(schema: Any) -> None:
    for each in _schemas(schema):
        limits = [name for name in _LIMITS if name in each]
        if limits:
            raise ValueError(f"output_config.format.schema: property '{limits[0]}' is not supported")
    for each in _objects(schema):
        if each.get("additionalProperties") is not False:
            raise ValueError(
                "output_config.format.schema: 'additionalProperties' must be explicitly set to false"
            )


def _objects(schema: Any) -> list[Json]:
    return [each for each in _schemas(schema) if each.get("type") == "object"]


def _schemas(schema: Any) -> list[Json]:
    if not isinstance(schema, dict):
        return []
    below = [each for name in ("properties", "$defs") for each in schema.get(name, {}).values()]
    below += [each for name in ("anyOf", "oneOf", "allOf") for each in schema.get(name, ())]
    return [schema, *(found for each in (*below, schema.get("items")) for found in _schemas(each))]
