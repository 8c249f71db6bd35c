"""The doctor says who may ask models, and what is left of the day's budget."""

from __future__ import annotations

from datetime import UTC, datetime

from adapters.diagnosis.finding import Finding
from adapters.diagnosis.spending import examine
from adapters.nats.log import JetStreamLog
from adapters.settings import LlmSettings, Settings
from events.agent import AgentStatusChanged
from events.budget import BudgetReserved, BudgetSettled
from events.commit import Event
from tests.commits import commit

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


async def found(settings: Settings, log: JetStreamLog) -> dict[str, Finding]:
    return {each.check: each for each in await examine(settings, log, NOW)}


async def tell(log: JetStreamLog, stream: str, *events: Event) -> None:
    position = 0
    for version, event in enumerate(events, start=1):
        happened = commit(stream, event, realm=log.realm, version=version)
        position = (await log.append(happened, expected=position)).position


async def test_agents_are_named_by_their_switch(settings: Settings, log: JetStreamLog) -> None:
    await tell(log, "agent/chat", AgentStatusChanged(False))
    told = await found(settings, log)
    assert "on: npc_intelligence" in told["model agents"].detail
    assert told["model agents"].detail.endswith("off: chat")
    assert "$ 10.00 of $ 10.00 left" in told["model budget"].detail
    off = settings.model_copy(update={"llm": LlmSettings(enabled=False)})
    assert await found(off, log) == {}


async def test_what_leases_hold_is_not_left_and_a_budget_that_is_nearly_spent_is_a_warning(
    settings: Settings, log: JetStreamLog
) -> None:
    await tell(
        log,
        "budget/2026-11-26",
        BudgetReserved("a-1", "chat", 9_000_000_000),
        BudgetSettled("a-1", "chat", 8_500_000_000, 3),
        BudgetReserved("a-2", "chat", 1_000_000_000),
    )
    budget = (await found(settings, log))["model budget"]
    assert budget.verdict == "warning"
    assert "$ 8.50 spent, $ 1.00 reserved, $ 0.50 of $ 10.00 left; left of chat $ 0.50" in budget.detail
