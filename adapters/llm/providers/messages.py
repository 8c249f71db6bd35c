"""Anthropic's Messages API."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from adapters.llm.book import ProviderEntry
from adapters.llm.port import Completion, Delta, ModelCall
from adapters.llm.providers.chat import count
from adapters.llm.providers.provider import Gathering
from adapters.llm.providers.sampling import (
    max_tokens_of,
    settled,
    unfenced,
    with_schema,
)
from commands.agents.ask import Message
from events.commit import Json
from events.decision import Usage

SAMPLING_VERSION = "2023-06-01"
"""The version of the API that still takes a temperature; its successor refuses every sampling parameter."""

_ANSWER = "answer"
"""The tool that stands for the schema."""

_FINISHES = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}
_CHOICES = {"required": "any", "auto": "auto", "none": "none"}


@dataclass(frozen=True, slots=True)
class Messages:
    """See `adapters.llm.providers.provider.Dialect`.

    A schema travels as `output_config.format`, or, for models older than that (`structured = "tool"`), as the input
    of a tool that has to be called.
    """

    entry: ProviderEntry

    def request(self, call: ModelCall) -> dict[str, Any]:
        entry, messages = self.entry, call.messages
        if call.schema is not None and entry.structured in ("json", "prompt"):
            messages = with_schema(messages, call.schema)
        instructions = "\n\n".join(
            each.content for each in messages if each.role == "system" and each.content
        )
        turns = [turn for each in messages if each.role != "system" for turn in _turns(each)]
        if not turns:
            turns, instructions = [{"role": "user", "content": instructions}], ""
        request: dict[str, Any] = {
            "model": call.model,
            "max_tokens": max_tokens_of(call, entry),
            "messages": turns,
            **self._sampling(call),
        }
        if instructions:
            request["system"] = instructions
        output: Json = {}
        if call.schema is not None and entry.structured == "schema":
            output["format"] = {"type": "json_schema", "schema": _accepted(call.schema)}
        if entry.reasoning_effort == "none":
            request["thinking"] = {"type": "disabled"}
        elif entry.reasoning_effort:
            output["effort"] = entry.reasoning_effort
        if output:
            request["output_config"] = output
        tools = [_tool(tool) for tool in call.tools]
        if call.tools and call.tool_choice is not None:
            request["tool_choice"] = _tool_choice(call.tool_choice)
        if call.schema is not None and entry.structured == "tool":
            tools.append({"name": _ANSWER, "description": "Give the answer.", "input_schema": call.schema})
            request["tool_choice"] = {"type": "any"} if call.tools else {"type": "tool", "name": _ANSWER}
        if tools:
            request["tools"] = tools
        return request

    def read(self, answer: Json) -> Completion:
        texts, calls = [], []
        for block in answer["content"]:
            if block["type"] == "text":
                texts.append(str(block["text"]))
            elif block["type"] == "tool_use":
                calls.append(_call(block["id"], block["name"], _json(block["input"])))
        return self._completion(
            "".join(texts), calls, str(answer.get("model") or ""), answer.get("stop_reason"), usage_of(answer)
        )

    def gathering(self) -> Gathering:
        return _MessagesGathering(self)

    def _completion(
        self, text: str, calls: list[Json], model: str, reason: object, usage: Usage
    ) -> Completion:
        finish = _FINISHES.get(str(reason), "stop")
        if self.entry.structured == "tool" and calls and not text.strip():
            answers = [each for each in calls if each["function"]["name"] == _ANSWER]
            if answers:
                text, calls, finish = answers[0]["function"]["arguments"], [], "stop"
        elif self.entry.structured in ("json", "prompt"):
            text = unfenced(text)
        return Completion(text, model, finish, usage, tuple(calls))

    def _sampling(self, call: ModelCall) -> dict[str, Any]:
        sampled = settled(call, self.entry)
        found: dict[str, Any] = {"stop_sequences": sampled["stop"]} if "stop" in sampled else {}
        if self.entry.api_version == SAMPLING_VERSION:
            # One of the two: newer models refuse both together. The SDK has dropped them, so they go beside it.
            name = next((each for each in ("temperature", "top_p") if each in sampled), None)
            if name is not None:
                found["extra_body"] = {name: min(sampled[name], 1.0)}
        return found


class _MessagesGathering:
    def __init__(self, dialect: Messages) -> None:
        self._dialect = dialect
        self._texts: list[str] = []
        self._calls: dict[int, Json] = {}
        self._message: Json = {}
        self._usage: Json = {}
        self._reason: object = None
        self._ended = False

    def add(self, event: Json) -> Delta | None:
        kind = event.get("type")
        if kind == "message_start":
            self._message = event["message"]
            self._usage = dict(self._message.get("usage") or {})
        elif kind == "content_block_start" and event["content_block"]["type"] == "tool_use":
            block = event["content_block"]
            self._calls[event["index"]] = _call(block["id"], block["name"], "")
            return self._piece(event["index"], self._calls[event["index"]])
        elif kind == "content_block_delta":
            return self._content(event["index"], event["delta"])
        elif kind == "message_delta":
            self._reason = event["delta"].get("stop_reason")
            self._usage.update({k: v for k, v in (event.get("usage") or {}).items() if v is not None})
        elif kind == "message_stop":
            self._ended = True
        return None

    def completion(self) -> Completion | None:
        if not self._ended:
            return None
        calls = [self._calls[index] for index in sorted(self._calls)]
        for call in calls:
            call["function"]["arguments"] = call["function"]["arguments"] or "{}"
        return self._dialect._completion(
            "".join(self._texts),
            calls,
            str(self._message.get("model") or ""),
            self._reason,
            usage_of({"usage": self._usage}),
        )

    def _content(self, index: int, delta: Json) -> Delta | None:
        if delta["type"] == "text_delta":
            self._texts.append(str(delta["text"]))
            return Delta(str(delta["text"]))
        if delta["type"] == "input_json_delta":
            self._calls[index]["function"]["arguments"] += str(delta["partial_json"])
            return self._piece(index, {"function": {"arguments": str(delta["partial_json"])}})
        return None

    def _piece(self, index: int, call: Json) -> Delta:
        position = sorted(self._calls).index(index)
        return Delta(tool_calls=({"index": position, **json.loads(json.dumps(call))},))


def _accepted(schema: Json) -> Json:
    """The schema without what Anthropic refuses: the SDK moves such limits into the descriptions."""
    from anthropic import transform_schema

    return transform_schema(schema)


def _turns(message: Message) -> list[Json]:
    if message.role == "tool":
        called = str(message.extra.get("tool_call_id", ""))
        result = {"type": "tool_result", "tool_use_id": called, "content": message.content}
        return [{"role": "user", "content": [result]}]
    blocks: list[Json] = [{"type": "text", "text": message.content}] if message.content.strip() else []
    for call in message.extra.get("tool_calls") or ():
        function = call["function"]
        given = json.loads(function["arguments"] or "{}")
        blocks.append(
            {"type": "tool_use", "id": str(call["id"]), "name": str(function["name"]), "input": given}
        )
    if not blocks:
        return []
    plain = len(blocks) == 1 and blocks[0]["type"] == "text"
    return [{"role": message.role, "content": message.content if plain else blocks}]


def _tool(tool: Json) -> Json:
    function = tool["function"]
    return {
        "name": function["name"],
        "description": function.get("description", ""),
        "input_schema": function.get("parameters") or {"type": "object", "properties": {}},
    }


def _tool_choice(choice: Any) -> Json:
    if isinstance(choice, dict):
        return {"type": "tool", "name": choice["function"]["name"]}
    return {"type": _CHOICES.get(str(choice), "auto")}


def _call(identity: object, name: object, arguments: str) -> Json:
    return {"id": str(identity), "type": "function", "function": {"name": str(name), "arguments": arguments}}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def usage_of(answer: Json) -> Usage:
    """Tokens of a message. What was read from or written to the provider's cache counts as input, too."""
    found = answer.get("usage")
    read = count(found, "cache_read_input_tokens")
    written = count(found, "cache_creation_input_tokens")
    details = found.get("output_tokens_details") if isinstance(found, dict) else None
    return Usage(
        count(found, "input_tokens") + read + written,
        count(found, "output_tokens"),
        read,
        count(details, "thinking_tokens"),
    )
