"""Events of what models may cost one campaign, `allowance/<campaign id>`: amounts in billionths of a US dollar.

Every call that costs something is reserved at its worst before it is made, and settled with what it cost. A
reservation that nobody settles (its process was killed) counts as spent on its day. The limit itself stands in the
campaign's own stream (`campaign.spending_limited`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from events.catalogue import event
from events.commit import Event


@event("allowance.reserved")
@dataclass(frozen=True, slots=True)
class AllowanceReserved(Event):
    """The call `call` may cost at most `amount`; it counts on `day` (YYYY-MM-DD, UTC), whenever it ends."""

    call: str
    day: str
    amount: int


@event("allowance.settled")
@dataclass(frozen=True, slots=True)
class AllowanceSettled(Event):
    """The call is over and did cost `cost`; the rest of the `amount` that was reserved is free again."""

    call: str
    day: str
    amount: int
    cost: int


def period_of(day: str, period: str) -> str:
    """What all days of the same period begin with: `2026-11-27` or `2026-11`."""
    return day if period == "day" else day[:7]


def resets_on(day: str, period: str) -> str:
    """The first day (YYYY-MM-DD) after the period that `day` is in."""
    today = date.fromisoformat(day)
    if period == "day":
        return (today + timedelta(days=1)).isoformat()
    return (today.replace(day=28) + timedelta(days=4)).replace(day=1).isoformat()
