"""Checks of who may ask language models, and of what is left of the day's budget."""

from __future__ import annotations

from datetime import datetime

from adapters.diagnosis.finding import Finding, ok, warning
from adapters.diagnosis.models import read
from adapters.llm.book import NANO, ModelBook
from adapters.llm.roster import Roster
from adapters.settings import Settings
from commands.budget import BUDGET, BudgetState
from commands.loader import StreamLoader
from events.log import Log

NEARLY_SPENT = 0.9


async def examine(settings: Settings, log: Log, now: datetime) -> list[Finding]:
    """The switches of agents, and the budget of the day of `now` (UTC); nothing where nobody can be asked.

    Raises `LogError`, `CodecError`.
    """
    book = read(settings)
    if isinstance(book, Finding) or not settings.llm.enabled:
        return []
    roster = Roster(book)
    await roster.load(log)
    folded = await StreamLoader(log).current(BUDGET, f"budget/{now.date().isoformat()}")
    return [_agents(book, roster), _budget(book, folded.state)]


def _agents(book: ModelBook, roster: Roster) -> Finding:
    switched: dict[bool, list[str]] = {True: [], False: []}
    for entry in sorted(book.agents.values(), key=lambda each: each.id):
        switched[roster.agent_on(entry.key)].append(entry.key)
    parts = [f"{'on' if on else 'off'}: {', '.join(names)}" for on, names in switched.items() if names]
    return ok("model agents", "; ".join(parts))


def _budget(book: ModelBook, state: BudgetState) -> Finding:
    committed, limit = state.committed(), book.realm_limit
    reserved = sum(amount for _, amount in state.reserved.values())
    detail = f"today {_dollars(sum(state.spent.values()))} spent, {_dollars(reserved)} reserved"
    if limit is not None:
        detail += f", {_dollars(max(limit - committed, 0))} of {_dollars(limit)} left"
    tight = [
        f"{entry.key} {_dollars(max(entry.daily_limit - state.committed(entry.key), 0))}"
        for entry in book.agents.values()
        if entry.daily_limit and state.committed(entry.key) >= NEARLY_SPENT * entry.daily_limit
    ]
    if tight:
        detail += f"; left of {', '.join(tight)}"
    if tight or (limit is not None and committed >= NEARLY_SPENT * limit):
        return warning(
            "model budget",
            detail,
            "Raise dollars_per_day in agents.toml, or templates answer until tomorrow.",
        )
    return ok("model budget", detail)


def _dollars(amount: int) -> str:
    return f"$ {amount / NANO:,.2f}"
