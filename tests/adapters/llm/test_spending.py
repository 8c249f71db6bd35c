"""Budgets on a real log: reserved before the call, settled after it, never more than the limits."""

from __future__ import annotations

import asyncio
import json
import sys

import pytest
from nats.aio.client import Client

from adapters.llm.book import NANO, Price
from adapters.llm.spending import Spending
from adapters.nats.log import JetStreamLog
from adapters.settings import Settings
from commands.budget import BUDGET, BudgetState
from commands.codes import Code
from commands.loader import StreamLoader
from events import codec
from events.budget import BudgetReserved, BudgetSettled
from events.errors import BudgetExhausted, ModelRefused, ModelTimeout
from tests.adapters.llm.scene import (
    AGENT,
    HandlerBus,
    Scripted,
    TurnedClock,
    agent,
    ask,
    book,
    entry,
    fails,
    handler_bus,
    read,
    says,
    scene,
    waits,
)

DAY = "2126-11-20"
LIMITED = agent(dollars_per_day=1.0)


@pytest.fixture
def bus(log: JetStreamLog, client: Client) -> HandlerBus:
    return handler_bus(log, client)


async def state(log: JetStreamLog, day: str = DAY) -> BudgetState:
    folded = await StreamLoader(log).current(BUDGET, f"budget/{day}")
    found: BudgetState = folded.state
    return found


async def test_one_lease_covers_many_calls_and_is_settled_with_what_they_cost(
    bus: HandlerBus, log: JetStreamLog
) -> None:
    clock = TurnedClock()
    spending = Spending(bus, clock, realm_limit=None)
    for cost in (100, 50, 0):
        (await spending.reserve(LIMITED, 1000)).settle(cost)
    assert [message.name for message in bus.sent] == ["budget.reserve"]
    assert (await state(log)).committed(AGENT) == 64_000
    await spending.close()
    after = await state(log)
    assert (after.spent, after.calls, dict(after.reserved)) == ({AGENT: 150}, {AGENT: 3}, {})


async def test_many_calls_at_once_share_one_lease(bus: HandlerBus) -> None:
    spending = Spending(bus, TurnedClock(), realm_limit=None)
    holds = await asyncio.gather(*(spending.reserve(LIMITED, 1000) for _ in range(64)))
    assert len(bus.sent) == 1
    for hold in holds:
        hold.settle(1000)
    await spending.reserve(LIMITED, 1000)
    assert [message.name for message in bus.sent] == ["budget.reserve", "budget.reserve"]


async def test_when_the_budget_is_used_up_nothing_more_is_granted(bus: HandlerBus, log: JetStreamLog) -> None:
    poor = agent(dollars_per_day=1e-6)
    spending = Spending(bus, TurnedClock(), realm_limit=None)
    granted = [await spending.reserve(poor, 400) for _ in range(2)]
    with pytest.raises(BudgetExhausted, match="spent or reserved"):
        await spending.reserve(poor, 400)
    assert (await state(log)).committed(AGENT) <= 1000
    # What the calls did not cost is there again.
    for hold in granted:
        hold.settle(100)
    (await spending.reserve(poor, 200)).settle(200)


async def test_the_limit_of_the_realm_binds_agents_that_have_none(bus: HandlerBus) -> None:
    spending = Spending(bus, TurnedClock(), realm_limit=1000)
    await spending.reserve(agent(), 900)
    with pytest.raises(BudgetExhausted, match="realm"):
        await spending.reserve(agent(), 900)


async def test_what_costs_nothing_or_has_no_limit_needs_no_lease(bus: HandlerBus) -> None:
    (await Spending(bus, TurnedClock(), realm_limit=1).reserve(LIMITED, 0)).settle(0)
    (await Spending(bus, TurnedClock(), realm_limit=None).reserve(agent(), 10**9)).settle(10**9)
    assert bus.sent == []


async def test_a_new_day_begins_with_a_new_budget(bus: HandlerBus, log: JetStreamLog) -> None:
    clock = TurnedClock()
    spending = Spending(bus, clock, realm_limit=None)
    late = await spending.reserve(LIMITED, 1000)
    clock.passed += 12 * 3600
    (await spending.reserve(LIMITED, 1000)).settle(10)
    await spending.settle_old()
    assert DAY in {message.stream.partition("/")[2] for message in bus.sent}
    assert (await state(log)).reserved
    # The call that began before midnight is paid by the day it began on.
    late.settle(700)
    await spending.settle_old()
    assert (await state(log)).spent == {AGENT: 700}
    await spending.close()
    assert (await state(log, "2126-11-21")).spent == {AGENT: 10}


async def test_old_leases_are_settled_while_the_process_lives(bus: HandlerBus, log: JetStreamLog) -> None:
    clock = TurnedClock()
    spending = Spending(bus, clock, realm_limit=None)
    (await spending.reserve(LIMITED, 1000)).settle(10)
    await spending.settle_old()
    assert (await state(log)).reserved
    clock.passed += 61
    await spending.settle_old()
    assert ((await state(log)).spent, (await state(log)).reserved) == ({AGENT: 10}, {})


async def test_without_the_log_no_money_is_spent_and_what_was_spent_is_settled_later(
    bus: HandlerBus, log: JetStreamLog
) -> None:
    clock = TurnedClock()
    spending = Spending(bus, clock, realm_limit=None)
    (await spending.reserve(LIMITED, 1000)).settle(10)
    bus.down = True
    with pytest.raises(BudgetExhausted, match="cannot be reserved"):
        await spending.reserve(LIMITED, 100_000_000)
    clock.passed += 61
    await spending.settle_old()
    bus.down = False
    await spending.settle_old()
    assert ((await state(log)).spent, (await state(log)).reserved) == ({AGENT: 10}, {})


async def test_what_a_killed_process_held_stays_spent(bus: HandlerBus, log: JetStreamLog) -> None:
    killed = Spending(bus, TurnedClock(), realm_limit=None)
    poor = agent(dollars_per_day=1e-6)
    (await killed.reserve(poor, 900)).settle(1)
    del killed
    with pytest.raises(BudgetExhausted):
        await Spending(bus, TurnedClock(), realm_limit=None).reserve(poor, 900)
    assert (await state(log)).committed(AGENT) == 900


async def test_a_call_is_settled_with_what_it_cost_and_the_decision_says_the_same(
    bus: HandlerBus, log: JetStreamLog
) -> None:
    clock = TurnedClock()
    spending = Spending(bus, clock, realm_limit=NANO)
    acts = [
        says("one"),
        fails(lambda name: ModelTimeout(name, "slow")),
        fails(lambda name: ModelRefused(name, "no")),
    ]
    on = scene(book([entry("one", 1)], LIMITED), Scripted("one", acts), clock=clock, spending=spending)
    made = [await on.gateway.ask(ask(), read, deadline=on.deadline()) for _ in acts]
    assert made[0].cost == 120_000
    assert made[1].cost > 200_000
    assert made[2].cost == 0
    await spending.close()
    assert (await state(log)).spent == {AGENT: made[0].cost + made[1].cost}
    assert (await state(log)).calls == {AGENT: 3}


async def test_a_cancelled_call_is_settled_at_its_worst(bus: HandlerBus, log: JetStreamLog) -> None:
    spending = Spending(bus, TurnedClock(), realm_limit=NANO)
    provider = Scripted("one", [waits(60, says("never"))])
    on = scene(book([entry("one", 1)], LIMITED), provider, spending=spending)
    asking = asyncio.create_task(on.gateway.ask(ask(), read, deadline=on.deadline(60)))
    await provider.asked.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await spending.close()
    assert (await state(log)).spent[AGENT] >= 100 * 2000


async def test_without_money_the_next_provider_may_be_one_that_costs_nothing(bus: HandlerBus) -> None:
    models = book(
        [entry("one", 1), entry("free", 2)],
        agent(dollars_per_day=0),
        prices={"default": Price(), "one": Price(input=1, output=1)},
    )
    dear, free = Scripted("one", [says("dear")]), Scripted("free", [says("free")])
    on = scene(models, dear, free, spending=Spending(bus, TurnedClock(), realm_limit=None))
    made = await on.gateway.ask(ask(), read, deadline=on.deadline())
    assert (made.provider, made.route, dear.calls) == ("free", "fallback", [])
    alone = book([entry("one", 1)], agent(dollars_per_day=0))
    on = scene(alone, dear, spending=Spending(bus, TurnedClock(), realm_limit=None))
    made = await on.gateway.ask(ask(), read, deadline=on.deadline())
    assert (made.route, made.code, dear.calls) == ("none", Code.RATE_LIMITED, [])


SPENDER = """
import asyncio, json, sys
from pathlib import Path
from adapters.nats.connection import connect
from adapters.nats.log import JetStreamLog
from adapters.llm.clock import SystemClock
from adapters.llm.spending import Spending
from adapters.settings import Settings
from events.errors import BudgetExhausted
from tests.adapters.llm.scene import agent, handler_bus

async def main(state, realm):
    settings = Settings(state=Path(state), realm=realm)
    client = await connect(settings, name="spender")
    bus = handler_bus(JetStreamLog(client, realm), client)
    spending, spent = Spending(bus, SystemClock(), realm_limit=90_000), 0
    first = await spending.reserve(agent(dollars_per_day=1e-4), 1000)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    first.settle(0)
    for _ in range(200):
        try:
            hold = await spending.reserve(agent(dollars_per_day=1e-4), 1000)
        except BudgetExhausted:
            break
        await asyncio.sleep(0)
        hold.settle(1000)
        spent += 1000
    await spending.close()
    await client.close()
    print(json.dumps(spent))

asyncio.run(main(*sys.argv[1:]))
"""


async def test_two_processes_that_spend_from_one_budget_never_exceed_it(
    settings: Settings, log: JetStreamLog
) -> None:
    spenders = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", SPENDER, str(settings.state), settings.realm),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for _ in range(2)
    ]
    for each in spenders:
        assert each.stdout is not None
        assert await each.stdout.readline() == b"ready\n"
    told = await asyncio.gather(*(each.communicate(b"go\n") for each in spenders))
    spent = [json.loads(out) for out, _ in told]
    assert all(each > 0 for each in spent)
    assert sum(spent) <= 90_000
    committed, booked = 0, 0
    held: dict[str, int] = {}
    async for page in log.read_all():
        for message in page:
            for event in codec.decode(message.body).events:
                if isinstance(event, BudgetReserved):
                    held[event.lease] = event.amount
                elif isinstance(event, BudgetSettled):
                    held.pop(event.lease)
                    booked += event.spent
                committed = max(committed, booked + sum(held.values()))
    assert committed <= 90_000
    assert (booked, held) == (sum(spent), {})
