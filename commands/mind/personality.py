"""Who an NPC is: Big Five traits, what it holds to be right, and what gifts it likes.

All of it is derived from the registered profile and the tables of ``conf/archetypes.toml``: an archetype
gives the ground, words such as ``"friendly"`` shift it, explicit trait numbers replace it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, NamedTuple, TypeGuard

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from commands.mind.fixed import ONE, clamp, millionths

Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,31}$")]
Unit = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Signed = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]
Weight = Annotated[float, Field(ge=-2, le=2, allow_inf_nan=False)]

_MOST_WORDS: Final = 32
_MOST_LETTERS: Final = 128


class BigFive(NamedTuple):
    """The five factors, each 0 … 1 in millionths."""

    openness: int
    conscientiousness: int
    extraversion: int
    agreeableness: int
    neuroticism: int


AVERAGE: Final = BigFive(*(ONE // 2,) * 5)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TraitTable(_Strict):
    """Big Five of an archetype (0 … 1)."""

    openness: Unit = 0.5
    conscientiousness: Unit = 0.5
    extraversion: Unit = 0.5
    agreeableness: Unit = 0.5
    neuroticism: Unit = 0.5


class ShiftTable(_Strict):
    """How far a word moves each trait (-1 … 1)."""

    openness: Signed = 0.0
    conscientiousness: Signed = 0.0
    extraversion: Signed = 0.0
    agreeableness: Signed = 0.0
    neuroticism: Signed = 0.0


class ArchetypeTable(_Strict):
    """One ``[archetype.NAME]`` of the file."""

    also: tuple[Word, ...] = ()
    traits: TraitTable = TraitTable()
    standards: dict[Word, Weight] = {}
    gifts: dict[Word, Signed] = {}


class ArchetypeFile(_Strict):
    """The whole of ``conf/archetypes.toml``."""

    archetype: dict[Word, ArchetypeTable]
    word: dict[Word, ShiftTable] = {}


@dataclass(frozen=True, slots=True)
class Archetype:
    """A kind of person: traits, weights of standards (ONE = as usual), liking of gift categories (±ONE)."""

    name: str
    traits: BigFive
    standards: Mapping[str, int]
    gifts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Archetypes:
    """All archetypes by every name they answer to, and the trait shifts of free words."""

    by_name: Mapping[str, Archetype]
    words: Mapping[str, BigFive]

    def named(self, name: str) -> Archetype:
        """The archetype called ``name``; a longer name is searched word by word (``"weapon_merchant"``).

        The last known word decides, as the noun does in English; nothing known gives ``default``.
        """
        wanted = name.casefold().strip()[:_MOST_LETTERS]
        found = self.by_name.get(wanted)
        if found is not None:
            return found
        for word in reversed(wanted.replace("_", " ").replace("-", " ").split()):
            found = self.by_name.get(word)
            if found is not None:
                return found
        return self.by_name["default"]


def parse_archetypes(mapping: Mapping[str, object]) -> Archetypes:
    """The archetypes of a parsed ``conf/archetypes.toml``.

    Raises ValueError naming table, field and remedy when something is missing, unknown or out of range.
    """
    file = ArchetypeFile.model_validate(mapping)
    if "default" not in file.archetype:
        raise ValueError(
            "archetypes: [archetype.default] is missing; add it, unknown archetypes fall back to it"
        )
    fallback = file.archetype["default"]
    by_name: dict[str, Archetype] = {}
    for name, table in file.archetype.items():
        archetype = Archetype(
            name,
            _big_five(table.traits),
            {key: millionths(value) for key, value in {**fallback.standards, **table.standards}.items()},
            {key: millionths(value) for key, value in {**fallback.gifts, **table.gifts}.items()},
        )
        for alias in (name, *table.also):
            if alias in by_name:
                raise ValueError(f"archetypes: the name {alias!r} is given twice; remove it from one `also`")
            by_name[alias] = archetype
    return Archetypes(by_name, {word: _big_five(shift) for word, shift in file.word.items()})


def traits_of(
    archetype: Archetype, words: Mapping[str, BigFive], personality: Mapping[str, object]
) -> BigFive:
    """The Big Five of one NPC.

    ``personality`` is the free JSON of the profile: ``traits`` (a list of words or one text), ``mood`` (a
    word) and the five trait names (0 … 1) are read, everything else is left alone.
    """
    values = list(archetype.traits)
    for word in _words(personality):
        shift = words.get(word)
        if shift is not None:
            values = [value + step for value, step in zip(values, shift, strict=True)]
    for index, name in enumerate(BigFive._fields):
        if name in personality:
            values[index] = millionths(personality[name], values[index])
    return BigFive(*(clamp(value, 0, ONE) for value in values))


def liking_of_gifts(archetype: Archetype, personality: Mapping[str, object]) -> dict[str, int]:
    """Liking of gift categories, ±ONE: the archetype's, overruled by the lists ``likes`` and ``dislikes``."""
    liking = dict(archetype.gifts)
    for key, value in (("likes", ONE), ("dislikes", -ONE)):
        listed = personality.get(key)
        if isinstance(listed, list | tuple):
            liking.update((item.casefold(), value) for item in listed[:_MOST_WORDS] if _is_word(item))
    return liking


def _big_five(table: TraitTable | ShiftTable) -> BigFive:
    return BigFive(*(millionths(getattr(table, name)) for name in BigFive._fields))


def _words(personality: Mapping[str, object]) -> list[str]:
    traits, mood = personality.get("traits"), personality.get("mood")
    if isinstance(traits, str):
        traits = traits[: _MOST_WORDS * 16].replace(",", " ").split()
    listed = traits[:_MOST_WORDS] if isinstance(traits, list | tuple) else ()
    return sorted({word.casefold().strip() for word in (*listed, mood) if _is_word(word)})


def _is_word(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= _MOST_LETTERS
