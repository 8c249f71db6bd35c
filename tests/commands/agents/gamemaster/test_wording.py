"""In a French campaign every verdict speaks French; names and numbers stay what they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from commands.agents.gamemaster.coherence import Entry, Known, check
from commands.agents.gamemaster.wording import worded
from commands.rules.encounter import DIFFICULTIES, Monsters, assess
from events.proposal import DraftVerdict
from tests.commands.agents.gamemaster.test_coherence import KNOWN, PERSON

ENGLISH = re.compile(r"\b(the|is|are|has|have|does|not|must|with|choose|agree|cannot|level|casts)\b")
WIZARD = {"class": "Wizard", "level": 1, "spells": ["Fireball", "Fire Bolt", "Frobnicate", "Fire Ball"]}
DRAFTS: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...] = (
    ("npc", PERSON, {"save_dc": 12, "casting_ability": "wisdom"}),
    ("npc", {**PERSON, "hit_points": 30, "proficiency_bonus": 5}, {"save_dc": 3, "casting_ability": "wisdom"}),
    ("npc", {**PERSON, "name": "Maud Tanner"}, {}),
    ("npc", {**PERSON, "hit_dice": "many", "challenge_rating": "hard", "abilities": {"strength": 31}}, {}),
    ("npc", {**PERSON, **WIZARD, "location_id": "e2"}, {"items": ["Vorpal Sword", "Potion of Healing", "Zzz"]}),
    ("npc", {**PERSON, **WIZARD, "class": "Cleric", "level": 40, "location_id": "e1"}, {}),
    ("quest", {"name": "X", "quest_giver_id": "e3", "participants": ["e2"], "summary": "Pim"}, {}),
    ("event", {"name": "Pim the Late"}, {"creatures": [{"name": "Adult Red Dragon", "count": 9}]}),
    ("event", {"name": "X"}, {"creatures": [{"name": "Goblin Warrior", "count": 5}, {"name": "Qqq", "count": 1}]}),
)  # fmt: skip


def all_verdicts() -> Iterator[DraftVerdict]:
    problems = [
        {"field": "armor_class", "message": "must be a whole number: 'x' cannot be kept"},
        {"field": "age", "message": "the answer leaves it out"},
        {"field": "location_id", "message": "7 is the number of no location that was shown"},
    ]
    for kind, fields, claims in DRAFTS:
        for known in (KNOWN, Known(sample=True, levels=(3,))):
            if kind != "note":
                yield from check(
                    kind, fields, claims, known, problems=problems, difficulty="moderate", language="fr"
                )
    dead = {**PERSON, "description": "Pim the Late says so."}
    yield from check("npc", dead, {}, KNOWN, language="fr")
    artifact = Known(
        "2024", (3,), (), {"item": {"orb": Entry("Orb", rarity="artifact"), "o": Entry("O", rarity="odd")}}
    )
    yield from check("quest", {"name": "X"}, {"items": ["Orb", "O"]}, artifact, language="fr")


def test_no_verdict_of_a_french_campaign_is_english() -> None:
    verdicts = list(all_verdicts())
    assert len({each.rule for each in verdicts}) >= 22
    for each in verdicts:
        words = re.sub(r"Pim the Late|'[^']*'|\".*?\"", "", each.message)
        assert not ENGLISH.search(words), (each.rule, each.message)


@pytest.mark.parametrize("count", [1, 5, 40])
def test_nor_is_the_assessment_of_a_fight(count: int) -> None:
    monsters = [Monsters(f"M{n}", rating, count) for n, rating in enumerate((0, 1, 2, 4, 80))]
    for difficulty in DIFFICULTIES:
        for verdict in assess([1, 3], monsters, difficulty).verdicts:
            told = worded(verdict.message, "fr")
            assert not ENGLISH.search(told), told
            assert set(re.findall(r"\d+", told)) <= set(re.findall(r"\d+", verdict.message))


def test_english_stays_english_and_what_nobody_knows_stays_as_it_is() -> None:
    assert worded("Fireball has level 3.", "en") == "Fireball has level 3."
    assert worded("Fireball has level 3.", "fr") == "Fireball est de niveau 3."
    assert worded("Something new.", "fr") == "Something new."
