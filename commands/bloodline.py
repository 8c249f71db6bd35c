"""What may happen to a character's legendary bloodlines (`rathena-server-side.md` §5.2): one stream per character."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from commands.decider import Context, Decider, Verb
from commands.legend import path
from commands.legend.path import Deed, Exp, Id, LegendState, Narrative, Words
from events.bloodline import BloodlineExpAdded, BloodlineLevelRaised, BloodlineStirred, BloodlineUnlocked
from events.commit import Commit, Event, Json, microseconds

WORDS = Words(
    "bloodline",
    "bloodline_id",
    lambda legend, *told: BloodlineStirred(legend.id, *told),
    lambda legend, growth, *told: BloodlineUnlocked(legend.id, growth, *told),
    lambda legend, exp, growth, *told: BloodlineExpAdded(legend.id, exp, growth, *told),
    lambda legend, before, growth: BloodlineLevelRaised(legend.id, before, growth),
)


@dataclass(frozen=True, slots=True)
class Unlock:
    """`ai_unlock_bloodline`."""

    bloodline_id: Id


@dataclass(frozen=True, slots=True)
class AddExp:
    """`ai_add_bloodline_exp`."""

    bloodline_id: Id
    exp: Exp


@dataclass(frozen=True, slots=True)
class Award:
    """Proposed by the agent for a deed."""

    bloodline_id: Id
    deed: Deed
    exp: Exp
    narrative: Narrative = ""


@dataclass(frozen=True, slots=True)
class Awaken:
    """Proposed by the agent for the deed that wakes a bloodline."""

    bloodline_id: Id
    deed: Deed
    narrative: Narrative = ""


def decide(state: LegendState, command: Any, context: Context) -> tuple[Event, ...]:
    """Raises `Rejected`: -101 unknown bloodline or deed; else as the functions of `commands.legend.path`."""
    book = context.rules.bloodlines
    legend, at = path.known(book, command.bloodline_id, WORDS), microseconds(context.at)
    match command:
        case Unlock():
            return path.unlock(state, legend, WORDS)
        case AddExp():
            return path.add_exp(state, legend, command.exp, book, WORDS)
        case Award():
            return path.award(state, legend, command.deed, command.exp, command.narrative, at, book, WORDS)
        case Awaken():
            return path.awaken(state, legend, command.deed, command.narrative, at, book, WORDS)
    raise TypeError(f"not a command of a bloodline: {command!r}")


def reply(commit: Commit) -> Json:
    event = commit.events[-1]
    match event:
        case BloodlineUnlocked() | BloodlineExpAdded() | BloodlineLevelRaised():
            return path.shown(event.bloodline_id, event.growth, WORDS)
        case BloodlineStirred():
            return {"bloodline_id": event.bloodline_id, "level": 0, "stirred": event.total}
    return {}


BLOODLINE: Decider[LegendState] = Decider(
    category="bloodline",
    state=LegendState,
    initial=LegendState(),
    verbs={"unlock": Verb(Unlock), "add_exp": Verb(AddExp), "award": Verb(Award), "awaken": Verb(Awaken)},
    evolve=path.evolve,
    decide=decide,
    reply=reply,
)
