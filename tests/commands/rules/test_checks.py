"""The checks of a proposal against the rules."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.rules.creature import (
    ability_modifier,
    check_ability_scores,
    check_experience,
    check_hit_points,
    check_proficiency_bonus,
    check_save_dc,
)
from commands.rules.names import check_exists, check_unique
from commands.rules.spell import CASTING, check_spell, highest_spell, slots
from commands.rules.treasure import check_treasure
from commands.rules.verdict import Verdict, failed
from commands.rules.vocabulary import WORDS, check_word


def rules(verdicts: list[Verdict]) -> list[str]:
    return [verdict.rule for verdict in failed(verdicts)]


@pytest.mark.parametrize(
    ("hit_points", "hit_dice", "ok"),
    [(150, "20d10 + 40", True), (151, "20d10 + 40", True), (149, "20d10+40", True), (152, "20d10+40", False),
     (1, "1d4 - 1", True), (10, "nonsense", False)],
)  # fmt: skip
def test_hit_points_are_the_average_of_the_dice_give_or_take_one(
    hit_points: int, hit_dice: str, ok: bool
) -> None:
    (verdict,) = check_hit_points(hit_points, hit_dice)
    assert verdict.ok == ok


def test_a_verdict_names_what_was_expected_and_what_was_found() -> None:
    (verdict,) = check_hit_points(99, "2d8+2")
    assert verdict.as_json() == {
        "rule": "creature.hit_points",
        "ok": False,
        "message": "99 hit points do not follow from 2d8+2: its average is 11.",
        "expected": 11,
        "found": 99,
        "source": "SRD 5.2",
    }


def test_proficiency_and_experience_follow_from_the_rating() -> None:
    assert rules(check_proficiency_bonus(4, "10")) == []
    assert rules(check_proficiency_bonus(2, "10")) == ["creature.proficiency_bonus"]
    assert rules(check_proficiency_bonus(2, "ten")) == ["creature.proficiency_bonus"]
    assert rules(check_experience(0, 0)) == []
    assert rules(check_experience(10, 0)) == []
    assert rules(check_experience(0, "1/8")) == ["creature.experience"]
    assert rules(check_experience(0, "?")) == ["creature.experience"]


def test_a_save_dc_is_eight_plus_proficiency_plus_modifier() -> None:
    assert rules(check_save_dc(16, 4, 18)) == []
    (verdict,) = failed(check_save_dc(15, 4, 18))
    assert verdict.expected == 16


@given(st.integers(1, 30))
def test_a_modifier_rounds_down(score: int) -> None:
    assert ability_modifier(score) * 2 + 10 in {score, score - 1}


def test_ability_scores_are_six_and_lie_between_1_and_30() -> None:
    assert rules(check_ability_scores(dict.fromkeys(WORDS["ability"], 30))) == []
    wrong = {"Strength": 0, "wisdom": 31, "luck": 10}
    assert rules(check_ability_scores(wrong)) == ["creature.ability_score"] * 2 + ["creature.ability"]


@pytest.mark.parametrize(
    ("vocabulary", "word", "ok"),
    [("condition", "Blinded", True), ("condition", "sleepy", False), ("damage_type", "FIRE", True),
     ("school", "evocation", True), ("school", "chronomancy", False), ("rarity", "Very-Rare", True),
     ("rarity", "very_rare", True), ("rarity", "epic", False), ("size", "huge ", True), ("creature_type", "fey", True)],
)  # fmt: skip
def test_words_are_of_the_list(vocabulary: Any, word: str, ok: bool) -> None:
    (verdict,) = check_word(vocabulary, word)
    assert verdict.ok == ok


@pytest.mark.parametrize(
    ("caster", "level", "spell", "slot", "wrong"),
    [
        ("Wizard", 5, 3, 3, []),
        ("Wizard", 4, 3, None, ["spell.class_level"]),
        ("Wizard", 5, 2, 1, ["spell.slot"]),
        ("Wizard", 5, 0, None, []),
        ("Wizard", 5, 0, 1, ["spell.slot"]),
        ("Paladin", 1, 1, 1, []),
        ("Paladin", 4, 2, None, ["spell.class_level"]),
        ("Paladin", 17, 5, 5, []),
        ("Warlock", 5, 1, 3, []),
        ("Warlock", 5, 1, 1, ["spell.slot"]),
        ("Warlock", 17, 9, None, []),
        ("Warlock", 17, 9, 5, ["spell.slot"]),
        ("Fighter", 20, 1, None, ["spell.class_level"]),
        ("Wizard", 21, 1, None, ["spell.class_level"]),
        ("Wizard", 20, 10, None, ["spell.level"]),
    ],
)  # fmt: skip
def test_a_spell_needs_level_and_slot(
    caster: str, level: int, spell: int, slot: int | None, wrong: list[str]
) -> None:
    assert rules(check_spell("Some Spell", spell, list(CASTING), caster, level, slot)) == wrong


def test_a_spell_is_on_the_list_of_the_class() -> None:
    (verdict,) = failed(check_spell("Fireball", 3, ["wizard", "sorcerer"], "Cleric", 5))
    assert (verdict.rule, verdict.expected) == ("spell.class", "sorcerer, wizard")
    assert rules(check_spell("Gloom", 1, ["Shadowbinder"], "shadowbinder", 1)) == []


def test_half_casters_begin_later_in_2014() -> None:
    assert highest_spell("half", 1, "2014") == 0
    assert highest_spell("half", 1, "2024") == 1
    assert [highest_spell("half", level, "2014") for level in (2, 5, 9, 13, 17, 20)] == [1, 2, 3, 4, 5, 5]
    assert list(slots("half", 1, "2014")) == []


@given(st.sampled_from(sorted(set(CASTING.values()))), st.integers(1, 19))
def test_nobody_loses_spells_by_rising(casting: Any, level: int) -> None:
    assert highest_spell(casting, level) <= highest_spell(casting, level + 1) <= 9


@pytest.mark.parametrize(
    ("rarity", "level", "wrong"),
    [("uncommon", 1, []), ("rare", 4, ["treasure.rarity"]), ("rare", 5, []), ("very-rare", 10, ["treasure.rarity"]),
     ("Very Rare", 11, []), ("legendary", 16, ["treasure.rarity"]), ("legendary", 17, []),
     ("artifact", 20, ["treasure.rarity"]), ("epic", 20, ["vocabulary.rarity"]), ("common", 0, ["treasure.rarity"])],
)  # fmt: skip
def test_treasure_suits_the_level(rarity: str, level: int, wrong: list[str]) -> None:
    assert rules(check_treasure("Ring", rarity, level)) == wrong


def test_an_entity_exists_or_close_names_are_offered() -> None:
    known = ["Fireball", "Fire Bolt", "Mage Hand", "Hunter’s Mark"]
    assert rules(check_exists("spell", "  FIREBALL", known, "SRD 5.2")) == []
    assert rules(check_exists("spell", "hunter's mark", known, "SRD 5.2")) == []
    (verdict,) = failed(check_exists("spell", "Firebal", known, "SRD 5.2"))
    assert "Fireball" in str(verdict.expected)
    (verdict,) = failed(check_exists("spell", "Xyzzy", known, "SRD 5.2"))
    assert verdict.expected is None


def test_two_names_alike_are_found() -> None:
    assert rules(check_unique(["Mira", "Tom"])) == []
    (verdict,) = failed(check_unique(["Mira", "mira ", "Tom", "MIRA"]))
    assert verdict.found == 3


@given(st.text(max_size=600))
def test_hostile_text_is_quoted_on_one_bounded_line(text: str) -> None:
    verdicts = [
        *check_exists("spell", text, ["Fireball"], "SRD 5.2"),
        *check_word("school", text),
        *check_treasure(text, text, 1),
        *check_hit_points(1, text),
        *check_unique([text, text]),
        *check_spell(text, 1, [text], text, 1),
    ]
    for verdict in verdicts:
        assert len(verdict.message) < 1000
        assert all(
            c == " " or (not c.isspace() and unicodedata.category(c)[0] != "C") for c in verdict.message
        )
