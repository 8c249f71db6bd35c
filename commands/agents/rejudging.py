"""Deciding a command again, as of a moment in the past: nothing is appended, nothing is looked up outside. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from commands.arguments import parse
from commands.codes import Code
from commands.decider import Context, Need
from commands.message import CommandMessage
from commands.mind.rulebooks import RuleBooks
from commands.registry import DECIDERS
from commands.rejection import Rejected
from commands.stream import Folded
from events.commit import Event
from events.subjects import split_stream


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the deciders say: the `events` that follow (none: nothing changes), or a refusal with `code` and `message`.

    `unknown` names a fact that cannot be told from the log; nothing else is known then.
    """

    events: tuple[Event, ...] = ()
    code: int = 0
    message: str = ""
    unknown: str = ""

    @property
    def accepted(self) -> bool:
        return not self.unknown and self.code >= 0


@dataclass(frozen=True, slots=True)
class Court:
    """What deciders may know besides streams: the rule books and the operator's switches that are on."""

    rules: RuleBooks
    switches: frozenset[str] = frozenset()

    def judge(
        self,
        command: CommandMessage,
        folded: Callable[[str], Folded[Any]],
        at: datetime,
        recorded: tuple[Event, ...] = (),
    ) -> Judgement:
        """Decide `command` at the moment `at`; `folded(stream)` is a stream as it was then.

        How many NPCs there were, and who lived where, is taken from `recorded`, the events the command led to when it
        was decided first: deciders write down what they looked up.
        """
        category, _, verb_name = command.name.partition(".")
        decider = DECIDERS.get(category)
        verb = decider.verbs.get(verb_name) if decider else None
        if decider is None or verb is None or split_stream(command.stream)[0] != category:
            return Judgement(code=Code.INVALID_PARAMETER, message=f"unknown command {command.name!r}")
        try:
            typed = parse(verb.arguments, {"args": command.args} if verb.free else command.args)
            stream = folded(command.stream)
            entity = split_stream(command.stream)[1]
            facts: dict[str, Any] = {}
            for need in verb.needs(stream.state, typed, entity):
                known, value = _fact(need, folded, recorded)
                if not known:
                    return Judgement(unknown=need.kind)
                facts[need.kind] = value
            context = Context(
                max(at, stream.last_time), entity, command.id, command.actor, self.rules, facts, self.switches
            )
            return Judgement(decider.decide(stream.state, typed, context))
        except Rejected as no:
            return Judgement(code=no.code, message=no.message)


def _fact(need: Need, folded: Callable[[str], Folded[Any]], recorded: tuple[Event, ...]) -> tuple[bool, Any]:
    """Whether the fact is known, and the fact."""
    if need.kind == "npc":
        found = folded(f"npc/{need.npc_id}")
        return True, found.state if found.version else None
    if need.kind == "residents":
        for event in recorded:
            named = getattr(event, "affected_npcs", None)
            if named is not None:
                return True, list(named)
    if need.kind == "census":
        for event in recorded:
            affected = getattr(event, "affected", None)
            if isinstance(affected, int):
                return True, affected
    return False, None
