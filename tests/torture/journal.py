"""What the game servers of a torture remember: what they sent, what they were told, and when."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(slots=True)
class Sent:
    """One request and its fate. Times are `time.monotonic()`.

    `answer` is the one the client went by: None as long as nothing but silence and "retry" came back. `repeated`
    are later answers to the same request: to a deliberate repetition, or late ones to an earlier attempt.
    """

    server: str
    correlation_id: str
    operation: str
    stream: str
    sent_at: float
    attempts: int = 0
    answered_at: float = 0.0
    answer: Json | None = None
    repeated: list[Json] = field(default_factory=list)

    @property
    def command_id(self) -> str:
        return f"{self.server}/{self.correlation_id}"

    @property
    def acknowledged(self) -> bool:
        return self.answer is not None and bool(self.answer["success"])

    @property
    def refused(self) -> bool:
        return self.answer is not None and not self.answer["success"]

    @property
    def milliseconds(self) -> float:
        return (self.answered_at - self.sent_at) * 1000


@dataclass(slots=True)
class Asked:
    """A question over `/v1`, to an NPC where one is named, and its fate: `answers` are (decision id, content)."""

    key: str
    npc: str
    sent_at: float
    attempts: int = 0
    answered_at: float = 0.0
    route: str = ""
    statuses: list[int] = field(default_factory=list)
    answers: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Kill:
    """`at` as `time.monotonic()`, `time` in seconds since the epoch."""

    role: str
    at: float
    time: float


@dataclass(slots=True)
class Journal:
    """Everything that happened outside the platform."""

    commands: list[Sent] = field(default_factory=list)
    reads: list[Sent] = field(default_factory=list)
    pushed: list[tuple[float, Json]] = field(default_factory=list)
    kills: list[Kill] = field(default_factory=list)
    questions: list[Asked] = field(default_factory=list)

    def recovery(self, kill: Kill) -> float | None:
        """Seconds from a kill to the first success, of something sent after it, that needs the killed role."""
        if kill.role == "agents":
            opened = {
                sent.answer["data"]["request_id"]: sent.sent_at
                for sent in self.commands
                if sent.operation == "request_async" and sent.answer is not None and sent.acknowledged
            }
            done = [
                at
                for at, message in self.pushed
                if message["data"]["status"] == "complete"
                and opened.get(message["request_id"], 0.0) >= kill.at
            ]
        elif kill.role == "models":
            done = [
                each.answered_at
                for each in self.questions
                if each.route in {"model", "fallback"} and each.sent_at >= kill.at
            ]
        else:
            needed = self.reads if kill.role == "projector" else self.commands
            done = [s.answered_at for s in needed if s.acknowledged and s.sent_at >= kill.at]
        return min(done) - kill.at if done else None


def essence(answer: Json) -> Json:
    """What must be equal in all answers to one command: everything but how long it took."""
    return {key: answer.get(key) for key in ("correlation_id", "success", "error_code", "data", "position")}
