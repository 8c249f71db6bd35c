"""Whether a draft agrees with the rules and its campaign is decided by code, one verdict per question."""

from __future__ import annotations

from typing import Any

import pytest

from commands.agents.gamemaster.coherence import Element, Entry, Known, check, named_entries
from events.proposal import DraftVerdict

KNOWN = Known(
    "2024",
    (3, 3, 3, 3),
    (
        Element("e1", "location", "Old Ferry"),
        Element("e2", "npc", "Maud Tanner"),
        Element("e3", "npc", "Pim the Late", "dead"),
    ),
    {
        "creature": {
            "goblin warrior": Entry("Goblin Warrior", 2, 50),
            "adult red dragon": Entry("Adult Red Dragon", 136, 18000),
        },
        "spell": {
            "fireball": Entry("Fireball", level=3, classes=("Sorcerer", "Wizard")),
            "fire bolt": Entry("Fire Bolt", level=0, classes=("Wizard",)),
        },
        "item": {
            "vorpal sword": Entry("Vorpal Sword", rarity="legendary"),
            "potion of healing": Entry("Potion of Healing", rarity="common"),
        },
    },
    {"creature": ["Goblin Warrior"], "spell": ["Fireball", "Fire Bolt"], "item": ["Potion of Healing"]},
    sample=False,
)


def failing(kind: str, fields: dict[str, Any], **more: Any) -> dict[str, DraftVerdict]:
    verdicts = check(kind, fields, more.pop("claims", {}), more.pop("known", KNOWN), **more)
    assert list(verdicts) == sorted(verdicts, key=lambda each: each.ok)
    return {each.rule: each for each in verdicts if not each.ok}


PERSON = {
    "name": "Vesna",
    "hit_dice": "3d8+3",
    "hit_points": 16,
    "challenge_rating": "1/4",
    "proficiency_bonus": 2,
    "abilities": {"strength": 9, "wisdom": 14},
}


def test_a_person_whose_numbers_follow_from_each_other_passes() -> None:
    claims = {"save_dc": 12, "casting_ability": "wisdom"}
    assert failing("npc", PERSON, claims=claims) == {}


@pytest.mark.parametrize(
    ("rule", "change", "claims"),
    [
        ("creature.hit_points", {"hit_points": 30}, {}),
        ("creature.hit_points", {"hit_dice": "many"}, {}),
        ("creature.proficiency_bonus", {"proficiency_bonus": 5}, {}),
        ("creature.proficiency_bonus", {"challenge_rating": "12"}, {}),
        ("creature.rating", {"challenge_rating": "hard"}, {}),
        ("creature.save_dc", {}, {"save_dc": 17, "casting_ability": "wisdom"}),
        ("creature.ability_score", {"abilities": {"strength": 31}}, {}),
        ("exists.spell", {"spells": ["Frobnicate"]}, {}),
        ("spell.class", {"class": "Cleric", "level": 9, "spells": ["Fireball (3rd level)"]}, {}),
        ("spell.class_level", {"class": "Wizard", "level": 1, "spells": ["Fireball"]}, {}),
        ("names.unique", {"name": "maud  TANNER"}, {}),
        ("references.exist", {"location_id": "e2"}, {}),
        ("references.exist", {"location_id": "elsewhere"}, {}),
        ("npc.dead_named", {"description": "Asks Pim the Late for advice."}, {}),
        ("exists.item", {}, {"items": ["Sword of Nothing"]}),
        ("treasure.rarity", {}, {"items": ["Vorpal Sword"]}),
    ],
)
def test_what_does_not_agree_is_said(rule: str, change: dict[str, Any], claims: dict[str, Any]) -> None:
    found = failing("npc", {**PERSON, **change}, claims=claims)
    assert set(found) - {"exists.class"} == {rule}
    assert found[rule].message
    assert found[rule].source
    assert found[rule].severity in {"error", "warning"}


def test_the_dead_neither_ask_nor_take_part() -> None:
    found = failing("quest", {"name": "A Bell", "quest_giver_id": "e3", "participants": ["e2", "e3"]})
    assert set(found) == {"npc.dead"}
    assert "Pim the Late is dead" in found["npc.dead"].message


def test_a_fight_is_weighed_against_the_party_and_creatures_must_exist() -> None:
    over = failing("event", {"name": "X"}, claims={"creatures": [{"name": "Adult Red Dragon", "count": 1}]})
    assert {"encounter.budget", "encounter.rating"} <= set(over)
    assert over["encounter.rating"].severity == "warning"
    unknown = failing("event", {"name": "X"}, claims={"creatures": [{"name": "Gobbo", "count": 3}]})
    assert set(unknown) == {"exists.creature"}
    claims = {"creatures": [{"name": "Goblin Warrior", "count": 5}]}
    assert failing("event", {"name": "X"}, claims=claims) == {}
    easy = failing("event", {"name": "X"}, claims=claims, difficulty="high")
    assert set(easy) == {"encounter.band"}


def test_with_the_sample_only_an_unknown_name_is_no_mistake() -> None:
    verdicts = check("npc", {"name": "V", "spells": ["Frobnicate"]}, {}, Known(sample=True))
    (spell,) = [each for each in verdicts if each.rule == "exists.spell"]
    assert spell.ok
    assert spell.severity == "note"


def test_what_could_not_be_kept_is_among_the_verdicts() -> None:
    problems = [{"field": "level", "message": "must be a whole number: 'x' cannot be kept"}]
    assert failing("npc", {"name": "V"}, problems=problems)["field.unfit"].field == "level"


def test_an_element_may_keep_its_own_name() -> None:
    assert failing("npc", {"name": "Maud Tanner"}, itself="e2") == {}


def test_what_has_to_be_looked_up_is_everything_that_is_named() -> None:
    fields = {"spells": ["1st: Shield", "Fire Bolt – at will"], "class": "Wizard"}
    claims = {"creatures": [{"name": "Goblin", "count": 1}], "items": ["Rope"]}
    named = set(named_entries(fields, claims))
    assert named == {
        ("spell", "Shield"), ("spell", "Fire Bolt"), ("class", "Wizard"), ("creature", "Goblin"), ("item", "Rope"),
    }  # fmt: skip
