"""The wire format of `POST /v1/chat/completions`: bodies in, answers, pieces and errors out.

Format: the OpenAI API reference, "Chat completions". Fields we have no use for are accepted and ignored, as clients
send whatever their library knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from events.commit import Json
from events.decision import Usage

MAX_MESSAGES = 512
MAX_CONTENT = 200_000
"""Characters of all messages together."""
MAX_TOOLS = 64


class WireError(Exception):
    """A refusal in the format's own shape.

    Parameters: `status` the HTTP status, `message` what the caller is told, `kind` and `code` the format's own words,
    `param` the field to blame; `retry_after` in seconds where waiting helps.
    """

    def __init__(
        self,
        status: int,
        message: str,
        kind: str = "invalid_request_error",
        *,
        code: str | None = None,
        param: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.retry_after = status, retry_after
        self.body: Json = {"error": {"message": message, "type": kind, "param": param, "code": code}}


class _Open(BaseModel):
    model_config = ConfigDict(extra="allow", allow_inf_nan=False)


class ChatMessage(_Open):
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[dict[str, Any]] | None = None

    def text(self) -> str:
        """The text of the message. Raises `WireError` for pictures and sounds: they are not passed on."""
        if not isinstance(self.content, list):
            return self.content or ""
        parts = []
        for part in self.content:
            if part.get("type") not in {"text", "input_text"} or not isinstance(part.get("text"), str):
                raise WireError(400, "messages: only parts of type text are understood", param="messages")
            parts.append(part["text"])
        return "\n".join(parts)


class ResponseFormat(_Open):
    type: Literal["text", "json_object", "json_schema"] = "text"
    json_schema: dict[str, Any] | None = None


class StreamOptions(_Open):
    include_usage: bool = False


class ChatRequest(_Open):
    """The body. `user` is whoever asks at the caller's: a claim, used for limits and for whom an NPC remembers."""

    model: Annotated[str, Field(min_length=1, max_length=200)]
    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=MAX_MESSAGES)]
    stream: bool = False
    stream_options: StreamOptions | None = None
    max_tokens: Annotated[int | None, Field(ge=1)] = None
    max_completion_tokens: Annotated[int | None, Field(ge=1)] = None
    temperature: Annotated[float | None, Field(ge=0, le=2)] = None
    top_p: Annotated[float | None, Field(ge=0, le=1)] = None
    frequency_penalty: Annotated[float | None, Field(ge=-2, le=2)] = None
    presence_penalty: Annotated[float | None, Field(ge=-2, le=2)] = None
    stop: str | Annotated[list[str], Field(max_length=4)] | None = None
    seed: int | None = None
    n: Annotated[int | None, Field(ge=1, le=1)] = None
    user: Annotated[str | None, Field(max_length=128)] = None
    tools: Annotated[list[dict[str, Any]] | None, Field(max_length=MAX_TOOLS)] = None
    tool_choice: Any = None
    response_format: ResponseFormat | None = None

    def question(self) -> str:
        """What is asked: the last message of the user; empty when there is none."""
        last = next((m for m in reversed(self.messages) if m.role == "user"), None)
        return last.text().strip() if last else ""

    def inputs(self, longest: int, caller: str) -> Json:
        """The facts of `commands.agents.chat.question`; no answer may have more than `longest` tokens."""
        wanted = self.max_completion_tokens or self.max_tokens or longest
        stop = [self.stop] if isinstance(self.stop, str) else self.stop or []
        form = self.response_format or ResponseFormat()
        schema = (form.json_schema or {}).get("schema") if form.type == "json_schema" else None
        return {
            "messages": [_message(message) for message in self.messages],
            "parameters": {
                "max_tokens": min(wanted, longest),
                "temperature": self.temperature,
                "top_p": self.top_p,
                "frequency_penalty": self.frequency_penalty,
                "presence_penalty": self.presence_penalty,
                "stop": stop,
                "seed": self.seed,
            },
            "schema": schema if isinstance(schema, dict) else None,
            "json": form.type == "json_object",
            "tools": self.tools or [],
            "tool_choice": self.tool_choice,
            "caller": caller,
        }


def read_body(body: bytes, *, empty: str) -> ChatRequest:
    """Raises `WireError` 400 naming the field; `empty` is what is said when nothing is asked."""
    try:
        request = ChatRequest.model_validate_json(body)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise WireError(400, f"{where or 'body'}: {problem['msg']}", param=where or None) from None
    if sum(len(message.text()) for message in request.messages) > MAX_CONTENT:
        told = f"messages: at most {MAX_CONTENT} characters together"
        raise WireError(400, told, code="context_length_exceeded", param="messages")
    if not request.question():
        raise WireError(400, empty, param="messages")
    return request


def completion(
    answer_id: str, model: str, created: int, content: str, calls: list[Any], finish: str, usage: Usage
) -> Json:
    """A whole answer."""
    message: Json = {
        "role": "assistant",
        "content": content if content or not calls else None,
        "refusal": None,
    }
    if calls:
        message["tool_calls"] = calls
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish or "stop"}
    return {
        "id": answer_id,
        "object": "chat.completion",
        "created": created,
        "model": model,
        "choices": [choice],
        "usage": used(usage),
    }


def piece(answer_id: str, model: str, created: int, delta: Json, finish: str | None = None) -> Json:
    """A piece of an answer that is streamed."""
    return {
        "id": answer_id,
        "object": "chat.completion.chunk",
        "created": created,
        "model": model,
        "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}],
    }


def used(usage: Usage) -> Json:
    return {
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
        "prompt_tokens_details": {"cached_tokens": usage.cached},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning},
    }


def _message(message: ChatMessage) -> Json:
    extra: Mapping[str, Any] = message.model_extra or {}
    kept = {
        name: extra[name] for name in ("name", "tool_calls", "tool_call_id") if extra.get(name) is not None
    }
    role = "system" if message.role == "developer" else message.role
    return {"role": role, "content": message.text(), "extra": kept}
