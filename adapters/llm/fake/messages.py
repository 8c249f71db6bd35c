"""The wire format of Anthropic's Messages API, version 2026-10-21, as a server speaks it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from adapters.llm.fake import chat
from adapters.llm.fake.answering import Answer
from adapters.llm.fake.question import Question
from adapters.llm.fake.strictness import check_messages
from events.commit import Json

_FINISHES = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
}
_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}
_CHOICES = {"any": "required", "auto": "auto", "none": "none"}


def question_of(body: Json, headers: Mapping[str, str]) -> Question:
    """Raises `ValueError` for what Anthropic refuses, KeyError, TypeError … when the body is not a request at all."""
    check_messages(body, headers.get("anthropic-version", ""))
    turns = [("system", chat.text_of(body["system"]))] if body.get("system") else []
    answered = False
    for message in body["messages"]:
        content = message["content"]
        blocks = content if isinstance(content, list) else [{"type": "text", "text": content}]
        for block in blocks:
            answered = block["type"] == "tool_result"
            turns.append(("tool" if answered else str(message["role"]), _text(block)))
    format_ = (body.get("output_config") or {}).get("format") or {}
    choice = body.get("tool_choice") or {}
    return Question(
        str(body["model"]),
        tuple(turns),
        schema=format_["schema"] if format_.get("type") == "json_schema" else None,
        tools=tuple(_tool(tool) for tool in body.get("tools") or ()),
        tool_choice=(
            {"name": choice["name"]}
            if choice.get("type") == "tool"
            else _CHOICES.get(str(choice.get("type")))
        ),
        max_tokens=int(body["max_tokens"]),
        stream=bool(body.get("stream")),
        answered=answered,
    )


def whole(identity: str, body: Json, answer: Answer) -> Json:
    blocks: list[Json] = [{"type": "text", "text": answer.text, "citations": None}] if answer.text else []
    for call in answer.calls:
        function = call["function"]
        given = json.loads(function["arguments"])
        blocks.append({"type": "tool_use", "id": _identity(call), "name": function["name"], "input": given})
    return {**_head(identity, body), "content": blocks, **_end(answer), "usage": _usage(answer)}


def events(identity: str, body: Json, answer: Answer) -> Iterator[tuple[str, Json | str]]:
    """Pairs of event name and data."""
    for name, data in _events(identity, body, answer):
        yield name, {"type": name, **data}


def error(status: int, message: str) -> Json:
    kind = _TYPES.get(status, "api_error" if status >= 500 else "invalid_request_error")
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_fake"}


def late_error(message: str) -> tuple[str, Json]:
    """An error inside a stream."""
    return "error", error(529, message)


def _events(identity: str, body: Json, answer: Answer) -> Iterator[tuple[str, Json]]:
    begun = {**_head(identity, body), "content": [], "stop_reason": None, "stop_sequence": None}
    yield "message_start", {"message": {**begun, "usage": {**_usage(answer), "output_tokens": 1}}}
    yield "ping", {}
    index = 0
    if answer.text:
        yield "content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}
        for piece in answer.pieces():
            yield "content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": piece}}
        yield "content_block_stop", {"index": 0}
        index = 1
    for at, call in enumerate(answer.calls, index):
        function = call["function"]
        block = {"type": "tool_use", "id": _identity(call), "name": function["name"], "input": {}}
        yield "content_block_start", {"index": at, "content_block": block}
        half = len(function["arguments"]) // 2
        for part in (function["arguments"][:half], function["arguments"][half:]):
            yield (
                "content_block_delta",
                {"index": at, "delta": {"type": "input_json_delta", "partial_json": part}},
            )
        yield "content_block_stop", {"index": at}
    yield "message_delta", {"delta": _end(answer), "usage": _usage(answer)}
    yield "message_stop", {}


def _head(identity: str, body: Json) -> Json:
    return {"id": f"msg_{identity}", "type": "message", "role": "assistant", "model": body["model"]}


def _end(answer: Answer) -> Json:
    return {"stop_reason": _FINISHES[answer.finish], "stop_sequence": None}


def _usage(answer: Answer) -> Json:
    return {
        "input_tokens": answer.input_tokens - answer.cached_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": answer.cached_tokens,
        "output_tokens": answer.output_tokens,
        "service_tier": "standard",
    }


def _identity(call: Json) -> str:
    return str(call["id"]).replace("call_", "toolu_")


def _tool(tool: Json) -> Json:
    function = {"name": tool["name"], "parameters": tool.get("input_schema")}
    return {"type": "function", "function": function}


def _text(block: Any) -> str:
    kind = block["type"]
    if kind == "text":
        return str(block["text"])
    if kind == "tool_use":
        return f"{block['name']}({json.dumps(block['input'], ensure_ascii=False)})"
    if kind == "tool_result":
        return chat.text_of(block.get("content"))
    return ""
