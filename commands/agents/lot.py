"""Drawing by lot without chance: equal seeds draw equally, on every machine and at every replay. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar

T = TypeVar("T")


def drawn(seed: str, below: int) -> int:
    """A number of 0 … `below` - 1."""
    return int.from_bytes(sha256(seed.encode("utf-8", "surrogatepass")).digest()[:8], "big") % max(below, 1)


def one_of(seed: str, choices: Sequence[T]) -> T:
    """One of the choices, each as likely as the others."""
    return choices[drawn(seed, len(choices))]


def weighted(seed: str, choices: Sequence[tuple[T, int]]) -> T | None:
    """One of the choices by its weight; None when nothing weighs anything."""
    place = drawn(seed, sum(weight for _, weight in choices))
    for choice, weight in choices:
        if place < weight:
            return choice
        place -= weight
    return None


def within(seed: str, bounds: tuple[int, int]) -> int:
    """A number within [least, most]."""
    return bounds[0] + drawn(seed, bounds[1] - bounds[0] + 1)
