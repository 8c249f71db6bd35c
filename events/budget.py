"""Events of one day's budget for language models, `budget/<YYYY-MM-DD>`: amounts in billionths of a US dollar.

Money is reserved before it can be spent and settled afterwards; a reservation nobody settles counts as spent.
"""

from __future__ import annotations

from dataclasses import dataclass

from events.catalogue import event
from events.commit import Event


@event("budget.reserved")
@dataclass(frozen=True, slots=True)
class BudgetReserved(Event):
    """`lease` may be spent by one process on the calls of one agent."""

    lease: str
    agent: str
    amount: int


@event("budget.settled")
@dataclass(frozen=True, slots=True)
class BudgetSettled(Event):
    """What of a lease was really spent, by how many calls. The rest is free again."""

    lease: str
    agent: str
    spent: int
    calls: int
