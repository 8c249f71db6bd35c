"""The wire format of OpenAI's Responses API, as a server speaks it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.llm.fake import chat
from adapters.llm.fake.answering import Answer
from adapters.llm.fake.question import Question
from adapters.llm.fake.strictness import check_responses
from events.commit import Json

error = chat.error


def question_of(body: Json, headers: Mapping[str, str]) -> Question:  # noqa: ARG001 (others need them)
    """Raises `ValueError` for what OpenAI refuses, KeyError, TypeError … when the body is not a request at all."""
    check_responses(body)
    given = body["input"]
    items = [{"role": "user", "content": given}] if isinstance(given, str) else given
    turns = [("system", str(body["instructions"]))] if body.get("instructions") else []
    turns += [_turn(item) for item in items]
    format_ = (body.get("text") or {}).get("format") or {}
    return Question(
        str(body["model"]),
        tuple(turns),
        schema=format_["schema"] if format_.get("type") == "json_schema" else None,
        json_only=format_.get("type") == "json_object",
        tools=tuple({"type": "function", "function": tool} for tool in body.get("tools") or ()),
        tool_choice=body.get("tool_choice"),
        max_tokens=body.get("max_output_tokens"),
        stream=bool(body.get("stream")),
        answered=bool(turns) and turns[-1][0] == "tool",
    )


def whole(identity: str, body: Json, answer: Answer) -> Json:
    status = "incomplete" if answer.finish == "length" else "completed"
    return {
        "id": f"resp_{identity}",
        "object": "response",
        "created_at": 1_700_000_000,
        "status": status,
        "background": False,
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if status == "incomplete" else None,
        "instructions": None,
        "max_output_tokens": body.get("max_output_tokens"),
        "model": body["model"],
        "output": _output(identity, answer),
        "parallel_tool_calls": True,
        "temperature": body.get("temperature"),
        "tool_choice": body.get("tool_choice") or "auto",
        "tools": body.get("tools") or [],
        "top_p": body.get("top_p"),
        "store": body.get("store", True),
        "metadata": {},
        "usage": {
            "input_tokens": answer.input_tokens,
            "input_tokens_details": {"cached_tokens": answer.cached_tokens, "cache_write_tokens": 0},
            "output_tokens": answer.output_tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": answer.input_tokens + answer.output_tokens,
        },
    }


def events(identity: str, body: Json, answer: Answer) -> Iterator[tuple[str, Json | str]]:
    """Pairs of event name and data, numbered."""
    for number, (name, data) in enumerate(_events(identity, body, answer)):
        yield name, {"type": name, "sequence_number": number, **data}


def late_error(message: str) -> tuple[str, Json]:
    """An error inside a stream."""
    told = {"type": "error", "code": "server_error", "message": message, "param": None, "sequence_number": 99}
    return "error", told


def _events(identity: str, body: Json, answer: Answer) -> Iterator[tuple[str, Json]]:
    done = whole(identity, body, answer)
    begun = {**done, "status": "in_progress", "output": [], "usage": None, "incomplete_details": None}
    yield "response.created", {"response": begun}
    yield "response.in_progress", {"response": begun}
    for at, item in enumerate(done["output"]):
        place = {"output_index": at}
        named = {**place, "item_id": item["id"]}
        if item["type"] == "function_call":
            yield (
                "response.output_item.added",
                {**place, "item": {**item, "arguments": "", "status": "in_progress"}},
            )
            half = len(item["arguments"]) // 2
            for part in (item["arguments"][:half], item["arguments"][half:]):
                yield "response.function_call_arguments.delta", {**named, "delta": part}
            yield "response.function_call_arguments.done", {**named, "arguments": item["arguments"]}
        else:
            yield (
                "response.output_item.added",
                {**place, "item": {**item, "content": [], "status": "in_progress"}},
            )
            yield from _content(item["content"][0], {**named, "content_index": 0}, answer)
        yield "response.output_item.done", {**place, "item": item}
    yield f"response.{done['status']}", {"response": done}


def _content(part: Json, place: Json, answer: Answer) -> Iterator[tuple[str, Json]]:
    kind = part["type"]
    field = "refusal" if kind == "refusal" else "text"
    yield "response.content_part.added", {**place, "part": {**part, field: ""}}
    for piece in answer.pieces():
        delta = {**place, "delta": piece}
        if kind == "refusal":
            yield "response.refusal.delta", delta
        else:
            yield "response.output_text.delta", {**delta, "logprobs": []}
    yield f"response.{'refusal' if kind == 'refusal' else kind}.done", {**place, field: answer.text}
    yield "response.content_part.done", {**place, "part": part}


def _output(identity: str, answer: Answer) -> list[Json]:
    items: list[Json] = [
        {
            "type": "function_call",
            "id": f"fc_{call['id']}",
            "call_id": call["id"],
            "name": call["function"]["name"],
            "arguments": call["function"]["arguments"],
            "status": "completed",
        }
        for call in answer.calls
    ]
    if answer.text or not items:
        part: Json = {"type": "output_text", "text": answer.text, "annotations": [], "logprobs": []}
        if answer.finish == "content_filter":
            part = {"type": "refusal", "refusal": answer.text}
        items.append(
            {
                "type": "message",
                "id": f"msg_{identity}",
                "status": "completed",
                "role": "assistant",
                "content": [part],
            }
        )
    return items


def _turn(item: Json) -> tuple[str, str]:
    kind: Any = item.get("type", "message")
    if kind == "function_call_output":
        return "tool", chat.text_of(item["output"])
    if kind == "function_call":
        return "assistant", f"{item['name']}({item['arguments']})"
    return str(item["role"]), chat.text_of(item.get("content"))
