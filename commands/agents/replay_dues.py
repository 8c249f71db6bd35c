"""What must follow from a decision, and whether a commit is that."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from commands.agents.divergence import first_divergence
from commands.message import CommandMessage
from commands.stream import Folded
from events.commit import Commit, Recorded
from events.decision import DecisionJudged


@dataclass(slots=True, eq=False)
class Due:
    """A command that must follow from a decision, and what became of it."""

    decision_id: str
    made_at: int
    command: CommandMessage
    seen: list[Folded[Any]] = field(default_factory=list)
    commit: Recorded | None = None
    refused: bool = False
    judged: bool = False


@dataclass(slots=True, eq=False)
class Open:
    """What must follow from one decision, made for a commit of the stream `cause`. Only a proposal is `judged`: what
    is done without one has no verdicts."""

    cause: str
    dues: list[Due]
    judged: bool

    @property
    def closed(self) -> bool:
        return all(due.judged or (due.commit is not None and not self.judged) for due in self.dues)


def first_difference(command: CommandMessage, commit: Commit) -> tuple[str, Any, Any] | None:
    """The first place where a commit is not that of `command`."""
    if command.args != commit.command.args:
        different = first_divergence(command.args, commit.command.args, "args")
        if different is not None:
            return different
    expected = (command.name, command.stream, command.correlation_id, command.causation_id)
    found = (commit.command.name, commit.stream, commit.correlation_id, commit.causation_id)
    for name, one, other in zip(
        ("name", "stream", "correlation_id", "causation_id"), expected, found, strict=True
    ):
        if one != other:
            return name, one, other
    if command.actor != commit.actor:
        return first_divergence(asdict(command.actor), asdict(commit.actor), "actor")
    return None


def due_of(dues: list[Due], event: DecisionJudged) -> Due | None:
    """The one of `dues` that a verdict is about."""
    for due in dues:
        if (event.command_id or due.command.id) == due.command.id and due.command.name == event.command:
            return due
    return None
