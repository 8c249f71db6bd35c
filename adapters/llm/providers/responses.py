"""OpenAI's Responses API (`/v1/responses`). Nothing is stored at the provider: the log is our memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from adapters.llm.book import ProviderEntry
from adapters.llm.port import Completion, Delta, ModelCall
from adapters.llm.providers.chat import count
from adapters.llm.providers.failure import ReportedFailure
from adapters.llm.providers.provider import Gathering
from adapters.llm.providers.sampling import (
    max_tokens_of,
    model_of,
    schema_name,
    settled,
    strict,
    unfenced,
    with_schema,
)
from commands.agents.ask import Message
from events.commit import Json
from events.decision import Usage

_SAMPLED = ("temperature", "top_p")
"""The others of `settled` do not exist here."""


@dataclass(frozen=True, slots=True)
class Responses:
    """See `adapters.llm.providers.provider.Dialect`."""

    entry: ProviderEntry

    def request(self, call: ModelCall) -> dict[str, Any]:
        entry, messages = self.entry, call.messages
        if call.schema is not None and entry.structured != "schema":
            messages = with_schema(messages, call.schema)
        sampled = settled(call, entry)
        request: dict[str, Any] = {
            "model": model_of(call, entry),
            "input": [item for message in messages for item in _items(message)],
            "max_output_tokens": max_tokens_of(call, entry),
            "store": False,
            **{name: sampled[name] for name in _SAMPLED if name in sampled},
        }
        if entry.reasoning_effort:
            request["reasoning"] = {"effort": entry.reasoning_effort}
        if call.schema is not None and entry.structured != "prompt":
            request["text"] = {"format": _format(call.schema, entry.structured)}
        if call.tools:
            request["tools"] = [_tool(tool) for tool in call.tools]
            if call.tool_choice is not None:
                request["tool_choice"] = _tool_choice(call.tool_choice)
        return request

    def read(self, answer: Json) -> Completion:
        if answer.get("status") == "failed":
            raise ReportedFailure(answer.get("error"))
        texts: list[str] = []
        calls: list[Json] = []
        refused = False
        for item in answer["output"]:
            if item["type"] == "function_call":
                calls.append(_call(item["call_id"], item["name"], item["arguments"]))
            elif item["type"] == "message":
                for part in item["content"]:
                    refused = refused or part["type"] == "refusal"
                    texts.append(str(part.get("text") or part.get("refusal") or ""))
        text = "".join(texts)
        if self.entry.structured != "schema":
            text = unfenced(text)
        finish = "content_filter" if refused else _finish(answer, bool(calls))
        return Completion(
            text, str(answer.get("model") or ""), finish, _usage(answer.get("usage")), tuple(calls)
        )

    def gathering(self) -> Gathering:
        return _ResponsesGathering(self)


class _ResponsesGathering:
    """The last event carries the whole response; the ones before are only passed on."""

    def __init__(self, dialect: Responses) -> None:
        self._dialect = dialect
        self._calls: dict[int, int] = {}
        self._whole: Json | None = None

    def add(self, event: Json) -> Delta | None:
        kind = event.get("type")
        if kind in ("response.output_text.delta", "response.refusal.delta"):
            return Delta(str(event["delta"]))
        if kind == "response.output_item.added" and event["item"].get("type") == "function_call":
            item = event["item"]
            index = self._calls.setdefault(event["output_index"], len(self._calls))
            return Delta(tool_calls=({"index": index, **_call(item["call_id"], item["name"], "")},))
        if kind == "response.function_call_arguments.delta":
            index = self._calls[event["output_index"]]
            return Delta(tool_calls=({"index": index, "function": {"arguments": str(event["delta"])}},))
        if kind in ("response.completed", "response.incomplete"):
            self._whole = event["response"]
        elif kind == "response.failed":
            raise ReportedFailure(event["response"].get("error"))
        elif kind == "error":
            raise ReportedFailure(event)
        return None

    def completion(self) -> Completion | None:
        return None if self._whole is None else self._dialect.read(self._whole)


def _items(message: Message) -> list[Json]:
    if message.role == "tool":
        called = str(message.extra.get("tool_call_id", ""))
        return [{"type": "function_call_output", "call_id": called, "output": message.content}]
    items: list[Json] = []
    if message.content:
        items.append({"role": message.role, "content": message.content})
    for call in message.extra.get("tool_calls") or ():
        function = call["function"]
        items.append(
            {
                "type": "function_call",
                "call_id": str(call["id"]),
                "name": str(function["name"]),
                "arguments": str(function["arguments"]),
            }
        )
    return items


def _format(schema: Json, structured: str) -> Json:
    if structured != "schema":
        return {"type": "json_object"}
    return {"type": "json_schema", "name": schema_name(schema), "schema": schema, "strict": strict(schema)}


def _tool(tool: Json) -> Json:
    function = tool["function"]
    return {
        "type": "function",
        "name": function["name"],
        "description": function.get("description", ""),
        "parameters": function.get("parameters") or {"type": "object", "properties": {}},
        "strict": bool(function.get("strict", False)),
    }


def _tool_choice(choice: Any) -> Any:
    if isinstance(choice, dict) and "function" in choice:
        return {"type": "function", "name": choice["function"]["name"]}
    return choice


def _call(identity: object, name: object, arguments: object) -> Json:
    return {
        "id": str(identity),
        "type": "function",
        "function": {"name": str(name), "arguments": str(arguments)},
    }


def _finish(answer: Json, calls: bool) -> str:
    if answer.get("status") == "incomplete":
        reason = (answer.get("incomplete_details") or {}).get("reason")
        return "content_filter" if reason == "content_filter" else "length"
    return "tool_calls" if calls else "stop"


def _usage(found: Any) -> Usage:
    if not isinstance(found, dict):
        return Usage()
    return Usage(
        count(found, "input_tokens"),
        count(found, "output_tokens"),
        count(found.get("input_tokens_details"), "cached_tokens"),
        count(found.get("output_tokens_details"), "reasoning_tokens"),
    )
