"""What travels between a gateway and the command workers: a command message and its reply.

Subject `cmd.<realm>.<category>.<name>`, a NATS request; both bodies are the JSON of these values.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import TypeAdapter

from commands.codes import Code
from commands.rejection import Rejected
from events.commit import Actor, Json


@dataclass(frozen=True, slots=True)
class CommandMessage:
    """A command on its way to be decided.

    `name` is `category.verb` (`npc.register`), `stream` the aggregate's `category/id`, `args` the raw
    arguments as received. `id` makes retries harmless: `<source>/<correlation id>` for external commands,
    `<source>/<causation id>/<verb>` for follow-ups. `deadline_us` (microseconds since the epoch) is when the
    caller stops waiting; a worker that takes the message up later drops it undecided.
    """

    id: str
    name: str
    stream: str
    args: Json
    actor: Actor
    correlation_id: str
    causation_id: str | None = None
    deadline_us: int | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """The outcome of a command. `position` and `commit_id` are set when `code` is not a failure."""

    code: int = Code.SUCCESS
    message: str = ""
    data: Json = field(default_factory=dict)
    position: int | None = None
    commit_id: str | None = None
    field: str | None = None
    retry_after_ms: int | None = None

    @property
    def success(self) -> bool:
        return self.code >= 0

    @property
    def passing(self) -> bool:
        """Whether it only says that a part is down or busy, so that the same command may succeed in a moment."""
        if self.code == Code.RATE_LIMITED:
            return self.retry_after_ms is not None and self.retry_after_ms <= 1000
        return self.code in (Code.SERVICE_UNAVAILABLE, Code.TIMEOUT)

    def required(self) -> Reply:
        """The same reply. Raises `Rejected` when it is a failure."""
        if not self.success:
            raise Rejected(
                Code(self.code), self.message, field=self.field, retry_after_ms=self.retry_after_ms
            )
        return self


_messages: TypeAdapter[CommandMessage] = TypeAdapter(CommandMessage)
_replies: TypeAdapter[Reply] = TypeAdapter(Reply)


def encode_message(message: CommandMessage) -> bytes:
    return _messages.dump_json(message)


def decode_message(body: bytes) -> CommandMessage:
    """Raises pydantic's `ValidationError` when the body is not a command message."""
    return _messages.validate_json(body)


def encode_reply(reply: Reply) -> bytes:
    return _replies.dump_json(reply)


def decode_reply(body: bytes) -> Reply:
    """Raises pydantic's `ValidationError` when the body is not a reply."""
    return _replies.validate_json(body)
