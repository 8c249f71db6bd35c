"""The typed columns of each kind, the same whichever format an entry came in."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from adapters.refdata.entry import MAX_NAME, UnfitEntry
from adapters.refdata.reading import whole
from commands.rules.challenge import UnknownRating, experience, proficiency_bonus, rating
from commands.rules.vocabulary import plain

Columns = dict[str, int | str | None]


def spell(level: Any, school: Any, classes: Iterable[str]) -> Columns:
    """classes: joined by commas, so that a column can hold them."""
    number = whole(level, "level")
    if number is None or not 0 <= number <= 9:
        raise UnfitEntry(f"level: {level!r:.20} is no spell level 0 to 9")
    return {"level": number, "school": _word(school), "classes": ", ".join(sorted(set(classes))) or None}


def creature(
    challenge: Any, hit_points: Any, hit_dice: Any, size: Any, creature_type: Any, *, harmless: bool
) -> Columns:
    """Experience and proficiency bonus follow from the rating: what sources state is missing or wrong too often."""
    try:
        eighths = rating(challenge)
    except UnknownRating as error:
        raise UnfitEntry(f"challenge_rating: {error}") from None
    return {
        "rating": eighths,
        "xp": experience(eighths, harmless=harmless),
        "proficiency_bonus": proficiency_bonus(eighths),
        "hit_points": whole(hit_points, "hit_points"),
        "hit_dice": None if hit_dice is None else str(hit_dice),
        "size": _word(size),
        "type": _word(creature_type),
    }


def _word(value: Any) -> str | None:
    return plain(value[:MAX_NAME]) if isinstance(value, str) else None


def copper(gold: Any) -> int | None:
    """A price in gold pieces as whole copper pieces; None where there is none. Raises `UnfitEntry`."""
    if gold in (None, ""):
        return None
    try:
        pieces = Decimal(str(gold)) * 100
    except InvalidOperation:
        raise UnfitEntry(f"cost: {str(gold)[:20]!r} is no price in gold pieces") from None
    if not pieces.is_finite() or not 0 <= pieces < 10**15:
        raise UnfitEntry(f"cost: {str(gold)[:20]!r} is out of bounds")
    return int(pieces) or None
