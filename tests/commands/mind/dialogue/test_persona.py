"""The small vocabularies that lines are written for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.mind.dialogue import persona
from commands.mind.dialogue.intent import INTENTS

MILLION = 1_000_000
PLEASANT = [
    "joy",
    "happy_for",
    "gloating",
    "hope",
    "satisfaction",
    "relief",
    "pride",
    "admiration",
    "love",
    "gratification",
    "gratitude",
    "happy",
]
UNPLEASANT = [
    "distress",
    "resentment",
    "pity",
    "fear",
    "fears_confirmed",
    "disappointment",
    "shame",
    "reproach",
    "hate",
    "remorse",
    "anger",
]


@pytest.mark.parametrize("label", PLEASANT)
def test_every_pleasant_occ_emotion_sounds_friendly(label: str) -> None:
    assert persona.mood_of(label, -MILLION, 0, 0) == "friendly"


@pytest.mark.parametrize("label", UNPLEASANT)
def test_every_unpleasant_occ_emotion_sounds_sad_angry_or_fearful(label: str) -> None:
    assert persona.mood_of(label, MILLION, 0, 0) in ("sad", "angry", "fearful")


@pytest.mark.parametrize(
    ("label", "archetype"),
    [
        ("merchant", "merchant"),
        ("Royal Knight", "guard"),
        ("Master_Weaponsmith", "blacksmith"),
        ("Old Wizard", "sage"),
        ("", "generic"),
        ("✨", "generic"),
    ],
)
def test_a_profile_finds_its_archetype(label: str, archetype: str) -> None:
    assert persona.archetype_of(label) == archetype


@pytest.mark.parametrize(
    ("level", "trust", "affection", "interactions", "band"),
    [
        ("hostile", 90, 90, 50, "hostile"),
        ("unfriendly", 50, 50, 0, "wary"),
        ("neutral", 50, 50, 0, "stranger"),
        ("neutral", 50, 50, 5, "acquaintance"),
        ("friendly", 50, 50, 0, "friend"),
        ("devoted", 50, 50, 0, "close"),
        ("", 75, 60, 15, "friend"),
        ("", 75, 85, 15, "close"),
        ("", 10, 60, 15, "hostile"),
    ],
)
def test_a_relationship_finds_its_band(
    level: str, trust: int, affection: int, interactions: int, band: str
) -> None:
    assert persona.band_of(level, trust, affection, interactions) == band


@pytest.mark.parametrize(
    ("value", "time"),
    [
        ("07:15", "morning"),
        ("14", "day"),
        ("18h30", "evening"),
        ("23:59", "night"),
        ("3", "night"),
        ("Late dusk", "evening"),
    ],
)
def test_an_hour_or_a_word_names_the_time_of_day(value: str, time: str) -> None:
    assert persona.time_of(value) == time


def test_nothing_is_known_of_the_time_from_other_text() -> None:
    assert persona.time_of("soon") is None


@given(st.text(), st.integers(), st.integers(), st.integers(), st.text())
def test_every_state_has_a_tone(
    label: str, pleasure: int, arousal: int, dominance: int, archetype: str
) -> None:
    mood = persona.mood_of(label, pleasure, arousal, dominance)
    band = persona.band_of(label, pleasure, arousal, dominance)
    kind = persona.archetype_of(archetype)
    assert mood in persona.MOODS
    assert band in persona.BANDS
    assert kind in persona.ARCHETYPES
    assert all(persona.tone_of(mood, intent, kind, band) in persona.MOODS for intent in INTENTS)


@given(st.integers(0, 2**60), st.integers(0, 2**60))
def test_every_moment_has_an_age(then: int, now: int) -> None:
    assert persona.age_of(then, now) in persona.AGES
