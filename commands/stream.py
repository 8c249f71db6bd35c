"""A stream as a command worker knows it: the folded state, where it ends, and the commands it remembers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from commands.decider import Decider
from events.commit import EPOCH, Recorded

State = TypeVar("State")

REMEMBERED_COMMANDS = 128
"""How many of its latest commands a stream recognises; the log's own window covers two minutes of any number."""


@dataclass(frozen=True, slots=True)
class Folded(Generic[State]):
    """`position` is that of the last commit (0: none), `commands` maps recent command ids to positions."""

    state: State
    version: int = 0
    position: int = 0
    last_time: datetime = EPOCH
    commands: Mapping[str, int] = field(default_factory=dict)


def fold(decider: Decider[Any], folded: Folded[Any], recorded: Recorded) -> Folded[Any]:
    """The stream after one more commit."""
    commands = dict(folded.commands)
    if len(commands) >= REMEMBERED_COMMANDS:
        del commands[next(iter(commands))]
    commands[recorded.commit.command.id] = recorded.position
    return Folded(
        decider.fold(folded.state, recorded),
        recorded.commit.version,
        recorded.position,
        recorded.commit.time,
        commands,
    )
