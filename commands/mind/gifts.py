"""What a gift is worth to the one who gets it: liking of its category, its size, and how many came before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from commands.mind.fixed import ONE, clamp, faded, millionths, scaled

CATEGORIES: Final = (
    "food",
    "weapon",
    "armor",
    "accessory",
    "consumable",
    "material",
    "rare",
    "luxury",
    "personal",
    "flower",
    "book",
    "tool",
)
"""The twelve categories of the HTTP service."""
_SPELLINGS: Final = {name + plural: name for name in CATEGORIES for plural in ("", "s")}

APPETITE_HALF_LIFE: Final = 7 * 24 * 3600 * 1_000_000
"""After a week half of the gifts received are forgotten as far as boredom goes."""
UNKNOWN_LIKING: Final = 200_000


class Helping(NamedTuple):
    """Gifts of one category from one giver: how many still count, before the instant ``at`` and with it."""

    category: str
    at: int
    before: int
    now: int


Larder = tuple[Helping, ...]
"""One `Helping` per category (at most twelve and ``other``), sorted by category."""


def category_of(data: Mapping[str, object]) -> str:
    """The category named by ``item_category`` or ``category`` in event data, ``other`` when none of the
    twelve.
    """
    for key in ("item_category", "itemCategory", "category"):
        value = data.get(key)
        if isinstance(value, str) and (name := _SPELLINGS.get(value[:32].casefold())) is not None:
            return name
    return "other"


def taken(larder: Larder, category: str, at: int) -> int:
    """How many gifts of ``category`` still count just before the instant ``at``, in millionths."""
    for helping in larder:
        if helping.category == category:
            if at > helping.at:
                return faded(helping.now, at - helping.at, APPETITE_HALF_LIFE)
            return helping.before
    return 0


def stocked(larder: Larder, category: str, at: int) -> Larder:
    """``larder`` after one more gift of ``category`` at ``at``."""
    rest, old = [], None
    for helping in larder:
        if helping.category == category:
            old = helping
        else:
            rest.append(helping)
    if old is None:
        fresh = Helping(category, at, 0, ONE)
    elif at > old.at:
        before = faded(old.now, at - old.at, APPETITE_HALF_LIFE)
        fresh = Helping(category, at, before, min(before + ONE, 1_000 * ONE))
    else:
        fresh = old._replace(now=min(old.now + ONE, 1_000 * ONE))
    return tuple(sorted((*rest, fresh)))


def worth(liking: Mapping[str, int], larder: Larder, data: Mapping[str, object], at: int) -> int:
    """The utility of a gift, -1 … 1 in millionths.

    ``liking`` is ±ONE per category; ``data`` may hold ``item_rarity`` 1 … 5, which makes a liked gift worth
    0.6 to 1.0 of its liking. A liked gift is divided by one plus the number that still counts; a disliked
    one never grows on the receiver.
    """
    category = category_of(data)
    like = liking.get(category, UNKNOWN_LIKING)
    if like <= 0:
        return max(like, -ONE)
    rarity = data.get("item_rarity", data.get("itemRarity", data.get("rarity", 2)))
    stars = clamp(millionths(rarity, 2 * ONE), ONE, 5 * ONE)
    value = scaled(min(like, ONE), 500_000 + stars // 10)
    return value * ONE // (ONE + taken(larder, category, at))
