"""What a decision may know about the NPC that decides: its profile, its feelings, its relations, its
habits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from commands.mind.curves import UNIT
from commands.mind.fields import find, integer_or_none, share_or_none, text
from commands.mind.routine import NOWHERE, Routine, routine_of
from events.npc import Goal, Profile

HALF = UNIT // 2


@dataclass(frozen=True, slots=True)
class Mood:
    """Pleasure, arousal, dominance: millionths, -UNIT..UNIT."""

    pleasure: int = 0
    arousal: int = 0
    dominance: int = 0


CALM = Mood()


@dataclass(frozen=True, slots=True)
class Standing:
    """What the NPC thinks of one person: millionths 0..UNIT, where half is indifference (and familiarity
    0).
    """

    trust: int = HALF
    affection: int = HALF
    familiarity: int = 0

    @property
    def goodwill(self) -> int:
        """Mean of affection and trust, millionths: the one number for "how well we stand"."""
        return (self.affection + self.trust) // 2


STRANGER = Standing()


@dataclass(frozen=True, slots=True)
class Traits:
    """Big Five in millionths 0..UNIT; half where the profile is silent."""

    openness: int = HALF
    conscientiousness: int = HALF
    extraversion: int = HALF
    agreeableness: int = HALF
    neuroticism: int = HALF


AVERAGE = Traits()


@dataclass(frozen=True, slots=True)
class Character:
    """An NPC as the deciders see it.

    archetype: as the profile says. role: the archetype of the catalogue it counts as. standings: person
    id → Standing; whoever is absent is a stranger. recent_actions: activities it chose lately, newest
    first. health: millionths. stock: item id → amount it has left, None when it never runs out. purse:
    gold it can spend, None when the profile does not limit it.
    """

    npc_id: str
    archetype: str = "default"
    role: str = "default"
    level: int | None = None
    goals: tuple[Goal, ...] = ()
    mood: Mood = CALM
    traits: Traits = AVERAGE
    standings: Mapping[str, Standing] = field(default_factory=dict)
    recent_actions: tuple[str, ...] = ()
    routine: Routine = NOWHERE
    health: int = UNIT
    stock: Mapping[str, int] | None = None
    purse: int | None = None

    def standing(self, person_id: str) -> Standing:
        """What it thinks of one person."""
        return self.standings.get(person_id, STRANGER)


def character_of(
    npc_id: str,
    profile: Profile,
    *,
    mood: Mood = CALM,
    standings: Mapping[str, Standing] | None = None,
    recent_actions: tuple[str, ...] = (),
    health: int = UNIT,
    traits: Traits | None = None,
    roles: Mapping[str, str] | None = None,
) -> Character:
    """The character behind a profile; what it cannot use of the free fields is left out, never refused.

    mood, standings, health: as the folds know them. traits: the personality as the affect model knows it;
    read from `personality` when None. roles: archetype or alias → archetype of the catalogue
    (`Catalogue.aliases`), so that an innkeeper counts as a merchant and a stranger to the catalogue as
    `default`.
    """
    extra = profile.extra
    archetype = text(profile.archetype, 64).lower().replace(" ", "_") or "default"
    return Character(
        npc_id=npc_id,
        archetype=archetype,
        role=archetype if roles is None else roles.get(archetype, "default"),
        level=integer_or_none(find(extra, "level", "base_level"), 1, 1000),
        goals=profile.goals,
        mood=mood,
        traits=traits or traits_of(profile.personality),
        standings=standings or {},
        recent_actions=recent_actions[:8],
        routine=routine_of(profile),
        health=health,
        stock=_stock(extra.get("stock")),
        purse=integer_or_none(find(extra, "gold", "zeny", "purse"), 0, 2**31 - 1),
    )


def traits_of(personality: Mapping[str, Any]) -> Traits:
    """Big Five numbers (0..1) of a personality, in millionths."""

    def share(name: str) -> int:
        value = share_or_none(personality.get(name))
        return HALF if value is None else value

    return Traits(
        share("openness"),
        share("conscientiousness"),
        share("extraversion"),
        share("agreeableness"),
        share("neuroticism"),
    )


def _stock(value: Any) -> Mapping[str, int] | None:
    if not isinstance(value, Mapping):
        return None
    amounts = (
        (text(key, 64), integer_or_none(amount, 0, 1_000_000)) for key, amount in list(value.items())[:1000]
    )
    return {key: amount for key, amount in amounts if key and amount is not None}
