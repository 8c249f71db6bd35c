"""Challenge ratings, and the experience and proficiency bonus that follow from them.

A rating is counted in eighths, so that ⅛, ¼ and ½ are the integers 1, 2 and 4 and 30 is 240. The tables are the same in
SRD 5.1 and 5.2.
"""

from __future__ import annotations

import re
from decimal import Decimal

WHOLE = 8
FRACTIONS = {1: "1/8", 2: "1/4", 4: "1/2"}
HIGHEST = 30

_WHOLE_XP = (
    10, 200, 450, 700, 1100, 1800, 2300, 2900, 3900, 5000, 5900, 7200, 8400, 10000, 11500, 13000, 15000, 18000,
    20000, 22000, 25000, 33000, 41000, 50000, 62000, 75000, 90000, 105000, 120000, 135000, 155000,
)  # fmt: skip
XP: dict[int, int] = {1: 25, 2: 50, 4: 100} | {level * WHOLE: xp for level, xp in enumerate(_WHOLE_XP)}
"""Experience by rating in eighths; rating 0 is worth 10, or 0 where the creature cannot harm anybody."""

_DECIMAL = re.compile(r"[0-9]{1,2}(\.[0-9]{1,6})?")
_SIGNS = {"⅛": "1/8", "¼": "1/4", "½": "1/2"}


class UnknownRating(ValueError):
    """A text or number that is no challenge rating."""


def rating(value: str | int | float) -> int:
    """The rating in eighths of `1/4`, `¼`, `0.25`, `0.250`, `17` or a number. Raises `UnknownRating`."""
    text = _SIGNS.get(str(value).strip(), str(value).strip())
    for eighths, written in FRACTIONS.items():
        if text == written:
            return eighths
    if not isinstance(value, bool) and _DECIMAL.fullmatch(text):
        eighths_exact = Decimal(text) * WHOLE
        if eighths_exact == int(eighths_exact) and int(eighths_exact) in XP:
            return int(eighths_exact)
    raise UnknownRating(f"{text[:20]!r} is no challenge rating; 0, 1/8, 1/4, 1/2 and 1 to {HIGHEST} are")


def rating_text(eighths: int) -> str:
    """A rating as people write it: `1/4`, `17`."""
    return FRACTIONS.get(eighths) or str(eighths // WHOLE)


def experience(eighths: int, *, harmless: bool = False) -> int:
    """Experience points for defeating a creature of that rating. Raises `UnknownRating`.

    harmless: it has no way to hurt anybody; counts for rating 0 only.
    """
    if eighths not in XP:
        raise UnknownRating(f"{eighths} eighths are no challenge rating")
    return 0 if harmless and eighths == 0 else XP[eighths]


def proficiency_bonus(eighths: int) -> int:
    """The proficiency bonus of a creature: +2 up to rating 4, then one more for every four. Raises `UnknownRating`."""
    if eighths not in XP:
        raise UnknownRating(f"{eighths} eighths are no challenge rating")
    return 2 + max(0, (eighths // WHOLE - 1) // 4)


def proficiency_of_level(level: int) -> int:
    """The proficiency bonus of a character of level 1 to 20."""
    if not 1 <= level <= 20:
        raise ValueError(f"a character has level 1 to 20, not {level}")
    return 2 + (level - 1) // 4
