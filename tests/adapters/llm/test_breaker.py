"""The circuit breaker, with a clock turned by hand."""

from __future__ import annotations

from adapters.llm.breaker import Breaker
from tests.adapters.llm.scene import TurnedClock


def broken(clock: TurnedClock) -> Breaker:
    breaker = Breaker(clock, threshold=3, cooldown=5, longest=30)
    for _ in range(3):
        assert breaker.admit()
        breaker.failed()
    return breaker


def test_it_opens_after_failures_in_a_row_only() -> None:
    breaker = Breaker(TurnedClock(), threshold=3)
    for _ in range(5):
        breaker.failed()
        breaker.failed()
        breaker.succeeded()
    assert breaker.state == "closed"
    assert broken(TurnedClock()).state == "open"


def test_while_open_nothing_passes_and_late_news_change_nothing() -> None:
    clock = TurnedClock()
    breaker = broken(clock)
    breaker.succeeded()
    breaker.failed()
    assert (breaker.admit(), breaker.state, breaker.retry_in) == (False, "open", 5)
    clock.passed += 4.9
    assert not breaker.admit()


def test_half_open_it_lets_one_call_try_at_a_time() -> None:
    clock = TurnedClock()
    breaker = broken(clock)
    clock.passed += 5
    assert breaker.state == "half-open"
    assert [breaker.admit(), breaker.admit()] == [True, False]
    breaker.abandoned()
    assert breaker.admit()
    breaker.succeeded()
    assert [breaker.admit(), breaker.admit()] == [True, True]


def test_each_failed_try_doubles_the_rest_up_to_the_longest() -> None:
    clock = TurnedClock()
    breaker = broken(clock)
    rests = []
    for _ in range(4):
        rests.append(breaker.retry_in)
        clock.passed += breaker.retry_in
        assert breaker.admit()
        breaker.failed()
    assert rests == [5, 10, 20, 30]
    clock.passed += breaker.retry_in
    assert breaker.admit()
    breaker.succeeded()
    for _ in range(3):
        breaker.failed()
    assert breaker.retry_in == 5


def test_what_cannot_get_better_by_itself_opens_it_at_once_and_for_long() -> None:
    breaker = Breaker(TurnedClock(), longest=30)
    breaker.failed(hopeless=True)
    assert (breaker.state, breaker.retry_in) == ("open", 30)
