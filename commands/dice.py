"""What may be rolled in a campaign: by members who play, with a seed that whoever asks for the roll cannot choose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import StringConstraints

from commands.codes import Code
from commands.decider import Context, Decider, Need, Verb
from commands.forms.text import line
from commands.membership import COGM, MASTERS, OWNER, PLAYER, require
from commands.rejection import Rejected
from commands.rules.dice import MAX_SEED, MAX_TEXT, DiceError, Mode, dice
from events.commit import Commit, Event, Json, Recorded
from events.dice import DiceRolled

MAX_LABEL = 120


@dataclass(frozen=True, slots=True)
class DiceState:
    """`rolls` is how many there were."""

    rolls: int = 0


@dataclass(frozen=True, slots=True)
class Roll:
    """`seed` is made by the gateway. `visibility` gm is a roll behind the screen: game masters only."""

    expression: Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT)]
    seed: Annotated[str, StringConstraints(min_length=16, max_length=MAX_SEED)]
    mode: Mode = "normal"
    label: Annotated[str, StringConstraints(max_length=4 * MAX_LABEL)] = ""
    visibility: Literal["all", "gm"] = "all"


def _needs(_state: DiceState, _command: Roll, entity: str) -> tuple[Need, ...]:
    return (Need("campaign", campaign_id=entity),)


def _without_seed(args: Json) -> Json:
    # A retry of the same roll comes with another seed, and gets the first one's faces.
    return {name: value for name, value in args.items() if name != "seed"}


def evolve(state: DiceState, event: Event, _recorded: Recorded) -> DiceState:
    return DiceState(state.rolls + 1) if isinstance(event, DiceRolled) else state


def decide(_state: DiceState, command: Any, context: Context) -> tuple[Event, ...]:
    """Raises `Rejected`: as `require`, -101 for what cannot be rolled, -504 for a hidden roll of a player's."""
    role = require(context.facts["campaign"], context.actor, OWNER, COGM, PLAYER)
    if command.visibility == "gm" and role not in MASTERS:
        raise Rejected(
            Code.AUTHENTICATION_FAILED,
            "visibility: only game masters roll behind the screen",
            field="visibility",
        )
    try:
        label = line(command.label)[:MAX_LABEL]
    except ValueError as error:
        raise Rejected(Code.INVALID_PARAMETER, f"label: {error}", field="label") from None
    try:
        rolled = dice(command.expression, command.seed, command.mode)
    except DiceError as error:
        raise Rejected(Code.INVALID_PARAMETER, f"expression: {error}", field="expression") from None
    return (
        DiceRolled(
            rolled.expression,
            rolled.mode,
            rolled.seed,
            rolled.faces,
            rolled.total,
            label,
            context.actor.id,
            command.visibility,
        ),
    )


def reply(commit: Commit) -> Json:
    rolled = commit.events[0]
    assert isinstance(rolled, DiceRolled)
    return {
        "expression": rolled.expression,
        "mode": rolled.mode,
        "seed": rolled.seed,
        "faces": [list(term) for term in rolled.faces],
        "total": rolled.total,
        "label": rolled.label,
        "by": rolled.by,
        "visibility": rolled.visibility,
        "at": commit.time.isoformat(),
    }


DICE: Decider[DiceState] = Decider(
    category="dice",
    state=DiceState,
    initial=DiceState(),
    verbs={"roll": Verb(Roll, kept=_without_seed, needs=_needs)},
    evolve=evolve,
    decide=decide,
    reply=reply,
)
