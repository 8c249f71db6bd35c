"""What an agent asks a model for: how an answer is read, and which commands a proposal leads to. Pure.

A model only ever proposes. `read` turns its answer into a proposal or says why it cannot be used; `commands` turns
the proposal into commands, which deciders may refuse. Both are functions of what a decision records, so that a
decision can be replayed and judged again from the log alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from commands.agents.ask import Ask
from commands.agents.prompt import PromptTemplate
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

    - `agent` names an agent of `conf/agents.toml`; the question is worded by its prompt's template `name`, which
      must use exactly `places`.
    - `verbs` are the only commands it can ever lead to.
    - `render(inputs, prompt)` builds the question from plain facts; equal facts give an equal question.
    - `read(ask, answer)` parses and checks an answer; total: any text gets a `Reading`. It may look at `ask.inputs`,
      which a replay takes from the decision.
    - `commands(cause, made)` are the commands that the decision leads to, in order; `cause` is the commit that set
      the agent in motion. Where there is a way without a model, `made.inputs` holds it, and a decision without a
      proposal leads to that. Empty when nothing follows.
    """

    name: str
    agent: str
    places: frozenset[str]
    verbs: frozenset[str]
    render: Callable[[Json, PromptTemplate], Ask]
    read: Callable[[Ask, str], Reading]
    commands: Callable[[Commit, DecisionMade], tuple[CommandMessage, ...]]

    def follow(self, cause: Commit, made: DecisionMade) -> tuple[CommandMessage, ...]:
        """`commands`, held to `verbs`. Raises `PermissionError` for any other: that is a mistake of ours, never a
        model's, whose words name no command."""
        found = self.commands(cause, made)
        for command in found:
            if command.name not in self.verbs:
                raise PermissionError(f"{self.name} may not lead to {command.name}")
        return found
