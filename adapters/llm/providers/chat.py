"""OpenAI's chat completions, as OpenAI, Azure and everybody compatible speak them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from adapters.llm.book import ProviderEntry
from adapters.llm.port import Completion, Delta, ModelCall
from adapters.llm.providers.provider import Gathering
from adapters.llm.providers.sampling import (
    max_tokens_field,
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

_EXTRA = ("name", "tool_call_id")
_FINISHES = {"stop", "length", "tool_calls", "content_filter"}


@dataclass(frozen=True, slots=True)
class ChatCompletions:
    """See `adapters.llm.providers.provider.Dialect`."""

    entry: ProviderEntry

    def request(self, call: ModelCall) -> dict[str, Any]:
        entry, messages = self.entry, call.messages
        if call.schema is not None and entry.structured != "schema":
            messages = with_schema(messages, call.schema)
        request: dict[str, Any] = {
            "model": model_of(call, entry),
            "messages": [_message(message) for message in messages],
            max_tokens_field(call, entry): max_tokens_of(call, entry),
            **settled(call, entry),
        }
        if entry.reasoning_effort:
            request["reasoning_effort"] = entry.reasoning_effort
        if call.schema is not None and entry.structured != "prompt":
            request["response_format"] = _format(call.schema) if entry.structured == "schema" else _JSON
        if call.tools:
            request["tools"] = list(call.tools)
            if call.tool_choice is not None:
                request["tool_choice"] = call.tool_choice
        return request

    def read(self, answer: Json) -> Completion:
        choice = answer["choices"][0]
        message = choice["message"]
        calls = tuple(_tool_call(each) for each in message.get("tool_calls") or ())
        finish = _finish(choice.get("finish_reason"), bool(calls))
        text = _text(message.get("content"))
        if message.get("refusal"):
            text, finish = _text(message["refusal"]), "content_filter"
        return Completion(
            self._cleaned(text), _text(answer.get("model")), finish, usage_of(answer.get("usage")), calls
        )

    def gathering(self) -> Gathering:
        return _ChatGathering(self._cleaned)

    def _cleaned(self, text: str) -> str:
        return text if self.entry.structured == "schema" else unfenced(text)


class _ChatGathering:
    def __init__(self, cleaned: Any) -> None:
        self._cleaned = cleaned
        self._text: list[str] = []
        self._calls: dict[int, dict[str, Any]] = {}
        self._model = ""
        self._finish: str | None = None
        self._refused = False
        self._usage = Usage()

    def add(self, event: Json) -> Delta | None:
        self._model = _text(event.get("model")) or self._model
        if event.get("usage"):
            self._usage = usage_of(event["usage"])
        if not event.get("choices"):
            return None
        choice = event["choices"][0]
        piece = choice.get("delta") or {}
        self._finish = choice.get("finish_reason") or self._finish
        self._refused = self._refused or bool(piece.get("refusal"))
        text = _text(piece.get("content")) or _text(piece.get("refusal"))
        calls = tuple(piece.get("tool_calls") or ())
        for each in calls:
            self._gather(each)
        if text:
            self._text.append(text)
        return Delta(text, calls) if text or calls else None

    def completion(self) -> Completion | None:
        if self._finish is None:
            return None
        calls = tuple(_tool_call(self._calls[index]) for index in sorted(self._calls))
        finish = "content_filter" if self._refused else _finish(self._finish, bool(calls))
        return Completion(self._cleaned("".join(self._text)), self._model, finish, self._usage, calls)

    def _gather(self, piece: Json) -> None:
        index = piece.get("index")
        at = index if isinstance(index, int) else len(self._calls)
        known = self._calls.setdefault(at, {"id": "", "function": {"name": "", "arguments": ""}})
        known["id"] = _text(piece.get("id")) or known["id"]
        function = piece.get("function") or {}
        known["function"]["name"] += _text(function.get("name"))
        known["function"]["arguments"] += _text(function.get("arguments"))


_JSON = {"type": "json_object"}


def _format(schema: Json) -> Json:
    described = {"name": schema_name(schema), "schema": schema, "strict": strict(schema)}
    return {"type": "json_schema", "json_schema": described}


def _message(message: Message) -> Json:
    found: Json = {"role": message.role, "content": message.content}
    found.update({name: str(message.extra[name]) for name in _EXTRA if name in message.extra})
    if message.extra.get("tool_calls"):
        found["tool_calls"] = [_tool_call(each) for each in message.extra["tool_calls"]]
        found["content"] = message.content or None
    return found


def _tool_call(call: Json) -> Json:
    function = call["function"]
    name = str(function["name"])
    if not name:
        raise ValueError("a tool without a name is called")
    return {
        "id": _text(call.get("id")),
        "type": "function",
        "function": {"name": name, "arguments": _text(function.get("arguments"))},
    }


def _finish(said: object, calls: bool) -> str:
    if calls:
        return "tool_calls"
    return said if isinstance(said, str) and said in _FINISHES else "stop"


def usage_of(found: Any) -> Usage:
    """Tokens as chat completions and embeddings report them; zeros where a server does not."""
    if not isinstance(found, dict):
        return Usage()
    return Usage(
        count(found, "prompt_tokens"),
        count(found, "completion_tokens"),
        count(found.get("prompt_tokens_details"), "cached_tokens"),
        count(found.get("completion_tokens_details"), "reasoning_tokens"),
    )


def count(found: Any, name: str) -> int:
    """A number of tokens that may be missing or nonsense."""
    value = found.get(name) if isinstance(found, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
