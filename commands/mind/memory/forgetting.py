"""How memories fade: a pure function of importance and age, evaluated when somebody asks.

Nothing is ever deleted. A memory whose strength has fallen below `FORGOTTEN` is left out of recall at that
time; asking as of an earlier time, or asking for forgotten memories, still finds it. Facts and reflections do
not fade.
"""

from __future__ import annotations

from functools import lru_cache

from commands.mind.memory.record import MILLION

DAY_US = 86_400_000_000
HALF_LIFE_US = 3 * DAY_US
"""Half-life of a memory of no importance; it grows linearly to ten times that at full importance."""
FORGOTTEN = 50_000
"""Strength, in millionths, below which a memory is forgotten."""
NEVER = 2**62


def half_life(importance: int) -> int:
    """µs in which a memory of an importance (millionths) loses half its strength."""
    return HALF_LIFE_US + 9 * HALF_LIFE_US * max(0, min(importance, MILLION)) // MILLION


def strength(importance: int, age: int) -> int:
    """What is left of a memory, in millionths, `age` µs after the event; equals the importance at age 0.

    Halves with every half-life, linearly in between: monotone, closed-form, and the same integer everywhere.
    """
    period = half_life(importance)
    whole, part = divmod(max(0, age), period)
    if whole > 40:
        return 0
    return importance * (2 * period - part) // (2 * period << whole)


@lru_cache(maxsize=4_096)
def lasts(importance: int) -> int:
    """Age in µs at which a memory is forgotten: the least with `strength` below `FORGOTTEN`."""
    if importance < FORGOTTEN:
        return 0
    low, high = 0, 41 * half_life(importance)
    while low < high:
        middle = (low + high) // 2
        if strength(importance, middle) < FORGOTTEN:
            high = middle
        else:
            low = middle + 1
    return low
