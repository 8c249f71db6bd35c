"""Scores of terms added up, the best of them, and logarithms: whole numbers, the same on every machine."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from heapq import nlargest
from typing import TypeAlias

from commands.mind.memory.index import Found

SCALE = 1_000
COMMON = 1_000
"""A term held by more memories than this only scores memories that also hold a rarer term, if there are
enough."""
BUDGET = 20_000
"""Postings one question reads per arm: its rarest terms first, and those that do not fit are not looked for.
Honest questions about 10,000 memories read some hundred; this bounds what a hostile memory or question can
cost."""

Scores: TypeAlias = dict[int, int]
"""Score by ordinal."""
Heirs: TypeAlias = list[tuple[int, int]]


@lru_cache(maxsize=1_024)
def normalisation(k1: int, b: int, mean: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """BM25's length normalisation, and the score of one occurrence, for every length; all in thousandths."""
    norm = tuple(k1 * (SCALE - b + b * length * SCALE // mean) // SCALE for length in range(256))
    return norm, tuple((k1 + SCALE) * SCALE // (SCALE + part) for part in norm)


def affordable(postings: dict[str, list[Found]]) -> dict[str, list[Found]]:
    """The terms, in the question's order, whose postings fit into `BUDGET`; the rarest are taken first, one
    at least."""
    taken: set[int] = set()
    room = BUDGET
    for count, number in sorted(
        (memories_in(found), number) for number, found in enumerate(postings.values())
    ):
        if taken and count > room:
            break
        room -= count
        taken.add(number)
    return {term: found for number, (term, found) in enumerate(postings.items()) if number in taken}


def memories_in(postings: Iterable[Found]) -> int:
    """How many memories the postings name, each as often as it is named."""
    return sum(len(memories) for _, memories, _ in postings)


def direct(per_term: list[Scores], enough: int) -> Scores:
    """Sum of the terms per memory; once `enough` are found, a common term brings in no new ones."""
    total: Scores = {}
    for scores in sorted(per_term, key=len):
        if len(scores) > COMMON and len(total) >= enough:
            for ordinal in total.keys() & scores.keys():
                total[ordinal] += scores[ordinal]
        elif total:
            for ordinal, score in scores.items():
                total[ordinal] = total.get(ordinal, 0) + score
        else:
            total = scores.copy()
    return total


def inherited(per_term: list[Scores], heirs: dict[int, Heirs]) -> Scores:
    """Sum over the terms of the best that each memory has itself or inherits from a given one."""
    total: Scores = {}
    for scores in per_term:
        best: Scores = {}
        for ordinal in heirs.keys() & scores.keys():
            score = scores[ordinal]
            for heir, share in heirs[ordinal]:
                part = score * share // SCALE
                if part > best.get(heir, 0):
                    best[heir] = part
        for ordinal, score in best.items():
            total[ordinal] = total.get(ordinal, 0) + score
    return total


def best_of(scores: Scores, count: int) -> list[int]:
    """Ordinals of the highest scores, the later memory first where they tie."""
    packed = [score << 32 | ordinal for ordinal, score in scores.items()]
    # Sorting runs in C and wins for short lists, the heap runs in Python and wins for long ones.
    best = nlargest(count, packed) if len(packed) > 16 * count else sorted(packed, reverse=True)[:count]
    return [value & 0xFFFF_FFFF for value in best]


@lru_cache(maxsize=65_536)
def logarithm(numerator: int, denominator: int) -> int:
    """ln(numerator / denominator) in thousandths, 0 if not above 1; in integers, the same everywhere."""
    if numerator <= denominator:
        return 0
    value = (numerator << 32) // denominator
    whole = value.bit_length() - 33
    value >>= whole
    binary = whole << 16
    for bit in range(15, -1, -1):
        value = value * value >> 32
        if value >= 2 << 32:
            value >>= 1
            binary |= 1 << bit
    return binary * 693_147 // (1_000 << 16)
