"""What the streams of bloodlines and of syntheses have in common."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Skill:
    """A skill of the game and how high it stands; both are the game's own numbers."""

    skill_id: int
    level: int


@dataclass(frozen=True, slots=True)
class Growth:
    """Where a character stands after an event.

    `total` is all experience ever gained, `exp` what counts towards the next level and `max_exp` what that takes (0
    at the highest); `skills` are those it has. The curve of the day is thereby part of the fact.
    """

    level: int
    total: int
    exp: int
    max_exp: int
    skills: tuple[Skill, ...] = ()
