"""Whether somebody can cast a spell: its class list, the highest spell level of their level, and the slot.

Progressions by level are those of SRD 5.2 and 5.1: full casters, half casters (from level 1 in 5.2, from level 2 in
5.1), and pact magic, whose slots all have one level and which reaches level 6 and above without slots.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from commands.rules.verdict import SRD_2014, SRD_2024, Verdict, name_key, shown

Ruleset = Literal["2014", "2024"]
Casting = Literal["full", "half", "pact", "none"]

HIGHEST_SPELL = 9
CASTING: dict[str, Casting] = {
    "bard": "full", "cleric": "full", "druid": "full", "sorcerer": "full", "wizard": "full",
    "paladin": "half", "ranger": "half", "warlock": "pact",
    "barbarian": "none", "fighter": "none", "monk": "none", "rogue": "none",
}  # fmt: skip
"""How each class casts, subclasses aside."""


def highest_spell(casting: Casting, level: int, ruleset: Ruleset = "2024") -> int:
    """The highest spell level a character of that class level can cast; 0 means cantrips at most."""
    if casting == "none":
        return 0
    if casting == "half":
        return 0 if ruleset == "2014" and level < 2 else (level + 3) // 4
    return min(HIGHEST_SPELL, (level + 1) // 2)


def slots(casting: Casting, level: int, ruleset: Ruleset = "2024") -> range:
    """The levels of the slots they have."""
    highest = highest_spell(casting, level, ruleset)
    if casting == "pact":
        return range(min(5, highest), min(5, highest) + 1)
    return range(1, highest + 1)


def check_spell(
    name: str,
    spell_level: int,
    on_lists: Collection[str],
    character_class: str,
    class_level: int,
    slot: int | None = None,
    ruleset: Ruleset = "2024",
) -> list[Verdict]:
    """Whether a character can cast a spell at all and, with `slot`, from a slot of that level.

    spell_level: 0 (a cantrip) to 9. on_lists: the classes that have it. Verdicts, as far as they make sense:
    `spell.level`, `spell.class`, `spell.class_level`, `spell.slot`.
    """
    source, spell, caster = (
        SRD_2024 if ruleset == "2024" else SRD_2014,
        shown(name),
        name_key(character_class),
    )
    verdicts = [_level(spell, spell_level, source), _class(spell, on_lists, character_class, source)]
    if not 1 <= class_level <= 20:
        problem = f"A character has level 1 to 20, not {class_level}."
        return [*verdicts, Verdict("spell.class_level", False, problem, "1 to 20", class_level, source)]
    casting = CASTING.get(caster)
    if casting is None or not verdicts[0].ok:
        return verdicts
    highest = highest_spell(casting, class_level, ruleset)
    verdicts.append(
        _reach(spell, spell_level, highest, f"{shown(character_class)} of level {class_level}", source)
    )
    if slot is not None:
        verdicts.append(_slot(spell, spell_level, slot, slots(casting, class_level, ruleset), source))
    return verdicts


def _level(spell: str, level: int, source: str) -> Verdict:
    ok = 0 <= level <= HIGHEST_SPELL
    message = (
        f"{spell} has level {level}."
        if ok
        else f"{spell}: spells have level 0 to {HIGHEST_SPELL}, not {level}."
    )
    return Verdict("spell.level", ok, message, f"0 to {HIGHEST_SPELL}", level, source)


def _class(spell: str, on_lists: Collection[str], character_class: str, source: str) -> Verdict:
    ok, who = name_key(character_class) in {name_key(each) for each in on_lists}, shown(character_class)
    lists = shown(", ".join(sorted(on_lists)) or "no class")
    message = (
        f"{spell} is on the list of {who}."
        if ok
        else f"{spell} is not on the list of {who}; it is on: {lists}."
    )
    return Verdict("spell.class", ok, message, lists, who, source)


def _reach(spell: str, level: int, highest: int, who: str, source: str) -> Verdict:
    ok = level <= highest
    message = f"A {who} casts spells up to level {highest}" + (
        "." if ok else f": {spell} has level {level} and is out of reach."
    )
    return Verdict("spell.class_level", ok, message, f"at most {highest}", level, source)


def _slot(spell: str, level: int, slot: int, owned: range, source: str) -> Verdict:
    if level == 0:
        message = f"{spell} is a cantrip and takes no slot; name slot 0 or none."
        return Verdict("spell.slot", slot == 0, message, 0, slot, source)
    usable = [each for each in owned if each >= level]
    expected = ", ".join(map(str, usable)) or "no slot of that level"
    ok = slot in usable
    message = f"{spell} can be cast from a slot of level {slot}." if ok else (
        f"{spell} cannot be cast from a slot of level {slot}; possible: {expected}."
    )  # fmt: skip
    return Verdict("spell.slot", ok, message, expected, slot, source)
