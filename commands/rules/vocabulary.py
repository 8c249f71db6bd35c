"""The closed lists of the rules: conditions, damage types, schools, rarities, sizes, abilities, kinds of creature."""

from __future__ import annotations

from typing import Literal

from commands.rules.verdict import SRD_2024, Verdict, name_key, shown

Vocabulary = Literal["condition", "damage_type", "school", "rarity", "size", "ability", "creature_type"]

WORDS: dict[Vocabulary, tuple[str, ...]] = {
    "condition": (
        "blinded", "charmed", "deafened", "exhaustion", "frightened", "grappled", "incapacitated", "invisible",
        "paralyzed", "petrified", "poisoned", "prone", "restrained", "stunned", "unconscious",
    ),
    "damage_type": (
        "acid", "bludgeoning", "cold", "fire", "force", "lightning", "necrotic", "piercing", "poison", "psychic",
        "radiant", "slashing", "thunder",
    ),
    "school": (
        "abjuration", "conjuration", "divination", "enchantment", "evocation", "illusion", "necromancy",
        "transmutation",
    ),
    "rarity": ("common", "uncommon", "rare", "very rare", "legendary", "artifact"),
    "size": ("tiny", "small", "medium", "large", "huge", "gargantuan"),
    "ability": ("strength", "dexterity", "constitution", "intelligence", "wisdom", "charisma"),
    "creature_type": (
        "aberration", "beast", "celestial", "construct", "dragon", "elemental", "fey", "fiend", "giant",
        "humanoid", "monstrosity", "ooze", "plant", "undead",
    ),
}  # fmt: skip
"""In the order of the rules where they have one (rarity, size); the same in SRD 5.1 and 5.2."""


def check_word(vocabulary: Vocabulary, word: str) -> list[Verdict]:
    """Whether a word is in the list; case, spaces and hyphens do not count. The verdict is `vocabulary.<list>`."""
    allowed = WORDS[vocabulary]
    ok = plain(word) in allowed
    what = vocabulary.replace("_", " ")
    message = (
        f"{shown(word)} is a {what}." if ok else f"{shown(word)!r} is no {what}; use one of those expected."
    )
    return [Verdict(f"vocabulary.{vocabulary}", ok, message, ", ".join(allowed), shown(word), SRD_2024)]


def plain(word: str) -> str:
    """A word as the lists spell it: `Very-Rare` and `very_rare` are `very rare`."""
    return name_key(word.replace("-", " ").replace("_", " "))
