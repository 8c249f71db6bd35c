"""What operators do to the platform over HTTP: recorded before it is done, under their own name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import StringConstraints

from commands.arguments import JsonObject
from commands.codes import Code
from commands.decider import Context, Decider, Verb
from commands.rejection import Rejected
from events.commit import Commit, Event, Json, Recorded
from events.operator import OperatorActed

MAX_DETAILS = 20

Action = Annotated[str, StringConstraints(pattern=r"^[a-z_]+(\.[a-z_]+){1,3}$", max_length=64)]
Target = Annotated[str, StringConstraints(min_length=1, max_length=250)]


@dataclass(frozen=True, slots=True)
class OperatorState:
    """How much the account has done."""

    acts: int = 0


@dataclass(frozen=True, slots=True)
class Act:
    """See `events.operator.OperatorActed`."""

    action: Action
    target: Target
    details: JsonObject = field(default_factory=dict)


def evolve(state: OperatorState, event: Event, _recorded: Recorded) -> OperatorState:
    return OperatorState(state.acts + 1) if isinstance(event, OperatorActed) else state


def decide(_state: OperatorState, command: Any, context: Context) -> tuple[Event, ...]:
    """Raises `Rejected` -202 for an act in somebody else's name, -105 for more details than are kept."""
    actor = context.actor
    if actor.kind != "account" or not actor.trusted or actor.id != context.entity:
        raise Rejected(
            Code.OPERATION_NOT_ALLOWED, "An account acts in its own name only.", field="account_id"
        )
    if len(command.details) > MAX_DETAILS:
        raise Rejected(Code.PARAMETER_OUT_OF_RANGE, f"details: at most {MAX_DETAILS}", field="details")
    return (OperatorActed(command.action, command.target, command.details),)


def reply(commit: Commit) -> Json:
    event = commit.events[0]
    return {"action": event.action, "target": event.target} if isinstance(event, OperatorActed) else {}


OPERATOR: Decider[OperatorState] = Decider(
    category="operator",
    state=OperatorState,
    initial=OperatorState(),
    verbs={"act": Verb(Act)},
    evolve=evolve,
    decide=decide,
    reply=reply,
)
