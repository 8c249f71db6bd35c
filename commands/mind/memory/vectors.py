"""Optional neural vectors: data beside the log, never needed to replay it.

An `Embedder` turns text into vectors outside the core; what it returned is stored with its model's name and a
digest of the text. Recall takes the nearest memories as one more arm of the fusion (`recall.Query.nearest`).
Vectors are kept as signed bytes, so that their similarity is an integer and the same everywhere.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from heapq import nlargest
from math import isfinite, isqrt
from operator import mul
from typing import Protocol

MAX_DIMENSIONS = 4_096
LEAST_LIKE = 250_000
"""Similarity below which a memory has nothing to do with a question: texts that share no meaning reach 0.1 to 0.2."""


class Embedder(Protocol):
    """A model that embeds text. Implementations do I/O and live in adapters."""

    @property
    def model(self) -> str:
        """Name and version of the model: vectors of different models are never compared."""
        ...

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """One vector of finite numbers per text, all of the same length. Raises `events.errors.ModelError`."""
        ...


@dataclass(frozen=True, slots=True)
class Vector:
    """A stored vector: its model, the SHA-256 (hex) of the text it stands for, and signed bytes."""

    model: str
    digest: str
    values: bytes


def stored(model: str, text: str, embedded: Sequence[float]) -> Vector:
    """Make a stored vector of what an embedder returned for a text.

    Raises `ValueError` if it is empty, longer than `MAX_DIMENSIONS`, all zero or not finite.
    """
    if not 1 <= len(embedded) <= MAX_DIMENSIONS:
        raise ValueError(f"embedded: {len(embedded)} dimensions; use 1 to {MAX_DIMENSIONS}")
    most = max(map(abs, embedded))
    if not isfinite(most) or not all(map(isfinite, embedded)) or most == 0:
        raise ValueError("embedded: zero or not finite; check the embedder's answer")
    return Vector(
        model, digest(text), array("b", (round(value / most * 127) for value in embedded)).tobytes()
    )


def digest(text: str) -> str:
    """What a stored vector remembers of its text."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def similarity(one: Vector, other: Vector) -> int:
    """Cosine similarity in millionths, -1,000,000 to 1,000,000.

    Raises `ValueError` if the vectors are of different models or lengths.
    """
    if one.model != other.model or len(one.values) != len(other.values):
        raise ValueError(f"vectors of {one.model!r} and {other.model!r} cannot be compared: embed both anew")
    a, b = array("b", one.values), array("b", other.values)
    dot = sum(map(mul, a, b))
    norm = isqrt(sum(map(mul, a, a)) * sum(map(mul, b, b)))
    return dot * 1_000_000 // norm if norm else 0


def nearest(
    question: Vector, memories: Iterable[tuple[tuple[int, int], Vector]], *, limit: int = 100
) -> tuple[tuple[tuple[int, int], int], ...]:
    """The events whose vectors are most similar to the question's, best first, for `recall.Query.nearest`.

    Exact, O(memories · dimensions): for lists of some hundred. A vector database answers longer ones. Vectors
    of another model are passed over.
    """
    found = (
        (similarity(question, vector), event) for event, vector in memories if vector.model == question.model
    )
    best = nlargest(limit, ((score, event) for score, event in found if score > 0))
    return tuple((event, score) for score, event in best)
