"""Response curves in fixed point: piecewise linear, exact in integers, monotone where their knots are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

UNIT = 1_000_000
"""1.0 in millionths, the unit of every number a decision records."""


def clamp(value: int, low: int = 0, high: int = UNIT) -> int:
    """The nearest number to `value` within `low`..`high`."""
    return low if value < low else min(value, high)


def times(a: int, b: int) -> int:
    """Product of two numbers in millionths, rounded towards minus infinity (so that it stays monotone)."""
    return a * b // UNIT


@dataclass(frozen=True, slots=True)
class Curve:
    """A line through `knots` ((input, score) in millionths, inputs strictly rising), flat outside them.

    Piecewise lines rather than powers or logistics: the same integers on every machine, and an operator can
    read them off the configuration.
    """

    knots: tuple[tuple[int, int], ...]

    def at(self, value: int) -> int:
        """The score of one input, both in millionths."""
        if value <= self.knots[0][0]:
            return self.knots[0][1]
        for (x0, y0), (x1, y1) in pairwise(self.knots):
            if value <= x1:
                return y0 + (y1 - y0) * (value - x0) // (x1 - x0)
        return self.knots[-1][1]


RISING = Curve(((0, 0), (UNIT, UNIT)))
FALLING = Curve(((0, UNIT), (UNIT, 0)))

NAMED: dict[str, Curve] = {
    "rising": RISING,
    "falling": FALLING,
    "early": Curve(((0, 0), (300_000, 800_000), (UNIT, UNIT))),
    "late": Curve(((0, 0), (600_000, 200_000), (UNIT, UNIT))),
    "drop": Curve(((0, UNIT), (250_000, 400_000), (600_000, 0))),
    "middle": Curve(((0, 0), (500_000, UNIT), (UNIT, 0))),
    "present": Curve(((0, 0), (1, UNIT))),
    "absent": Curve(((0, UNIT), (1, 0))),
}
"""Curves that a configuration may call by name; anything else is written as a list of knots."""


def curve_through(knots: Sequence[tuple[int, int]]) -> Curve:
    """A curve through `knots`, at least one, inputs strictly rising, scores 0..UNIT; `ValueError`
    otherwise.
    """
    if not knots:
        raise ValueError("a curve needs at least one knot [input, score]")
    if any(a[0] >= b[0] for a, b in pairwise(knots)):
        raise ValueError("the inputs of a curve's knots must rise from one to the next")
    if any(not 0 <= score <= UNIT for _, score in knots):
        raise ValueError("the scores of a curve's knots lie between 0 and 1")
    return Curve(tuple(knots))
