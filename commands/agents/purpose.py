"""What an agent asks a model for: how an answer is read, and which commands a proposal leads to. Pure.

A model only ever proposes. `read` turns its answer into a proposal or says why it cannot be used; `commands` turns
the proposal into commands, which deciders may refuse. Both are functions of what a decision records, so that a
decision can be replayed and judged again from the log alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from commands.agents.ask import Ask
from commands.message import CommandMessage
from events.commit import Commit, Json
from events.decision import DecisionMade


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer as understood: a `proposal`, or None and the `problem` that makes it unusable."""

    proposal: Json | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Purpose:
    """One kind of question.

    - `render(inputs)` builds the question from plain facts; equal facts give an equal question.
    - `read(ask, answer)` parses and checks an answer; total: any text gets a `Reading`.
    - `commands(cause, made)` are the commands that `made.proposal` leads to, in order; `cause` is the commit that set
      the agent in motion. Empty when the proposal asks for nothing.
    """

    name: str
    agent: str
    render: Callable[[Json], Ask]
    read: Callable[[Ask, str], Reading]
    commands: Callable[[Commit, DecisionMade], tuple[CommandMessage, ...]]
