"""Limits of a provider per minute and at once, with a clock turned by hand."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from adapters.llm.clock import SystemClock
from adapters.llm.limits import MAX_WAITING, Limits, Window
from events.errors import ModelRateLimited
from tests.adapters.llm.scene import TurnedClock, entry


def limits(clock: TurnedClock, **limited: Any) -> Limits:
    return Limits(entry("one", 1, **limited), clock)


@settings(max_examples=100, deadline=None)
@given(some.lists(some.tuples(some.floats(0, 40), some.integers(1, 50)), max_size=40))
def test_a_window_never_holds_more_than_its_limit_in_any_minute(calls: list[tuple[float, int]]) -> None:
    clock, taken = TurnedClock(), list[tuple[float, int]]()
    window = Window(50, clock)
    for pause, amount in calls:
        clock.passed += pause
        clock.passed += window.wait(amount)
        assert window.wait(amount) <= 1e-6
        window.take(amount)
        taken.append((clock.monotonic(), amount))
    for start, _ in taken:
        assert sum(amount for at, amount in taken if start <= at < start + 60 - 1e-6) <= 50


def test_what_is_larger_than_the_limit_fits_when_nothing_else_is_there() -> None:
    clock = TurnedClock()
    window = Window(100, clock)
    assert window.wait(500) == 0
    window.take(500)
    assert window.wait(1) == 60
    clock.passed += 60
    assert window.wait(500) == 0


async def test_a_call_waits_for_its_rate_when_it_has_the_patience() -> None:
    clock = TurnedClock()
    limited = limits(clock, requests_per_minute=2)
    for _ in range(2):
        limited.leave(await limited.enter(10, patience=1), 10)
    with pytest.raises(ModelRateLimited) as busy:
        await limited.enter(10, patience=59)
    assert (busy.value.retry_after, clock.passed) == (60, 0)
    limited.leave(await limited.enter(10, patience=61), 10)
    assert clock.passed == 60


async def test_tokens_count_as_estimated_until_the_real_number_is_known() -> None:
    clock = TurnedClock()
    limited = limits(clock, tokens_per_minute=1000)
    permit = await limited.enter(900, patience=1)
    with pytest.raises(ModelRateLimited):
        await limited.enter(200, patience=1)
    limited.leave(permit, 300)
    limited.leave(await limited.enter(200, patience=1), None)
    with pytest.raises(ModelRateLimited):
        await limited.enter(600, patience=1)


async def test_a_pause_the_provider_asked_for_is_kept_but_not_for_ever() -> None:
    clock = TurnedClock()
    limited = limits(clock)
    limited.pause(30)
    limited.pause(5)
    with pytest.raises(ModelRateLimited, match="pause"):
        await limited.enter(1, patience=29)
    limited.pause(1e9)
    clock.passed += 121
    limited.leave(await limited.enter(1, patience=1), 1)


async def test_the_line_for_a_place_is_bounded_and_fair() -> None:
    limited = Limits(entry("one", 1, max_concurrent=1), SystemClock())
    held = await limited.enter(1, patience=1)
    order: list[int] = []

    async def stand(number: int) -> None:
        permit = await limited.enter(1, patience=30)
        order.append(number)
        limited.leave(permit, 1)

    waiting = [asyncio.create_task(stand(number)) for number in range(MAX_WAITING)]
    await asyncio.sleep(0.01)
    with pytest.raises(ModelRateLimited, match="stand in line"):
        await limited.enter(1, patience=30)
    waiting[3].cancel()
    limited.leave(held, 1)
    await asyncio.gather(*waiting, return_exceptions=True)
    assert order == [number for number in range(MAX_WAITING) if number != 3]
    assert (limited.waiting, limited.in_flight) == (0, 0)
