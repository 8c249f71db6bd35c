"""The checks on the creatures, spells and items of SRD 5.2: what is published agrees with the rules."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from commands.rules.challenge import proficiency_bonus, rating
from commands.rules.creature import check_ability_scores, check_hit_points
from commands.rules.dice import parse
from commands.rules.spell import CASTING, check_spell
from commands.rules.verdict import failed
from commands.rules.vocabulary import WORDS, check_word
from tests.srd import srd


@cache
def rows(file: str) -> list[dict[str, Any]]:
    return [row["fields"] for row in json.loads((srd() / f"{file}.json").read_text("utf-8"))]


def test_every_creatures_hit_points_follow_from_its_dice() -> None:
    verdicts = [
        v for row in rows("srd-2024/Creature") for v in check_hit_points(row["hit_points"], row["hit_dice"])
    ]
    assert len(verdicts) == 331
    assert failed(verdicts) == []


def test_every_creature_has_a_known_rating_and_sound_abilities() -> None:
    impossible = set[str]()
    for row in rows("srd-2024/Creature"):
        assert 2 <= proficiency_bonus(rating(row["challenge_rating"])) <= 9
        scores = {name: row[f"ability_score_{name}"] for name in WORDS["ability"]}
        if failed(check_ability_scores(scores)):
            impossible.add(row["name"])
        assert failed(check_word("size", row["size"]) + check_word("creature_type", row["type"])) == []
    # An error of the data, not of the check: its constitution is 0 and its charisma -3 there.
    assert impossible == {"Octopus"}


def test_the_closed_lists_are_those_of_the_data() -> None:
    for vocabulary, file in [
        ("condition", "Condition"), ("damage_type", "DamageType"), ("school", "SpellSchool"), ("rarity", "ItemRarity"),
        ("size", "Size"), ("ability", "Ability"), ("creature_type", "CreatureType"),
    ]:  # fmt: skip
        names = {row["name"].lower() for row in rows(f"core/{file}")}
        assert names == set(WORDS[vocabulary]), vocabulary  # type: ignore[index]


def test_every_spell_can_be_cast_by_its_classes_once_they_are_high_enough() -> None:
    for row in rows("srd-2024/Spell"):
        classes = [each.removeprefix("srd-2024_") for each in row["classes"]]
        assert failed(check_word("school", row["school"])) == []
        for caster in classes:
            assert CASTING[caster] != "none"
            assert failed(check_spell(row["name"], row["level"], classes, caster, 20)) == [], (
                row["name"],
                caster,
            )


def test_every_hit_dice_text_can_be_read_and_spelt_again() -> None:
    for row in rows("srd-2024/Creature"):
        assert parse(str(parse(row["hit_dice"]))) == parse(row["hit_dice"])
