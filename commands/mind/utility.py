"""Utility decisions: candidates are scored by considerations, ranked, and the whole score table is kept.

The compensation factor is the one of Mark & Lewis ("Improving AI Decision Modeling Through Utility Theory",
GDC 2010): a product of n scores below one shrinks with n, so each factor is raised by (1 - 1/n) of what it
lacks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple, TypeVar

from commands.mind.curves import UNIT, Curve, clamp

T = TypeVar("T")


class Consideration(NamedTuple):
    """One reason for or against a candidate.

    value: input in millionths. curve: what that input is worth. weight: 0..UNIT, how far the reason counts:
    at 0 it is ignored, at UNIT a score of 0 rules the candidate out.
    """

    name: str
    value: int
    curve: Curve
    weight: int = UNIT


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that may be chosen. key: unique among its rivals. base: 0..UNIT, worth before any
    consideration.
    """

    key: str
    considerations: Sequence[Consideration]
    base: int = UNIT


class Judged(NamedTuple):
    """One cell of the score table: what a consideration made of its input (all in millionths)."""

    consideration: str
    value: int
    score: int
    weight: int


class Scored(NamedTuple):
    """One row of the score table. score, base: millionths. tie: decides between equal scores, larger
    first.
    """

    candidate: str
    score: int
    base: int
    tie: str
    judged: tuple[Judged, ...]

    def as_json(self) -> dict[str, Any]:
        """The row as plain JSON with integers only, as it is recorded in the commit."""
        return {
            "candidate": self.candidate,
            "score": self.score,
            "base": self.base,
            "tie": self.tie,
            "considerations": [
                {"consideration": j.consideration, "input": j.value, "score": j.score, "weight": j.weight}
                for j in self.judged
            ],
        }


@dataclass(frozen=True, slots=True)
class Ranking:
    """All candidates, best first, with the seed that broke their ties."""

    seed: str
    rows: tuple[Scored, ...]

    @property
    def best(self) -> Scored | None:
        """The first row whose score is above zero; None when there is nothing worth choosing."""
        return self.rows[0] if self.rows and self.rows[0].score > 0 else None

    @property
    def margin(self) -> int:
        """How far the best lies before the second, in millionths; UNIT when there is no second."""
        return self.rows[0].score - self.rows[1].score if len(self.rows) > 1 else UNIT

    def table(self) -> dict[str, Any]:
        """The whole score table as plain JSON (integers in millionths), for the commit and for `why`."""
        return {"seed": self.seed, "unit": UNIT, "rows": [row.as_json() for row in self.rows]}

    def scores(self) -> dict[str, float]:
        """Candidate → score 0..1, best first: the short form that an answer shows."""
        return {row.candidate: row.score / UNIT for row in self.rows}


def rank(candidates: Iterable[Candidate], seed: str) -> Ranking:
    """Score and order `candidates`; equal scores are ordered by SHA-256 of seed and key, whatever their
    order.

    seed: any text, recorded with the table; the same seed and candidates give the same ranking everywhere.
    Raises `ValueError` when two candidates share a key.
    """
    rows = [_scored(candidate, seed) for candidate in candidates]
    if len({row.candidate for row in rows}) != len(rows):
        raise ValueError("two candidates have the same key; give each its own")
    rows.sort(key=lambda row: (row.score, row.tie, row.candidate), reverse=True)
    return Ranking(seed, tuple(rows))


def draw(seed: str, *parts: str) -> int:
    """A number 0..2^64-1 that depends on the seed and the parts alone: the dice of all seeded choices."""
    return int.from_bytes(_digest(seed, *parts)[:8], "big")


def pick(options: Sequence[T], seed: str, *parts: str) -> T:
    """One of `options` (not empty), chosen by `draw`."""
    return options[draw(seed, *parts) % len(options)]


def _scored(candidate: Candidate, seed: str) -> Scored:
    judged = []
    score = clamp(candidate.base)
    lacking = UNIT - UNIT // max(1, len(candidate.considerations))
    for name, value, curve, weight in candidate.considerations:
        raw = curve.at(value)
        counted = UNIT - weight * (UNIT - raw) // UNIT
        raised = counted + (UNIT - counted) * lacking // UNIT * counted // UNIT
        score = score * raised // UNIT
        judged.append(Judged(name, value, raw, weight))
    return Scored(candidate.key, score, candidate.base, _digest(seed, candidate.key)[:8].hex(), tuple(judged))


def _digest(*parts: str) -> bytes:
    # Length prefixes keep ("a", "bc") and ("ab", "c") apart; surrogates cannot be encoded strictly.
    joined = b""
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        joined += len(raw).to_bytes(4, "big") + raw
    return sha256(joined).digest()
