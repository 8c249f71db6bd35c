"""The port that every model provider implements."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from commands.agents.ask import Canvas, Message, Parameters
from events.commit import Json
from events.decision import Usage


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One call as a provider gets it: `model` and every parameter are settled. See `commands.agents.ask.Ask`."""

    model: str
    messages: tuple[Message, ...]
    parameters: Parameters = field(default_factory=Parameters)
    schema: Json | None = None
    tools: tuple[Json, ...] = ()
    tool_choice: object = None
    canvas: Canvas | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole answer. `finish` is `stop`, `length`, `tool_calls` or `content_filter`; `model` the one that answered.

    Of a picture `content` holds the bytes as they came, and `text` a receipt (`commands.agents.illustration`).
    """

    text: str
    model: str
    finish: str = "stop"
    usage: Usage = field(default_factory=Usage)
    tool_calls: tuple[Json, ...] = ()
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of an answer on its way; the last one carries the whole `completion`, and no text of its own."""

    text: str = ""
    tool_calls: tuple[Json, ...] = ()
    completion: Completion | None = None


@dataclass(frozen=True, slots=True)
class Embeddings:
    """One vector per text, in order."""

    vectors: tuple[tuple[float, ...], ...]
    model: str
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """`rathena-server-side.md` §2.1 `GetCapabilities`."""

    structured: bool
    streaming: bool
    tools: bool
    embeddings: bool
    images: bool = False
    models: tuple[str, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Condition:
    """Whether a provider can be asked: `usable`, and otherwise `why` not (no key, package missing, unreachable)."""

    usable: bool
    why: str = ""


class Provider(Protocol):
    """One configured provider. Every call is bounded by `timeout` seconds and raises `events.errors.ModelError`.

    Cancelling a call closes its connection: what nobody waits for is not computed any longer.
    """

    @property
    def name(self) -> str:
        """Its key in `conf/providers.toml`."""

    def capabilities(self) -> Capabilities: ...

    def condition(self) -> Condition:
        """What is known without asking the network."""

    async def prepare(self) -> None:
        """Load what it needs, off the event loop; the first call does it otherwise.

        Raises `ModelRefused` when it has no key or is not configured.
        """

    async def probe(self, *, timeout: float) -> Condition:
        """Ask the provider itself, by its list of models."""

    async def complete(self, call: ModelCall, *, timeout: float) -> Completion: ...

    def stream(self, call: ModelCall, *, timeout: float) -> AsyncIterator[Delta]: ...

    async def draw(self, call: ModelCall, *, timeout: float) -> Completion:
        """One picture of the call's `canvas`, from the words of its messages."""

    async def embed(self, texts: Sequence[str], *, model: str, timeout: float) -> Embeddings: ...

    async def close(self) -> None: ...
