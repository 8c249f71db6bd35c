"""What the deciders would say to a proposal, as of the moment it was made. Nothing is appended. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from commands.agents.past import Unread
from commands.agents.purpose import Purpose
from commands.agents.rejudging import Court
from commands.message import CommandMessage
from commands.registry import DECIDERS
from commands.stream import Folded, fold
from events.commit import Command, Commit, Json, Recorded
from events.decision import DecisionMade


@dataclass(frozen=True, slots=True)
class Sentence:
    """`verdict` is `accepted`, `refused`, `unusable` (there is no proposal) or `undecided` (it rests on facts the log
    does not hold, or nothing says what set it in motion); `message` says which command and why."""

    verdict: str
    message: str = ""


def sentence(
    court: Court,
    purpose: Purpose,
    cause: Commit | None,
    decision: Recorded,
    made: DecisionMade,
    proposal: Json | None,
    streams: Mapping[str, Folded[Any]],
) -> Sentence:
    """Judge all commands that `proposal` leads to, one after the other, each on what the ones before it changed.

    `streams` are those that stood at `decision`, the commit that recorded `made`. Raises `Unread` when one is missing.
    """
    if proposal is None:
        return Sentence("unusable")
    if cause is None:
        return Sentence("undecided", "the log does not hold what set it in motion")
    known = dict(streams)

    def folded(stream: str) -> Folded[Any]:
        if stream not in known:
            raise Unread(stream)
        return known[stream]

    for command in purpose.follow(cause, replace(made, proposal=proposal)):
        judged = court.judge(command, folded, decision.commit.time)
        if judged.unknown:
            return Sentence(
                "undecided", f"{command.name} rests on facts the log does not hold: {judged.unknown}"
            )
        if not judged.accepted:
            return Sentence("refused", f"{command.name}: {judged.code} {judged.message}")
        if judged.events:
            happened = _as_if(command, decision, known[command.stream], judged.events)
            decider = DECIDERS[command.stream.partition("/")[0]]
            known[command.stream] = fold(decider, known[command.stream], happened)
    return Sentence("accepted")


def _as_if(command: CommandMessage, decision: Recorded, before: Folded[Any], events: Any) -> Recorded:
    """The commit that would have been written."""
    commit = Commit(
        f"as-if/{command.id}",
        decision.commit.realm,
        command.stream,
        before.version + 1,
        decision.commit.time,
        Command(command.id, command.name, command.args),
        command.actor,
        command.correlation_id,
        command.causation_id,
        events,
    )
    return Recorded(decision.position, commit)
