"""Fixed-point arithmetic against exact decimals."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.mind.fixed import ONE, faded, half_power, halvings, millionths, scaled

values = st.integers(-20 * ONE, 20 * ONE)
spans = st.integers(0, 10**15)
half_lives = st.integers(1, 10**13)


def exactly(value: int, elapsed: int, half_life: int) -> Decimal:
    with localcontext() as context:
        context.prec = 50
        return Decimal(value) * Decimal(2) ** (-Decimal(elapsed) / Decimal(half_life))


@given(values, spans, half_lives)
def test_fading_is_within_two_millionths_of_the_real_number(value: int, elapsed: int, half_life: int) -> None:
    assert abs(Decimal(faded(value, elapsed, half_life)) - exactly(value, elapsed, half_life)) < 2


@given(values, spans, spans, half_lives)
def test_fading_in_two_steps_differs_from_one_step_by_at_most_three_millionths(
    value: int, first: int, second: int, half_life: int
) -> None:
    stepwise = faded(faded(value, first, half_life), second, half_life)
    assert abs(stepwise - faded(value, first + second, half_life)) <= 3


@given(values, spans, st.integers(0, 10**12), half_lives)
def test_fading_longer_never_leaves_more(value: int, elapsed: int, more: int, half_life: int) -> None:
    assert abs(faded(value, elapsed + more, half_life)) <= abs(faded(value, elapsed, half_life))


@given(values, st.integers(-(10**15), 0), half_lives)
def test_time_that_runs_backwards_fades_nothing(value: int, elapsed: int, half_life: int) -> None:
    assert faded(value, elapsed, half_life) == value


@given(st.integers(0, 60), half_lives)
def test_whole_half_lives_halve_exactly(count: int, half_life: int) -> None:
    assert faded(ONE << 10, count * half_life, half_life) == (ONE << 10) >> count


def test_the_table_of_roots_is_the_same_everywhere() -> None:
    # Pinned: a platform that computed another value would fold another state from the same log.
    assert half_power(1, 3) == (915_074_417_226_870_268, 60)
    assert faded(ONE, 1, 2) == 707_106


@given(st.integers(0, 2 * ONE), st.integers(0, 2 * ONE))
def test_stronger_emotions_last_at_least_as_long(one: int, other: int) -> None:
    assert halvings(min(one, other)) <= halvings(max(one, other))


@given(st.integers(2, 2 * ONE))
def test_halvings_count_the_time_down_to_one_millionth(value: int) -> None:
    steps = halvings(value)
    assert exactly(value, steps, 64) >= Decimal("0.999999")
    assert exactly(value, steps + 1, 64) < 1


@given(values, values)
def test_products_are_rounded_towards_zero_on_both_sides(one: int, other: int) -> None:
    assert scaled(-one, other) == -scaled(one, other)


@pytest.mark.parametrize(
    ("given_value", "expected"),
    [
        (1, ONE),
        (0.25, 250_000),
        ("0.5", 500_000),
        ("-3", -3 * ONE),
        (True, 7),
        (None, 7),
        ("nan", 7),
        (float("inf"), 7),
        ("9" * 40, 7),
        ([1], 7),
        (10**400, 1000 * ONE),
        (-1e300, -1000 * ONE),
    ],
)
def test_numbers_from_outside_are_read_bounded_or_replaced(given_value: object, expected: int) -> None:
    assert millionths(given_value, default=7) == expected
