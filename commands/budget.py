"""What may be spent on language models in a day: reserved before, settled after, never more than the limits.

One stream per day holds all agents, so that a reservation is checked against the agent's limit and the realm's at
once. A lease that is never settled (its process was killed) stays reserved: it may have been spent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field

from commands.arguments import Id
from commands.codes import Code
from commands.decider import Context, Decider, Verb
from commands.rejection import Rejected
from events.budget import BudgetReserved, BudgetSettled
from events.commit import Commit, Event, Json, Recorded

Amount = Annotated[int, Field(ge=0, le=10**15)]


@dataclass(frozen=True, slots=True)
class BudgetState:
    """Billionths of a dollar by agent: `spent`, and by lease what is `reserved` (agent, amount)."""

    spent: Mapping[str, int] = field(default_factory=dict)
    calls: Mapping[str, int] = field(default_factory=dict)
    reserved: Mapping[str, tuple[str, int]] = field(default_factory=dict)

    def committed(self, agent: str | None = None) -> int:
        """What is spent or reserved, by one agent or by all."""
        spent = sum(self.spent.values()) if agent is None else self.spent.get(agent, 0)
        return spent + sum(
            amount for owner, amount in self.reserved.values() if agent is None or owner == agent
        )


@dataclass(frozen=True, slots=True)
class Reserve:
    """`amount` for `agent`, at most; at least `least` or nothing. Limits are those configured, None: no limit."""

    lease: Id
    agent: Id
    amount: Amount
    least: Amount = 0
    agent_limit: Amount | None = None
    realm_limit: Amount | None = None


@dataclass(frozen=True, slots=True)
class Settle:
    """Ends a lease; `spent` may exceed what was reserved, when an answer cost more than was foreseen."""

    lease: Id
    spent: Amount
    calls: Annotated[int, Field(ge=0)] = 0


def evolve(state: BudgetState, event: Event, _recorded: Recorded) -> BudgetState:
    match event:
        case BudgetReserved():
            return BudgetState(
                state.spent, state.calls, {**state.reserved, event.lease: (event.agent, event.amount)}
            )
        case BudgetSettled():
            reserved = {lease: held for lease, held in state.reserved.items() if lease != event.lease}
            spent = {**state.spent, event.agent: state.spent.get(event.agent, 0) + event.spent}
            calls = {**state.calls, event.agent: state.calls.get(event.agent, 0) + event.calls}
            return BudgetState(spent, calls, reserved)
        case _:
            return state


def decide(state: BudgetState, command: Any, _context: Context) -> tuple[Event, ...]:
    """Raises `Rejected` -503 when not even `least` is left, -203 for settling a lease that is not held."""
    if isinstance(command, Reserve):
        return _reserve(state, command)
    held = state.reserved.get(command.lease)
    if held is None:
        raise Rejected(Code.INVALID_STATE_TRANSITION, f"lease: {command.lease!r} is not held", field="lease")
    return (BudgetSettled(command.lease, held[0], command.spent, command.calls),)


def _reserve(state: BudgetState, command: Reserve) -> tuple[Event, ...]:
    if command.lease in state.reserved:
        raise Rejected(Code.INVALID_STATE_TRANSITION, f"lease: {command.lease!r} is held", field="lease")
    amount, whose = command.amount, ""
    for limit, owner, left_of in (
        (command.agent_limit, f"agent {command.agent}", command.agent),
        (command.realm_limit, "the realm", None),
    ):
        if limit is not None and limit - state.committed(left_of) < amount:
            amount, whose = limit - state.committed(left_of), owner
    if amount < max(command.least, 1):
        raise Rejected(
            Code.RATE_LIMITED,
            f"the day's budget of {whose or 'the agent'} is spent or reserved. "
            "Raise dollars_per_day, or wait until tomorrow.",
            field="amount",
        )
    return (BudgetReserved(command.lease, command.agent, amount),)


def reply(commit: Commit) -> Json:
    event = commit.events[0]
    return {"lease": event.lease, "amount": event.amount} if isinstance(event, BudgetReserved) else {}


BUDGET: Decider[BudgetState] = Decider(
    category="budget",
    state=BudgetState,
    initial=BudgetState(),
    verbs={"reserve": Verb(Reserve), "settle": Verb(Settle)},
    evolve=evolve,
    decide=decide,
    reply=reply,
)
