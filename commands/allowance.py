"""What models may cost one campaign: reserved before each call, settled after it, never more than the owner's limit.

The limit is the campaign's (`campaign.limit_spending`), for a day or a month of UTC. Calls are reserved and settled
without a limit, too, so that one that is set in the middle of a month knows what the month has cost. Several calls
at once are commands to one stream: what is reserved is taken, and none can overshoot by more than an answer that cost
more than was foreseen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import Field

from commands.arguments import Id
from commands.codes import Code
from commands.decider import Context, Decider, Need, Verb
from commands.rejection import Rejected
from events.allowance import AllowanceReserved, AllowanceSettled, period_of, resets_on
from events.commit import Commit, Event, Json, Recorded

Amount = Annotated[int, Field(ge=0, le=10**15)]
REMEMBERED = timedelta(days=62)
"""How long a day's sum is kept in the state: longer than any period."""

_USED_UP = re.compile(r"the campaign's spending limit is used up until (\d{4}-\d\d-\d\d)")


@dataclass(frozen=True, slots=True)
class AllowanceState:
    """Billionths of a dollar: `spent` by day, and by call what is `reserved` (day, amount)."""

    spent: Mapping[str, int] = field(default_factory=dict)
    reserved: Mapping[str, tuple[str, int]] = field(default_factory=dict)

    def committed(self, period: str) -> int:
        """What is spent or reserved in a period (`period_of`)."""
        spent = sum(cost for day, cost in self.spent.items() if day.startswith(period))
        return spent + sum(amount for day, amount in self.reserved.values() if day.startswith(period))


@dataclass(frozen=True, slots=True)
class Reserve:
    """The call `call` may cost `amount` at worst."""

    call: Id
    amount: Amount


@dataclass(frozen=True, slots=True)
class Settle:
    """Ends a call; `cost` may exceed what was reserved, when an answer cost more than was foreseen."""

    call: Id
    cost: Amount


def used_up(problem: str) -> str:
    """The sentence about a limit that is used up, for people, out of why no model answered; "" if that is not why."""
    found = _USED_UP.search(problem)
    return found[0] if found else ""


def evolve(state: AllowanceState, event: Event, _recorded: Recorded) -> AllowanceState:
    match event:
        case AllowanceReserved():
            since = (date.fromisoformat(event.day) - REMEMBERED).isoformat()
            spent = {day: cost for day, cost in state.spent.items() if day >= since}
            reserved = {call: held for call, held in state.reserved.items() if held[0] >= since}
            return AllowanceState(spent, {**reserved, event.call: (event.day, event.amount)})
        case AllowanceSettled():
            reserved = {call: held for call, held in state.reserved.items() if call != event.call}
            return AllowanceState(
                {**state.spent, event.day: state.spent.get(event.day, 0) + event.cost}, reserved
            )
        case _:
            return state


def decide(state: AllowanceState, command: Any, context: Context) -> tuple[Event, ...]:
    """Raises `Rejected` -503 when less than the amount is left, -203 for a call that is (not) reserved already."""
    if isinstance(command, Reserve):
        return _reserve(state, command, context)
    held = state.reserved.get(command.call)
    if held is None:
        raise Rejected(Code.INVALID_STATE_TRANSITION, f"call: {command.call!r} is not reserved", field="call")
    return (AllowanceSettled(command.call, *held, command.cost),)


def _reserve(state: AllowanceState, command: Reserve, context: Context) -> tuple[Event, ...]:
    if command.call in state.reserved:
        raise Rejected(Code.INVALID_STATE_TRANSITION, f"call: {command.call!r} is reserved", field="call")
    day = context.at.date().isoformat()
    campaign = context.facts["campaign"]
    limit = None if campaign is None else campaign.spending_limit
    if limit is not None:
        most, period = limit
        if most - state.committed(period_of(day, period)) < command.amount:
            raise Rejected(
                Code.RATE_LIMITED,
                # `used_up` finds this sentence again.
                f"the campaign's spending limit is used up until {resets_on(day, period)}: "
                "what is left does not cover the worst case of this call. Raise the limit, or wait",
                field="amount",
            )
    return (AllowanceReserved(command.call, day, command.amount),)


def reply(commit: Commit) -> Json:
    event = commit.events[0]
    return {"call": event.call} if isinstance(event, AllowanceReserved | AllowanceSettled) else {}


def _needs_campaign(_state: AllowanceState, _command: Any, entity: str) -> tuple[Need, ...]:
    return (Need("campaign", campaign_id=entity),)


ALLOWANCE: Decider[AllowanceState] = Decider(
    category="allowance",
    state=AllowanceState,
    initial=AllowanceState(),
    verbs={"reserve": Verb(Reserve, needs=_needs_campaign), "settle": Verb(Settle)},
    evolve=evolve,
    decide=decide,
    reply=reply,
)
