"""What may happen to a character's cross-class syntheses (`rathena-server-side.md` §5.2): one stream per character.

Which pairs of classes can be joined says ``conf/syntheses.toml``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from commands.codes import Code
from commands.decider import Context, Decider, Verb
from commands.legend import path
from commands.legend.book import Legend
from commands.legend.path import ClassId, Deed, Exp, Id, LegendState, Narrative, Words
from commands.rejection import Rejected
from events.commit import Commit, Event, Json, microseconds
from events.synthesis import SynthesisExpAdded, SynthesisLevelRaised, SynthesisStirred, SynthesisUnlocked

WORDS = Words(
    "synthesis",
    "synthesis_id",
    lambda legend, *told: SynthesisStirred(legend.id, *told),
    lambda legend, growth, *told: SynthesisUnlocked(
        legend.id, legend.classes[0], legend.classes[1], growth, *told
    ),
    lambda legend, exp, growth, *told: SynthesisExpAdded(legend.id, exp, growth, *told),
    lambda legend, before, growth: SynthesisLevelRaised(legend.id, before, growth),
)


@dataclass(frozen=True, slots=True)
class Unlock:
    """`ai_unlock_synthesis`: the two classes, in either order."""

    class1_id: ClassId
    class2_id: ClassId


@dataclass(frozen=True, slots=True)
class AddExp:
    """`ai_add_synthesis_exp`."""

    synthesis_id: Id
    exp: Exp


@dataclass(frozen=True, slots=True)
class Award:
    """Proposed by the agent for a deed."""

    synthesis_id: Id
    deed: Deed
    exp: Exp
    narrative: Narrative = ""


@dataclass(frozen=True, slots=True)
class Awaken:
    """Proposed by the agent for the deed that completes a discovery."""

    synthesis_id: Id
    deed: Deed
    narrative: Narrative = ""


def decide(state: LegendState, command: Any, context: Context) -> tuple[Event, ...]:
    """Raises `Rejected`: -101 unknown synthesis, pair or deed; else as the functions of `commands.legend.path`."""
    book, at = context.rules.syntheses, microseconds(context.at)
    if isinstance(command, Unlock):
        return path.unlock(state, _joining(command, context), WORDS)
    legend = path.known(book, command.synthesis_id, WORDS)
    match command:
        case AddExp():
            return path.add_exp(state, legend, command.exp, book, WORDS)
        case Award():
            return path.award(state, legend, command.deed, command.exp, command.narrative, at, book, WORDS)
        case Awaken():
            return path.awaken(state, legend, command.deed, command.narrative, at, book, WORDS)
    raise TypeError(f"not a command of a synthesis: {command!r}")


def _joining(command: Unlock, context: Context) -> Legend:
    book = context.rules.syntheses
    legend = book.of_classes(command.class1_id, command.class2_id)
    if legend is None:
        pairs = ", ".join("{} + {}".format(*entry.classes) for entry in list(book.entries.values())[:12])
        raise Rejected(
            Code.INVALID_PARAMETER,
            f"class2_id: no synthesis joins the classes {command.class1_id} and {command.class2_id}; "
            f"joined are {pairs or 'none'}",
            field="class2_id",
        )
    return legend


def reply(commit: Commit) -> Json:
    event = commit.events[-1]
    match event:
        case SynthesisUnlocked() | SynthesisExpAdded() | SynthesisLevelRaised():
            return path.shown(event.synthesis_id, event.growth, WORDS)
        case SynthesisStirred():
            return {"synthesis_id": event.synthesis_id, "level": 0, "stirred": event.total}
    return {}


SYNTHESIS: Decider[LegendState] = Decider(
    category="synthesis",
    state=LegendState,
    initial=LegendState(),
    verbs={"unlock": Verb(Unlock), "add_exp": Verb(AddExp), "award": Verb(Award), "awaken": Verb(Awaken)},
    evolve=path.evolve,
    decide=decide,
    reply=reply,
)
