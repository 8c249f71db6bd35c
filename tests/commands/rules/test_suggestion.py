"""Suggested encounters fit the budget they were asked for, differ from each other, and follow from their seed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.rules.challenge import XP
from commands.rules.encounter import DIFFICULTIES, Difficulty, EncounterError, assess, budget
from commands.rules.suggestion import Creature, suggest

ZOO = tuple(
    Creature(f"{kind}-{eighths}", f"{kind} {eighths}", eighths, xp, kind)
    for kind in ("beast", "undead")
    for eighths, xp in XP.items()
)


@given(
    levels=st.lists(st.integers(1, 20), min_size=1, max_size=8),
    difficulty=st.sampled_from(DIFFICULTIES),
    seed=st.text(max_size=8),
)
def test_every_suggestion_lies_within_the_band_that_was_asked_for(
    levels: list[int], difficulty: Difficulty, seed: str
) -> None:
    found = suggest(levels, difficulty, ZOO, seed=seed, most=6)
    assert found == suggest(levels, difficulty, reversed(ZOO), seed=seed, most=6)
    for each in found:
        assessed = assess(levels, each.monsters, difficulty)
        verdicts = {verdict.rule: verdict.ok for verdict in assessed.verdicts}
        assert verdicts["encounter.budget"]
        assert verdicts["encounter.band"]
        assert verdicts["encounter.monsters"]
        assert verdicts["encounter.stat_blocks"]
        assert assessed.spent == each.xp <= budget(levels, difficulty)


def test_several_suggestions_have_several_shapes_and_no_foremost_creature_twice() -> None:
    found = suggest([5, 5, 5, 5], "high", ZOO, seed="s", most=5)
    assert len(found) == 5
    assert len({each.shape for each in found}) >= 4
    assert len({each.creatures[0][0].key for each in found}) == 5


def test_another_seed_suggests_something_else() -> None:
    some = {suggest([3] * 4, "moderate", ZOO, seed=str(number), most=1) for number in range(20)}
    assert len(some) > 3


def test_a_creature_above_the_partys_level_comes_only_where_nothing_else_fits() -> None:
    strong = [each for each in ZOO if each.rating >= 40]
    assert suggest([4] * 6, "high", strong, seed="s", most=1)
    weak = suggest([4] * 6, "high", ZOO, seed="s", most=3)
    assert all(creature.rating <= 32 for each in weak for creature, _ in each.creatures)


@pytest.mark.parametrize(("levels", "most"), [([], 3), ([21], 3), ([1], 0), ([1], 99)])
def test_a_party_nobody_has_is_refused(levels: list[int], most: int) -> None:
    with pytest.raises(EncounterError):
        suggest(levels, "low", ZOO, seed="s", most=most)


def test_nothing_is_suggested_where_nothing_fits() -> None:
    assert suggest([1], "low", [], seed="s") == ()
    assert suggest([1], "low", [Creature("dragon", "Dragon", 136, 18000)], seed="s") == ()
