"""Stored vectors: integers, comparable only within a model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.mind.memory.vectors import nearest, similarity, stored

NUMBERS = st.lists(st.floats(-10, 10), min_size=3, max_size=3).filter(
    lambda values: max(map(abs, values)) > 0.01
)


@given(NUMBERS, NUMBERS)
def test_similarity_is_symmetric_and_bounded(one: list[float], other: list[float]) -> None:
    a, b = stored("m", "one", one), stored("m", "two", other)
    assert similarity(a, b) == similarity(b, a)
    assert -1_000_001 <= similarity(a, b) <= 1_000_000
    assert similarity(a, a) == 1_000_000


def test_the_nearest_come_first_and_other_models_are_passed_over() -> None:
    question = stored("m", "q", [1, 0])
    memories = [
        ((1, 0), stored("m", "a", [0.5, 0.5])),
        ((2, 0), stored("m", "b", [1, 0.1])),
        ((3, 0), stored("other", "c", [1, 0])),
        ((4, 0), stored("m", "d", [-1, 0])),
    ]
    assert [event for event, _ in nearest(question, memories)] == [(2, 0), (1, 0)]


def test_vectors_of_different_models_are_not_compared() -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        similarity(stored("m", "a", [1]), stored("n", "a", [1]))


@pytest.mark.parametrize("wrong", [[], [0.0, 0.0], [float("nan"), 1.0], [float("inf")], [0.5] * 5_000])
def test_a_useless_answer_of_an_embedder_is_refused(wrong: list[float]) -> None:
    with pytest.raises(ValueError, match=r"^embedded:"):
        stored("m", "text", wrong)
