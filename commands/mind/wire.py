"""What scripts and services read of affect and relationships: plain labels and numbers.

The only place where fixed-point numbers become floats. Shapes: ``ai_npc_get_emotion`` and
``ai_npc_get_relationship`` of the script command specification §2.2.4; -100 … 100 is the HTTP service's
level.
"""

from __future__ import annotations

from typing import Any, Final

from commands.mind.affect import AffectReading
from commands.mind.emotion import Emotion, Pad
from commands.mind.fixed import ONE, clamp
from commands.mind.mood import octant
from commands.mind.relationship import RelationReading

_MOST_LABELS: Final = 3
_MOST_CAUSES: Final = 8
_UNMOVED: Final = 120_000

LABELS: Final[dict[Emotion, str]] = {
    "joy": "happy",
    "distress": "sad",
    "happy_for": "pleased",
    "resentment": "resentful",
    "gloating": "smug",
    "pity": "sympathetic",
    "hope": "hopeful",
    "fear": "afraid",
    "satisfaction": "satisfied",
    "fears_confirmed": "dismayed",
    "relief": "relieved",
    "disappointment": "disappointed",
    "pride": "proud",
    "shame": "ashamed",
    "admiration": "impressed",
    "reproach": "disapproving",
    "love": "affectionate",
    "hate": "hateful",
    "gratification": "fulfilled",
    "remorse": "remorseful",
    "gratitude": "grateful",
    "anger": "angry",
}
"""The word scripts see for each emotion."""

COMPANION: Final[dict[Emotion, str]] = {
    "joy": "happy",
    "distress": "sad",
    "happy_for": "cheerful",
    "resentment": "frustrated",
    "gloating": "amazed",
    "pity": "worried",
    "hope": "excited",
    "fear": "worried",
    "satisfaction": "satisfied",
    "fears_confirmed": "frustrated",
    "relief": "satisfied",
    "disappointment": "disappointed",
    "pride": "proud",
    "shame": "disappointed",
    "admiration": "amazed",
    "reproach": "frustrated",
    "love": "happy",
    "hate": "angry",
    "gratification": "proud",
    "remorse": "sad",
    "gratitude": "grateful",
    "anger": "angry",
}
"""The nearest of the companion engine's fourteen emotion names."""

ACTIONS: Final[dict[str, str]] = {
    "happy": "smile",
    "excited": "cheer",
    "amazed": "surprised_jump",
    "proud": "proud_pose",
    "satisfied": "nod",
    "cheerful": "wave",
    "grateful": "thank",
    "sad": "comfort",
    "disappointed": "sigh",
    "frustrated": "encourage",
    "angry": "calm_down",
    "worried": "concerned",
    "tired": "rest",
    "neutral": "idle",
}
"""The companion engine's action for each of its emotion names."""

_OCTANTS: Final[dict[str, tuple[str, str]]] = {  # octant of the mood: (script label, companion name)
    "exuberant": ("excited", "excited"),
    "dependent": ("curious", "cheerful"),
    "relaxed": ("relaxed", "satisfied"),
    "docile": ("content", "satisfied"),
    "bored": ("bored", "tired"),
    "disdainful": ("scornful", "frustrated"),
    "anxious": ("worried", "worried"),
    "hostile": ("irritable", "angry"),
}


def mood_label(reading: AffectReading) -> str:
    """One word for the mood, by the octant it moved to from its rest; ``neutral`` when it hardly moved."""
    return _OCTANTS[octant(reading.mood, reading.rest)][0] if _moved(reading) >= _UNMOVED else "neutral"


def emotion_answer(reading: AffectReading) -> dict[str, Any]:
    """The answer of ``get_emotion``: primary, intensity 0 … 1, secondary, mood and the commits that
    caused it.
    """
    labels = _labels(reading)
    mood = mood_label(reading)
    intensity = reading.intensity if reading.felt else (_moved(reading) if mood != "neutral" else 0)
    return {
        "primary": labels[0],
        "intensity": _unit(min(intensity, ONE)),
        "secondary": labels[1 : 1 + _MOST_LABELS],
        "mood": {**_pad(reading.mood), "label": mood},
        "causes": [
            {
                "position": cause.position,
                "emotion": LABELS[cause.emotion],
                "occ": cause.emotion,
                "event": cause.event,
                "target": cause.target or None,
                "intensity": _unit(cause.intensity),
            }
            for cause in reading.causes[:_MOST_CAUSES]
        ],
    }


def companion_answer(reading: AffectReading) -> dict[str, Any]:
    """The companion engine's ``emotion``, ``intensity`` and ``action`` for a reading."""
    if reading.primary is not None:
        name = "happy" if reading.primary == "joy" else COMPANION[reading.primary]
        if reading.primary == "joy" and reading.intensity >= 3 * ONE // 4:
            name = "excited"
    elif mood_label(reading) != "neutral":
        name = _OCTANTS[octant(reading.mood, reading.rest)][1]
    else:
        name = "neutral"
    intensity = reading.intensity if reading.felt else min(_moved(reading), ONE)
    return {"emotion": name, "intensity": _unit(intensity), "action": ACTIONS[name]}


def relationship_answer(target_id: str, reading: RelationReading) -> dict[str, Any]:
    """The answer of ``get_relationship``; affection, trust and respect are 0 … 100 with 50 for a stranger."""
    return {
        "target_id": target_id,
        "relationship_level": reading.level,
        "trust": _percent(reading.trust),
        "affection": _percent((reading.affection + ONE) // 2),
        "interactions": reading.interactions,
        "respect": _percent((reading.respect + ONE) // 2),
        "fear": _percent(reading.dread),
        "familiarity": _percent(reading.familiarity),
        "level": http_level(reading),
        "evidence": [
            {
                "position": piece.position,
                "event": piece.event,
                "affection": _unit(piece.affection),
                "trust": _unit(piece.trust),
                "respect": _unit(piece.respect),
            }
            for piece in reading.evidence
        ],
    }


def http_level(reading: RelationReading) -> int:
    """The relationship as -100 … 100."""
    return clamp((reading.score * 100 + (ONE // 2 if reading.score >= 0 else -ONE // 2)) // ONE, -100, 100)


def _labels(reading: AffectReading) -> list[str]:
    mood = mood_label(reading)
    words = [_label(emotion, intensity) for emotion, intensity in reading.felt] or [mood]
    if reading.felt and mood != "neutral":
        words.insert(2, mood)
    return list(dict.fromkeys(words))


def _label(emotion: Emotion, intensity: int) -> str:
    # A faint hope is what people call curiosity.
    return "curious" if emotion == "hope" and intensity < 3 * ONE // 10 else LABELS[emotion]


def _moved(reading: AffectReading) -> int:
    return max(abs(m - r) for m, r in zip(reading.mood, reading.rest, strict=True))


def _pad(mood: Pad) -> dict[str, float]:
    return {name: _unit(value) for name, value in mood._asdict().items()}


def _unit(value: int) -> float:
    return round(value / ONE, 3)


def _percent(value: int) -> int:
    return clamp((value * 100 + ONE // 2) // ONE, 0, 100)
