"""The numbers of a person that templates write: they follow from each other, as the rules want it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from commands.agents.gamemaster.coherence import Entry
from commands.agents.lot import drawn, one_of, within
from commands.rules.challenge import proficiency_bonus, rating
from commands.rules.creature import ability_modifier
from commands.rules.dice import parse
from commands.rules.spell import CASTING, Ruleset, highest_spell
from commands.rules.verdict import name_key
from events.commit import Json

_BODIES = (
    ("0", 1, 10, 10), ("1/8", 2, 12, 11), ("1/4", 3, 12, 12), ("1/2", 5, 12, 13), ("1", 6, 14, 14), ("2", 9, 14, 15),
    ("3", 11, 14, 16), ("4", 13, 14, 16), ("5", 15, 14, 17), ("6", 17, 14, 17), ("8", 20, 16, 18), ("10", 22, 16, 18),
)  # fmt: skip
"""Challenge rating, number of d8 hit dice, constitution, armour class: humanoids of the rules, rounded."""
_REACH = {"civilian": (0, 0), "skilled": (1, 3), "fighter": (2, 11), "caster": (2, 11)}
_BEST = {"civilian": "wisdom", "skilled": "dexterity", "fighter": "strength"}
_CASTING = {"wizard": "intelligence", "cleric": "wisdom", "druid": "wisdom", "bard": "charisma", "sorcerer": "charisma",
            "warlock": "charisma", "paladin": "charisma", "ranger": "wisdom"}  # fmt: skip
_ABILITIES = ("strength", "dexterity", "constitution", "intelligence", "wisdom", "charisma")
MOST_SPELLS = 5


def statistics(
    stats: str,
    casts: str,
    level: int,
    seed: str,
    spells: Sequence[Entry],
    ruleset: Ruleset,
    wished: Collection[str] = (),
) -> tuple[Json, Json]:
    """Fields and claims of a person who can hold their own beside characters of `level`.

    stats: what they can do; casts: the class of a caster, as the rules spell it. spells: those that may be drawn, and
    of these the `wished` ones first where class and level allow it.
    """
    low, high = _REACH[stats]
    place = min(high, low + drawn(f"{seed}/strength", 1 + max(0, min(high - low, (level + 1) // 2))))
    challenge, dice, constitution, armour = _BODIES[place]
    bonus = proficiency_bonus(rating(challenge))
    best = _CASTING.get(casts, _BEST.get(stats, "wisdom"))
    scores = {name: within(f"{seed}/{name}", (8, 13)) for name in _ABILITIES}
    scores |= {"constitution": constitution, best: min(20, 12 + 2 * (place // 2) + drawn(f"{seed}/best", 2))}
    if best == "constitution":
        scores["constitution"] = constitution
    extra = dice * ability_modifier(constitution)
    written = f"{dice}d8" + (f"+{extra}" if extra else "")
    fields: Json = {
        "challenge_rating": challenge,
        "proficiency_bonus": bonus,
        "hit_dice": written,
        "hit_points": parse(written).average,
        "armor_class": armour,
        "abilities": scores,
    }
    claims: Json = {}
    if casts:
        known = max(1, place)
        fields |= {
            "class": casts.capitalize(),
            "level": known,
            "spells": _spells(casts, known, seed, spells, ruleset, wished),
        }
        claims = {"save_dc": 8 + bonus + ability_modifier(scores[best]), "casting_ability": best}
    return {name: value for name, value in fields.items() if value != []}, claims


def _spells(
    casts: str, level: int, seed: str, known: Sequence[Entry], ruleset: Ruleset, wished: Collection[str]
) -> list[str]:
    highest = highest_spell(CASTING.get(casts, "none"), level, ruleset)
    able = [
        each
        for each in known
        if each.level <= highest and name_key(casts) in {name_key(name) for name in each.classes}
    ]
    keys = {name_key(each) for each in wished}
    chosen = [each for each in able if name_key(each.name) in keys][:MOST_SPELLS]
    for number in range(MOST_SPELLS):
        # Two cantrips first, then whatever is in reach.
        fitting = [each for each in able if each not in chosen and (each.level == 0) == (number < 2)]
        if fitting and len(chosen) < MOST_SPELLS:
            chosen.append(one_of(f"{seed}/spell/{number}", fitting))
    return [each.name for each in sorted(chosen, key=lambda each: (each.level, each.name))]
