"""Archetypes, words and numbers make a personality; a personality makes a resting mood."""

from __future__ import annotations

from typing import Any

import pytest

from commands.mind.fixed import ONE
from commands.mind.mood import rest_of
from commands.mind.outlook import outlook_of
from commands.mind.personality import AVERAGE, Archetypes, BigFive, parse_archetypes

WANTED = [
    "merchant",
    "guard",
    "sage",
    "healer",
    "blacksmith",
    "innkeeper",
    "thief",
    "noble",
    "priest",
    "soldier",
    "child",
    "hunter",
    "wizard",
    "default",
]


@pytest.mark.parametrize("name", WANTED)
def test_every_archetype_of_the_specification_is_known(archetypes: Archetypes, name: str) -> None:
    assert archetypes.named(name).name == name


@pytest.mark.parametrize(
    ("given_name", "archetype"),
    [
        ("Merchant", "merchant"),
        ("weapon_merchant", "merchant"),
        ("city guard", "guard"),
        ("guard captain", "soldier"),
        ("shopkeeper", "merchant"),
        ("time traveller", "default"),
        ("", "default"),
        ("x" * 100_000, "default"),
    ],
)
def test_an_archetype_is_found_by_its_own_or_another_name(
    archetypes: Archetypes, given_name: str, archetype: str
) -> None:
    assert archetypes.named(given_name).name == archetype


def test_an_average_person_rests_in_the_middle() -> None:
    assert rest_of(AVERAGE) == (0, 0, 0)


def test_neurotic_people_rest_less_pleased_and_more_aroused() -> None:
    calm, nervous = rest_of(AVERAGE._replace(neuroticism=0)), rest_of(AVERAGE._replace(neuroticism=ONE))
    assert calm == (190_000, -570_000, 0)
    assert nervous == (-190_000, 570_000, 0)


def test_the_resting_mood_is_bounded() -> None:
    for corner in range(32):
        traits = BigFive(*(ONE * (corner >> bit & 1) for bit in range(5)))
        assert all(-ONE <= axis <= ONE for axis in rest_of(traits))


def test_words_shift_and_numbers_replace_the_traits_of_the_archetype(archetypes: Archetypes) -> None:
    plain = outlook_of("n", {"personality": {"archetype": "sage"}}, archetypes)
    worded = outlook_of(
        "n", {"personality": {"archetype": "sage", "traits": ["Patient", "wise", "xyz"]}}, archetypes
    )
    numbered = outlook_of("n", {"personality": {"archetype": "sage", "neuroticism": 0.9}}, archetypes)
    assert worded.traits.neuroticism < plain.traits.neuroticism < numbered.traits.neuroticism == 900_000


def test_the_order_of_words_does_not_matter_and_each_counts_once(archetypes: Archetypes) -> None:
    one = outlook_of("n", {"personality": {"traits": ["kind", "shy", "kind"], "mood": "calm"}}, archetypes)
    other = outlook_of("n", {"personality": {"traits": ["calm", "shy"], "mood": "kind"}}, archetypes)
    assert one.traits == other.traits


@pytest.mark.parametrize(
    "personality",
    [
        None,
        7,
        "merchant",
        [],
        {"traits": 5, "mood": ["a"]},
        {"openness": "NaN", "likes": "x", "traits": [None, {}]},
    ],
)
def test_a_personality_of_odd_shape_is_read_as_an_average_one(
    archetypes: Archetypes, personality: Any
) -> None:
    outlook = outlook_of("n", {"personality": personality, "goals": personality}, archetypes)
    assert outlook.traits == AVERAGE
    assert outlook.goals == {}


def test_traits_may_be_one_text(archetypes: Archetypes) -> None:
    listed = outlook_of("n", {"personality": {"traits": ["brave", "kind"]}}, archetypes)
    written = outlook_of("n", {"personality": {"traits": "Brave, kind"}}, archetypes)
    assert listed.traits == written.traits


def test_goals_are_weighted_by_priority(archetypes: Archetypes) -> None:
    goals: list[object] = [
        {"goal": "sell_items", "priority": 1, "progress": 600_000},
        "gather_info",
        3,
        {"goal": 4},
    ]
    outlook = outlook_of("n", {"goals": goals}, archetypes)
    assert {name: goal.weight for name, goal in outlook.goals.items()} == {
        "sell_items": ONE,
        "gather_info": 666_666,
    }
    assert outlook.wants["sell"] == ONE


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ({"archetype": {"guard": {}}}, r"archetype.default"),
        ({"archetype": {"default": {}, "guard": {"traits": {"openness": 2}}}}, "openness"),
        ({"archetype": {"default": {}, "guard": {"colour": "red"}}}, "colour"),
        ({"archetype": {"default": {"also": ["guard"]}, "guard": {}}}, "given twice"),
    ],
)
def test_a_wrong_archetype_table_is_refused_by_name(table: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_archetypes(table)
