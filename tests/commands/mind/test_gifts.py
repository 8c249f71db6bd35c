"""What gifts are worth to whom."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.mind.fixed import ONE
from commands.mind.gifts import CATEGORIES, Larder, category_of, stocked, taken, worth
from commands.mind.personality import Archetypes
from tests.commands.mind.conftest import DAY, NOON, Npc


def test_there_are_twelve_categories_and_every_archetype_knows_them(archetypes: Archetypes) -> None:
    assert len(CATEGORIES) == 12
    for archetype in archetypes.by_name.values():
        assert set(archetype.gifts) == set(CATEGORIES)


@given(st.sampled_from(CATEGORIES), st.integers(0, 20))
def test_the_same_gift_again_is_worth_less_and_less(category: str, repeats: int) -> None:
    liking, data = {category: ONE}, {"item_category": category}
    larder: Larder = ()
    for number in range(repeats):
        before = worth(liking, larder, data, NOON + number)
        larder = stocked(larder, category, NOON + number)
        assert worth(liking, larder, data, NOON + number + 1) < before


def test_after_a_while_a_gift_is_welcome_again() -> None:
    larder = stocked((), "food", NOON)
    assert taken(larder, "food", NOON + 7 * DAY) == ONE // 2
    assert taken(larder, "food", NOON + 700 * DAY) == 0
    assert taken(larder, "book", NOON + 1) == 0


def test_gifts_of_one_instant_count_together_only_afterwards() -> None:
    larder = stocked(stocked((), "food", NOON), "food", NOON)
    assert taken(larder, "food", NOON) == 0
    assert 2 * ONE - 1 <= taken(larder, "food", NOON + 1) <= 2 * ONE


@given(st.integers(1, 5), st.integers(1, 5))
def test_a_rarer_gift_is_worth_more(one: int, other: int) -> None:
    low, high = (
        worth({"book": ONE}, (), {"category": "book", "item_rarity": r}, NOON) for r in sorted((one, other))
    )
    assert low <= high <= ONE


@pytest.mark.parametrize(
    ("data", "category"),
    [
        ({"item_category": "Flower"}, "flower"),
        ({"itemCategory": "weapons"}, "weapon"),
        ({"category": "dragon"}, "other"),
        ({"category": 7}, "other"),
        ({}, "other"),
    ],
)
def test_a_category_is_read_tolerantly(data: dict[str, object], category: str) -> None:
    assert category_of(data) == category


def test_a_liked_gift_raises_affection_and_the_third_one_less_than_the_first(merchant: Npc) -> None:
    levels = [merchant.toward("Ann").affection]
    for _ in range(3):
        merchant.wait(DAY // 24).on("item_received", giver="Ann", item_category="luxury", item_rarity=4)
        levels.append(merchant.toward("Ann").affection)
    steps = [after - before for before, after in pairwise(levels)]
    assert steps[0] > steps[1] > steps[2] > 0


def test_a_gift_the_guard_dislikes_lowers_affection() -> None:
    guard = Npc({"archetype": "guard"})
    before = guard.toward("Ann").affection
    guard.on("gift", giver="Ann", item_category="flower")
    assert guard.toward("Ann").affection < before


def test_the_sage_treasures_a_book_more_than_the_guard() -> None:
    sage, guard = Npc({"archetype": "sage"}), Npc({"archetype": "guard"})
    for someone in (sage, guard):
        someone.on("interact_gift", player_id="Ann", item_category="book")
    assert sage.toward("Ann").affection > guard.toward("Ann").affection


def test_likes_and_dislikes_of_the_profile_overrule_the_archetype() -> None:
    plain = Npc({"personality": {"archetype": "guard"}})
    fond = Npc({"personality": {"archetype": "guard", "likes": ["Flower"], "dislikes": ["weapon"]}})
    assert fond.outlook.gifts["flower"] == ONE > plain.outlook.gifts["flower"]
    assert fond.outlook.gifts["weapon"] == -ONE
