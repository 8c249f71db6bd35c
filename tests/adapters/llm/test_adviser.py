"""The adviser on a real log: recorded before it is used, asked once, judged in the background."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from nats.aio.client import Client

from adapters.llm.adviser import Adviser, Cause
from adapters.llm.clock import SystemClock
from adapters.nats.log import JetStreamLog
from commands.codes import Code
from commands.decision import decision_id
from commands.message import CommandMessage, Reply
from commands.rejection import Rejected
from events.commit import Actor
from events.decision import DecisionJudged, DecisionMade
from events.errors import LogUnavailable, ModelUnavailable
from tests.adapters.llm.scene import (
    HandlerBus,
    Scene,
    Scripted,
    ask,
    book,
    entry,
    fails,
    handler_bus,
    read,
    says,
    scene,
    unique,
    until,
    waits,
)
from tests.commits import commit

ONE = book([entry("one", 1)])


def on(provider: Scripted) -> Scene:
    return scene(ONE, provider, clock=SystemClock())


@pytest.fixture
def bus(log: JetStreamLog, client: Client) -> HandlerBus:
    return handler_bus(log, client)


@pytest.fixture
async def provider() -> Scripted:
    return Scripted("one", [says("I am John."), says("I am Jack.")])


@pytest.fixture
async def adviser(provider: Scripted, bus: HandlerBus, log: JetStreamLog) -> AsyncIterator[Adviser]:
    async with Adviser(on(provider).gateway, bus, log) as adviser:
        yield adviser


def soon(seconds: float = 10) -> float:
    return asyncio.get_running_loop().time() + seconds


async def events(log: JetStreamLog, which: str) -> list[object]:
    return [event async for recorded in log.read(f"decision/{which}") for event in recorded.commit.events]


async def test_advice_is_in_the_log_before_it_is_given(adviser: Adviser, log: JetStreamLog) -> None:
    cause = commit()
    advice = await adviser.advise(Cause.of(cause), ask(), read, deadline=soon())
    assert advice.decision_id == decision_id(cause.id, "dialogue")
    assert await events(log, advice.decision_id) == [advice.made]
    [recorded] = [each async for each in log.read(f"decision/{advice.decision_id}")]
    assert (recorded.position, recorded.commit.id) == (advice.position, advice.commit_id)
    assert (recorded.commit.causation_id, recorded.commit.correlation_id) == (cause.id, cause.correlation_id)


async def test_whoever_takes_up_the_work_of_a_dead_agent_finds_its_answer(
    adviser: Adviser, provider: Scripted, bus: HandlerBus, log: JetStreamLog
) -> None:
    cause = Cause.of(commit())
    first = await adviser.advise(cause, ask(), read, deadline=soon())
    async with Adviser(on(provider).gateway, bus, log) as other:
        again = await other.advise(cause, ask("rendered otherwise meanwhile"), read, deadline=soon())
    assert again == first
    assert len(provider.calls) == 1


async def test_of_two_agents_with_the_same_work_both_use_what_was_recorded_first(
    bus: HandlerBus, log: JetStreamLog
) -> None:
    cause = Cause.of(commit())
    slow, fast = Scripted("one", [waits(0.3, says("slow"))]), Scripted("one", [says("fast")])
    async with Adviser(on(slow).gateway, bus, log) as one, Adviser(on(fast).gateway, bus, log) as two:
        advice = await asyncio.gather(
            one.advise(cause, ask(), read, deadline=soon()), two.advise(cause, ask(), read, deadline=soon())
        )
    assert [each.made.answer for each in advice] == ["fast", "fast"]
    assert [type(event) for event in await events(log, advice[0].decision_id)] == [DecisionMade]


async def test_a_failure_is_recorded_too(bus: HandlerBus, log: JetStreamLog) -> None:
    broken = Scripted("one", [fails(lambda name: ModelUnavailable(name, "500"))])
    async with Adviser(on(broken).gateway, bus, log) as adviser:
        advice = await adviser.advise(Cause.of(commit()), ask(), read, deadline=soon())
    assert (advice.made.route, advice.made.code) == ("none", Code.LLM_ERROR)
    assert await events(log, advice.decision_id) == [advice.made]


@pytest.mark.parametrize("over", [True, False])
async def test_a_cancelled_call_is_recorded_only_when_nobody_will_take_the_work_up(
    bus: HandlerBus, log: JetStreamLog, over: bool
) -> None:
    cause = commit()
    asked = Scripted("one", [waits(60, says("too late"))])
    async with Adviser(on(asked).gateway, bus, log) as adviser:
        asking = asyncio.create_task(
            adviser.advise(Cause.of(cause), ask(), read, deadline=soon(60), over=lambda: over)
        )
        await until(lambda: bool(asked.calls))
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    found = await events(log, decision_id(cause.id, "dialogue"))
    assert [(made.code, made.cost > 0) for made in found if isinstance(made, DecisionMade)] == (
        [(Code.TIMEOUT, True)] if over else []
    )


async def test_what_cannot_be_recorded_is_not_used(bus: HandlerBus, adviser: Adviser) -> None:
    bus.down = True
    with pytest.raises(LogUnavailable):
        await adviser.advise(Cause.of(commit()), ask(), read, deadline=soon())


async def test_a_question_too_large_for_the_log_is_refused_before_it_is_asked(
    adviser: Adviser, provider: Scripted
) -> None:
    with pytest.raises(Rejected) as refused:
        await adviser.advise(Cause.of(commit()), ask("x" * 500_000), read, deadline=soon())
    assert (refused.value.code, refused.value.field) == (Code.PARAMETER_OUT_OF_RANGE, "messages")
    assert provider.calls == []


async def test_what_no_log_can_hold_is_refused_in_a_question_and_replaced_in_an_answer(
    bus: HandlerBus, log: JetStreamLog
) -> None:
    provider = Scripted("one", [says("half \ud83d a smile, whole \ud83d\ude00")])
    async with Adviser(on(provider).gateway, bus, log) as adviser:
        advice = await adviser.advise(Cause.of(commit()), ask(), read, deadline=soon())
        assert advice.made.answer == "half \ufffd a smile, whole \U0001f600"
        with pytest.raises(Rejected) as refused:
            await adviser.advise(Cause.of(commit()), ask("half \ud83d"), read, deadline=soon())
    assert refused.value.code == Code.INVALID_PARAMETER
    assert await events(log, advice.decision_id) == [advice.made]


def spoken(cause: Cause, name: str = "npc.speak") -> CommandMessage:
    return CommandMessage(
        f"agents/{unique()}/{name}", name, "npc/John", {}, Actor("agent", "npc"), cause.correlation_id
    )


async def test_verdicts_follow_in_the_background_and_are_finished_at_the_end(
    provider: Scripted, bus: HandlerBus, log: JetStreamLog
) -> None:
    cause = Cause.of(commit())
    accepted, refused, unknown = spoken(cause), spoken(cause), spoken(cause)
    async with Adviser(on(provider).gateway, bus, log) as adviser:
        advice = await adviser.advise(cause, ask(), read, deadline=soon())
        await adviser.judge(advice, accepted, Reply(position=9, commit_id="c9"))
        await adviser.judge(advice, refused, Reply(Code.OPERATION_NOT_ALLOWED, "not now"))
        await adviser.judge(advice, unknown, Reply(Code.TIMEOUT, "nobody knows"))
    judged = [event for event in await events(log, advice.decision_id) if isinstance(event, DecisionJudged)]
    assert sorted(judged, key=lambda each: each.verdict) == [
        DecisionJudged("accepted", "npc.speak", 9, "c9", command_id=accepted.id),
        DecisionJudged("refused", "npc.speak", None, "", -202, "not now", refused.id),
    ]
    made_and_judged = [each async for each in log.read(f"decision/{advice.decision_id}")]
    assert len(made_and_judged) == 2


async def test_nothing_is_asked_when_models_are_switched_off(
    provider: Scripted, bus: HandlerBus, log: JetStreamLog
) -> None:
    gateway = on(provider).gateway
    assert Adviser(gateway, bus, log).enabled("npc_intelligence")
    assert not Adviser(gateway, bus, log, enabled=False).enabled("npc_intelligence")
    assert not Adviser(gateway, bus, log).enabled("nobody")
