"""A campaign's limit before real calls: each reserves its worst case, several at once do not overshoot."""

from __future__ import annotations

import asyncio

import pytest
from nats.aio.client import Client

from adapters.llm.allowance import Allowances
from adapters.llm.book import Price
from adapters.nats.log import JetStreamLog
from commands.allowance import ALLOWANCE, AllowanceState, used_up
from commands.codes import Code
from commands.loader import StreamLoader
from commands.message import CommandMessage
from events.commit import Actor
from events.errors import BudgetExhausted
from tests.adapters.llm.scene import (
    HandlerBus,
    Scripted,
    TurnedClock,
    ask,
    book,
    entry,
    handler_bus,
    read,
    says,
    scene,
)

CAMPAIGN_ID = "0199b6c2f1a47c3e9d5b8a7760e4d2c0"


@pytest.fixture
def bus(log: JetStreamLog, client: Client) -> HandlerBus:
    return handler_bus(log, client)


async def limited(bus: HandlerBus, amount: int) -> None:
    """A campaign whose models may cost so many billionths of a dollar a month."""
    stream, mara = f"campaign/{CAMPAIGN_ID}", Actor("account", "mara", True, {"name": "mara"})
    for verb, args in (("create", {"name": "The Drowned Crown"}), ("limit_spending", {"amount": amount})):
        message = CommandMessage(f"test/{verb}", f"campaign.{verb}", stream, args, mara, "test")
        assert (await bus.send(message, timeout=5)).success


async def state(log: JetStreamLog) -> AllowanceState:
    folded = await StreamLoader(log).current(ALLOWANCE, f"allowance/{CAMPAIGN_ID}")
    found: AllowanceState = folded.state
    return found


async def test_calls_at_once_take_no_more_than_the_limit_together(bus: HandlerBus, log: JetStreamLog) -> None:
    await limited(bus, 1000)
    allowances = Allowances(bus, TurnedClock())
    tried = await asyncio.gather(
        *(allowances.reserve(CAMPAIGN_ID, 300) for _ in range(8)), return_exceptions=True
    )
    granted = [each for each in tried if not isinstance(each, BaseException)]
    refused = [each for each in tried if isinstance(each, BudgetExhausted)]
    assert (len(granted), len(refused)) == (3, 5)
    assert all(used_up(str(each)) for each in refused)
    for each in granted:
        each.settle(100)
        each.settle(100)
    await allowances.close()
    after = await state(log)
    assert (sum(after.spent.values()), dict(after.reserved)) == (300, {})


async def test_what_costs_nothing_or_is_no_campaigns_is_not_reserved(bus: HandlerBus) -> None:
    allowances = Allowances(bus, TurnedClock())
    (await allowances.reserve(CAMPAIGN_ID, 0)).settle(0)
    (await allowances.reserve("", 500)).settle(500)
    await allowances.close()
    assert bus.sent == []


async def test_without_the_log_no_money_of_a_campaign_is_spent(bus: HandlerBus, log: JetStreamLog) -> None:
    await limited(bus, 1000)
    allowances = Allowances(bus, TurnedClock())
    bus.down = True
    with pytest.raises(BudgetExhausted, match="cannot be reserved"):
        await allowances.reserve(CAMPAIGN_ID, 300)
    bus.down = False
    await allowances.close()
    assert (await state(log)).committed("") == 0


async def test_a_paid_model_is_not_asked_beyond_the_limit_and_a_free_one_still_is(
    bus: HandlerBus, log: JetStreamLog
) -> None:
    await limited(bus, 1)
    dear, free = Scripted("dear", [says("I am dear.")]), Scripted("free", [says("I am free.")])
    priced = {"dear-1": Price(input=1.0, output=2.0), "free-1": Price(input=0.0, output=0.0)}
    models = book([entry("dear", 1), entry("free", 2)], prices=priced)
    allowances = Allowances(bus, TurnedClock())
    table = scene(models, dear, free, allowances=allowances)
    question = ask(inputs={"campaign_id": CAMPAIGN_ID})
    made = await table.gateway.ask(question, read, deadline=table.deadline())
    assert (made.route, made.answer, made.cost) == ("fallback", "I am free.", 0)
    assert not dear.calls
    assert used_up(made.attempts[0].error) or used_up(" ".join(each.error for each in made.attempts))
    # Questions of nobody's campaign are bounded by nobody's limit.
    other = await table.gateway.ask(ask(), read, deadline=table.deadline())
    assert (other.route, other.answer) == ("model", "I am dear.")
    await allowances.close()


async def test_where_all_models_cost_something_the_refusal_says_which_limit_it_was(
    bus: HandlerBus, log: JetStreamLog
) -> None:
    await limited(bus, 1)
    allowances = Allowances(bus, TurnedClock())
    table = scene(book([entry("dear", 1)]), Scripted("dear", [says("I am dear.")]), allowances=allowances)
    made = await table.gateway.ask(ask(inputs={"campaign_id": CAMPAIGN_ID}), read, deadline=table.deadline())
    assert (made.route, made.code, made.cost) == ("none", Code.RATE_LIMITED, 0)
    assert used_up(made.problem).startswith("the campaign's spending limit is used up until ")
    await allowances.close()


async def test_every_call_counts_with_what_it_did_cost(bus: HandlerBus, log: JetStreamLog) -> None:
    await limited(bus, 10**9)
    allowances = Allowances(bus, TurnedClock())
    table = scene(book([entry("dear", 1)]), Scripted("dear", [says("I am dear.")]), allowances=allowances)
    made = await table.gateway.ask(ask(inputs={"campaign_id": CAMPAIGN_ID}), read, deadline=table.deadline())
    await allowances.close()
    after = await state(log)
    assert made.cost > 0
    assert (sum(after.spent.values()), dict(after.reserved)) == (made.cost, {})
