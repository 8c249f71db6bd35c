"""Challenge ratings and encounter budgets: the examples of SRD 5.2, and what holds for every party."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.rules.challenge import XP, UnknownRating, experience, proficiency_bonus, rating, rating_text
from commands.rules.encounter import (
    BUDGETS,
    DIFFICULTIES,
    EncounterError,
    Monsters,
    assess,
    budget,
)
from commands.rules.verdict import failed

levels = st.lists(st.integers(1, 20), min_size=1, max_size=8)
groups = st.lists(st.builds(Monsters, st.text(max_size=5), st.sampled_from(sorted(XP)), st.integers(1, 50)), min_size=1, max_size=5)  # fmt: skip # noqa: E501


def of(name: str, challenge: str, count: int = 1) -> Monsters:
    return Monsters(name, rating(challenge), count)


@pytest.mark.parametrize(
    ("party", "difficulty", "allowed", "monsters", "worth"),
    [
        ([1] * 4, "low", 200, [of("Bugbear Warrior", "1")], 200),
        ([1] * 4, "low", 200, [of("Giant Wasp", "1/2", 2)], 200),
        ([1] * 4, "low", 200, [of("Giant Rat", "1/8", 6)], 150),
        ([3] * 5, "moderate", 1125, [of("Druid", "2", 2), of("Stirge", "1/8", 9)], 1125),
        ([3] * 5, "moderate", 1125, [of("Wight", "3"), of("Warhorse Skeleton", "½"), of("Skeleton", "0.25", 6)], 1100),
        ([15] * 6, "high", 46800, [of("Adult Red Dragon", "17", 2), of("Fire Giant", "9", 2)], 46000),
    ],
)  # fmt: skip
def test_the_examples_of_the_rules_fit(
    party: list[int], difficulty: str, allowed: int, monsters: list[Monsters], worth: int
) -> None:
    found = assess(party, monsters, difficulty)  # type: ignore[arg-type]
    assert budget(party, difficulty) == allowed  # type: ignore[arg-type]
    assert (found.spent, found.difficulty) == (worth, difficulty)
    assert all(v.ok for v in found.verdicts if v.rule in {"encounter.budget", "encounter.band"})


def test_an_encounter_above_the_budget_says_how_much_to_take_out() -> None:
    found = assess([1] * 4, [of("Ogre", "2")], "moderate")
    assert (found.difficulty, found.spent) == (None, 450)
    wrong = {v.rule: v for v in failed(found.verdicts)}
    assert set(wrong) == {"encounter.budget", "encounter.rating"}
    assert "worth 150 XP" in wrong["encounter.budget"].message


def test_an_encounter_that_is_too_easy_says_how_much_to_add() -> None:
    (wrong,) = failed(assess([5] * 4, [of("Ogre", "2")], "high").verdicts)
    assert (wrong.rule, wrong.found) == ("encounter.band", 450)
    assert "2550" in wrong.message


def test_crowds_of_the_weak_many_stat_blocks_and_more_than_two_each_are_warned_of() -> None:
    crowd = [of("Rat", "0", 5), of("Bat", "0"), of("Crab", "0"), of("Frog", "0")]
    wrong = failed(assess([1, 2], crowd, "low").verdicts)
    assert [v.rule for v in wrong] == ["encounter.monsters", "encounter.stat_blocks", "encounter.swarms"]
    assert "levels 1 and 2" in wrong[0].message


def test_a_table_of_the_game_masters_own_is_named_as_the_source() -> None:
    found = assess([1], [of("Rat", "0")], "low", {1: (10, 20, 30)}, "our table")
    assert found.budgets == (10, 20, 30)
    assert found.verdicts[0].source == "our table"


@given(levels, groups)
def test_a_harder_budget_is_never_smaller_and_monsters_multiply_nothing(
    party: list[int], monsters: list[Monsters]
) -> None:
    found = assess(party, monsters, "moderate")
    low, moderate, high = found.budgets
    assert low < moderate < high
    assert found.spent == sum(XP[group.rating] * group.count for group in monsters)
    assert [budget(party, each) for each in DIFFICULTIES] == [low, moderate, high]
    assert assess([*party, 1], monsters, "moderate").budgets > found.budgets


@pytest.mark.parametrize(
    ("party", "monsters", "field"),
    [
        ([], [of("Rat", "0")], "levels"),
        ([0], [of("Rat", "0")], "levels"),
        ([21], [of("Rat", "0")], "levels"),
        ([1] * 21, [of("Rat", "0")], "levels"),
        ([1], [], "monsters"),
        ([1], [of("Rat", "0", 0)], "monsters"),
        ([1], [of("Rat", "0", 1001)], "monsters"),
        ([1], [Monsters("Rat", 0, 1, -1)], "monsters"),
    ],
)
def test_what_no_encounter_can_have_is_refused(
    party: list[int], monsters: list[Monsters], field: str
) -> None:
    with pytest.raises(EncounterError, match=field):
        assess(party, monsters, "low")


def test_an_unknown_difficulty_is_refused() -> None:
    with pytest.raises(EncounterError, match="difficulty"):
        budget([1], "deadly")  # type: ignore[arg-type]


def test_the_tables_rise() -> None:
    by_rating = [XP[each] for each in sorted(XP)]
    assert by_rating == sorted(by_rating)
    assert len(by_rating) == 34
    assert sorted(BUDGETS) == list(range(1, 21))
    assert all(BUDGETS[level] < BUDGETS[level + 1] for level in range(1, 20))


@pytest.mark.parametrize(
    ("challenge", "xp", "bonus"),
    [("0", 10, 2), ("1/8", 25, 2), ("4", 1100, 2), ("5", 1800, 3), ("9", 5000, 4), ("17", 18000, 6),
     ("20", 25000, 6), ("21", 33000, 7), ("28", 120000, 8), ("29", 135000, 9), ("30", 155000, 9)],
)  # fmt: skip
def test_experience_and_proficiency_follow_from_the_rating(challenge: str, xp: int, bonus: int) -> None:
    assert (experience(rating(challenge)), proficiency_bonus(rating(challenge))) == (xp, bonus)


@given(st.sampled_from(sorted(XP)))
def test_a_rating_survives_its_spelling(eighths: int) -> None:
    assert rating(rating_text(eighths)) == eighths
    assert rating(f"{eighths / 8:.3f}") == eighths
    assert rating(eighths / 8) == eighths


@pytest.mark.parametrize(
    "value", ["", "31", "-1", "1/3", "0.3", "1e1", "nan", "١", "9" * 99, True, float("inf")]
)
def test_what_is_no_rating_is_refused(value: str | float) -> None:
    with pytest.raises(UnknownRating):
        rating(value)
