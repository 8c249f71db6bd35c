"""The suite of our own: its answers are right, and its score comes from the seed alone."""

from __future__ import annotations

import pytest

from bench.npc_memory_suite import run


@pytest.mark.parametrize("seed", [1, 2])
def test_boundaries_times_and_facts_are_kept_without_a_single_mistake(seed: int) -> None:
    report = run(seed, events=2_500, questions=40)
    for part in ("boundary", "gossip", "changed_fact", "as_of", "contradiction", "forgetting"):
        assert report.parts[part].asked >= 40
        assert report.parts[part].score == 1.0
    assert report.parts["needle"].score >= 0.9
    assert report.events >= 2_500


def test_the_same_seed_gives_the_same_score() -> None:
    one, other = (run(3, events=1_500, questions=20) for _ in range(2))
    assert one.parts == other.parts
    assert one.memories == other.memories
    assert one.as_json()["scores"]["boundary"] == 1.0
    assert "boundary" in one.as_text()
