"""The wire format of OpenAI's chat completions, as a server speaks it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.llm.fake.answering import Answer
from adapters.llm.fake.question import Question
from adapters.llm.fake.strictness import check_chat
from events.commit import Json


def question_of(body: Json, headers: Mapping[str, str]) -> Question:  # noqa: ARG001 (others need them)
    """Raises `ValueError` for what OpenAI refuses, KeyError, TypeError … when the body is not a request at all."""
    check_chat(body)
    format_ = body.get("response_format") or {}
    turns = tuple((str(each["role"]), text_of(each.get("content"))) for each in body["messages"])
    return Question(
        str(body["model"]),
        turns,
        schema=format_["json_schema"]["schema"] if format_.get("type") == "json_schema" else None,
        json_only=format_.get("type") == "json_object",
        tools=tuple(body.get("tools") or ()),
        tool_choice=body.get("tool_choice"),
        max_tokens=body.get("max_completion_tokens") or body.get("max_tokens"),
        stream=bool(body.get("stream")),
        answered=bool(turns) and turns[-1][0] == "tool",
    )


def whole(identity: str, body: Json, answer: Answer) -> Json:
    message: Json = {"role": "assistant", "content": answer.text or None, "refusal": None, "annotations": []}
    if answer.finish == "content_filter":
        message.update(content=None, refusal=answer.text)
    if answer.calls:
        message["tool_calls"] = list(answer.calls)
    finish = "stop" if answer.finish == "content_filter" else answer.finish
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
    return {**_head(identity, body, "chat.completion"), "choices": [choice], "usage": usage(answer)}


def events(identity: str, body: Json, answer: Answer) -> Iterator[tuple[str, Json | str]]:
    """Pairs of event name (here always empty) and data."""
    head = _head(identity, body, "chat.completion.chunk")
    reported = bool((body.get("stream_options") or {}).get("include_usage"))

    def chunk(delta: Json, finish: str | None = None) -> tuple[str, Json]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return "", {**head, "choices": [choice], **({"usage": None} if reported else {})}

    refused = answer.finish == "content_filter"
    yield chunk({"role": "assistant", "content": None if refused else "", "refusal": None})
    for piece in answer.pieces():
        yield chunk({"refusal": piece} if refused else {"content": piece})
    for at, call in enumerate(answer.calls):
        arguments = call["function"]["arguments"]
        half = len(arguments) // 2
        yield chunk(
            {"tool_calls": [{"index": at, **call, "function": {**call["function"], "arguments": ""}}]}
        )
        for part in (arguments[:half], arguments[half:]):
            yield chunk({"tool_calls": [{"index": at, "function": {"arguments": part}}]})
    yield chunk({}, "stop" if refused else answer.finish)
    if reported:
        yield "", {**head, "choices": [], "usage": usage(answer)}
    yield "", "[DONE]"


def error(status: int, message: str) -> Json:
    kinds = {
        401: "authentication_error",
        403: "permission_error",
        404: "not_found_error",
        429: "rate_limit_error",
    }
    kind = kinds.get(status, "server_error" if status >= 500 else "invalid_request_error")
    code = "rate_limit_exceeded" if status == 429 else None
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def late_error(message: str) -> tuple[str, Json]:
    """An error inside a stream."""
    return "", error(500, message)


def usage(answer: Answer) -> Json:
    return {
        "prompt_tokens": answer.input_tokens,
        "completion_tokens": answer.output_tokens,
        "total_tokens": answer.input_tokens + answer.output_tokens,
        "prompt_tokens_details": {"cached_tokens": answer.cached_tokens, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }


def text_of(content: Any) -> str:
    """Content as text: a string, or the text parts of a list."""
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _head(identity: str, body: Json, kind: str) -> Json:
    return {
        "id": f"chatcmpl-{identity}",
        "object": kind,
        "created": 1_700_000_000,
        "model": body["model"],
        "service_tier": "default",
        "system_fingerprint": "fp_fake",
    }
