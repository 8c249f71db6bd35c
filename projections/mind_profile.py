"""What a mind needs of a profile, as a short text: its archetype, its nature, its likings, its goals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from commands.mind.personality import BigFive
from events.npc import Goal, Profile
from projections.schema import from_text, to_text

_MOST_WORDS = 32
_MOST_LETTERS = 128
_MOST_GOALS = 32


def essence(profile: Profile) -> str:
    """The text `minds.outlook` reads, at most about 20 KB of JSON whatever the profile holds."""
    personality = profile.personality
    nature = {key: _plain(personality[key]) for key in BigFive._fields if key in personality}
    words = {key: _words(personality[key]) for key in ("traits", "likes", "dislikes") if key in personality}
    return to_text(
        {
            "archetype": profile.archetype[:_MOST_LETTERS],
            "personality": {**nature, **words, "mood": (profile.mood or "")[:_MOST_LETTERS]},
            "goals": _listed(profile.goals),
        }
    )


def with_goals(text: str, goals: Iterable[Goal]) -> str:
    """The text with other goals."""
    known: Mapping[str, Any] = from_text(text)
    return to_text({**known, "goals": _listed(goals)})


def _listed(goals: Iterable[Goal]) -> list[dict[str, Any]]:
    return [
        {"goal": goal.goal[:_MOST_LETTERS], "priority": goal.priority, "progress": goal.progress}
        for goal in list(goals)[:_MOST_GOALS]
    ]


def _plain(value: Any) -> Any:
    return (
        value[:_MOST_LETTERS] if isinstance(value, str) else value if isinstance(value, int | float) else None
    )


def _words(value: Any) -> Any:
    if isinstance(value, str):
        return value[: _MOST_WORDS * 16]
    if isinstance(value, list):
        return [word[:_MOST_LETTERS] for word in value[:_MOST_WORDS] if isinstance(word, str)]
    return None
