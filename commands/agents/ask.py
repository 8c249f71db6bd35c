"""A question to a model, as a value that can be stored, hashed and asked again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, fields
from typing import Any

from pydantic import TypeAdapter

from events.commit import Json
from events.decision import Prompt


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `role` is `system`, `user`, `assistant` or `tool`; only `system` holds instructions.

    `extra` keeps what a caller of the compatible endpoint sent beside it (`name`, `tool_calls`, `tool_call_id`).
    """

    role: str
    content: str
    extra: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parameters:
    """How to sample (`rathena-server-side.md` §7.1). None leaves it to the provider's own setting."""

    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Canvas:
    """The picture that is asked for in place of a text. Empty fields leave it to the provider's own setting.

    `size` is `<width>x<height>` in pixels; `quality` one of the model's own words (`low`, `medium`, `high` …).
    """

    size: str = ""
    quality: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked, on whose behalf, and from which facts it was rendered.

    `agent` names an agent of `conf/agents.toml`, `purpose` one of `commands.agents.purposes`. `schema` is the JSON
    schema the answer must fit (None: plain text) and `tools` those of a caller that brings its own. With a `canvas`
    a picture is asked for: the answer's text is then a receipt (`commands.agents.illustration`). `inputs`,
    `prompt`, `memories` and the three ids say where the question came from; they are recorded, not sent.
    """

    agent: str
    purpose: str
    messages: tuple[Message, ...]
    parameters: Parameters = field(default_factory=Parameters)
    schema: Json | None = None
    tools: tuple[Json, ...] = ()
    tool_choice: Any = None
    prompt: Prompt | None = None
    inputs: Json = field(default_factory=dict)
    memories: tuple[int, ...] = ()
    npc_id: str = ""
    player_id: str = ""
    request_id: str = ""
    canvas: Canvas | None = None

    def sent(self) -> Json:
        """What a provider gets to see, as plain JSON: the part that decides the answer."""
        found: Json = {
            "messages": [{"role": m.role, "content": m.content, "extra": m.extra} for m in self.messages],
            "parameters": {name: getattr(self.parameters, name) for name in _SAMPLING},
            "schema": self.schema,
            "tools": list(self.tools),
            "tool_choice": self.tool_choice,
        }
        if self.canvas is not None:
            found["canvas"] = {"size": self.canvas.size, "quality": self.canvas.quality}
        return found

    def key(self) -> str:
        """SHA-256 of the agent, the purpose and what is sent, in canonical JSON; equal questions have equal keys."""
        return canonical_key({"agent": self.agent, "purpose": self.purpose, **self.sent()})


_SAMPLING = tuple(each.name for each in fields(Parameters))
"""`dataclasses.asdict` copies all it meets, which costs more than the rest of a question."""


def canonical_key(value: Json) -> str:
    """SHA-256 of `value` in canonical JSON (sorted keys, no spaces, UTF-8), as 64 hexadecimal digits."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=list)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


_sent: TypeAdapter[Ask] = TypeAdapter(Ask)


def asked(agent: str, purpose: str, sent: Json) -> Ask:
    """The question whose `sent()` was recorded in a decision. Raises pydantic's `ValidationError`."""
    return _sent.validate_python({"agent": agent, "purpose": purpose, **sent})
