"""Encounters that fit a budget, drawn from the creatures of a ruleset: a few ways to spend it, each of another shape.

The same creatures, party, difficulty and seed give the same suggestions. The experience of each lies above the next
lower budget and within the one asked for; at most two creatures for each character, at most two stat blocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from commands.rules.challenge import WHOLE
from commands.rules.encounter import (
    BUDGETS,
    DIFFICULTIES,
    Difficulty,
    EncounterError,
    Monsters,
    Table,
    budget,
)

MAX_SUGGESTIONS = 12
SHAPES = ("solo", "pair", "leader", "group", "mixed")


@dataclass(frozen=True, slots=True)
class Creature:
    """rating: in eighths. xp: what one is worth. type: `undead`, `beast` …"""

    key: str
    name: str
    rating: int
    xp: int
    type: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """shape: one creature alone, two of a kind, a leader with followers, a group of one kind, or two kinds."""

    shape: str
    creatures: tuple[tuple[Creature, int], ...]

    @property
    def monsters(self) -> tuple[Monsters, ...]:
        """As `commands.rules.encounter.assess` takes them."""
        return tuple(Monsters(each.name, each.rating, count, each.xp) for each, count in self.creatures)

    @property
    def xp(self) -> int:
        return sum(each.xp * count for each, count in self.creatures)


def suggest(
    levels: Sequence[int],
    difficulty: Difficulty,
    known: Iterable[Creature],
    *,
    seed: str,
    most: int = 5,
    table: Table = BUDGETS,
) -> tuple[Suggestion, ...]:
    """At most `most` encounters of that difficulty, no two with the same foremost creature as long as there are others.

    Creatures whose rating is above the lowest level are left out while others fit: one action of theirs may fell a
    character. Raises `EncounterError` for a party or difficulty that the table does not know.
    """
    if not 1 <= most <= MAX_SUGGESTIONS:
        raise EncounterError(f"most: 1 to {MAX_SUGGESTIONS} encounters can be suggested, not {most}")
    high = budget(levels, difficulty, table)
    place = DIFFICULTIES.index(difficulty)
    low = budget(levels, DIFFICULTIES[place - 1], table) if place else 0
    worth = sorted(
        (each for each in known if 0 < each.xp <= high), key=lambda each: (each.xp, each.name, each.key)
    )
    safe = [each for each in worth if each.rating <= min(levels) * WHOLE]
    size = 2 * len(levels)
    # Whoever takes only one shall not always get a monster that stands alone.
    shapes = sorted(
        SHAPES, key=lambda shape: sha256(f"{seed}/{shape}".encode("utf-8", "surrogatepass")).digest()
    )
    found: list[Suggestion] = []
    for pool in (safe, worth):
        candidates = list(_candidates(pool, low, high, size))
        candidates.sort(key=lambda each: _lot(seed, each))
        for fresh in (True, False):
            _take(found, candidates, shapes, most, fresh=fresh)
        if len(found) >= most or len(safe) == len(worth):
            break
    return tuple(found[:most])


def _take(
    found: list[Suggestion],
    candidates: Sequence[Suggestion],
    shapes: Sequence[str],
    most: int,
    *,
    fresh: bool,
) -> None:
    """Go round the shapes, so that each is there before one comes twice; `fresh`: with new foremost creatures only."""
    waiting = {shape: [each for each in candidates if each.shape == shape] for shape in shapes}
    while len(found) < most and any(waiting.values()):
        for shape in shapes:
            foremost = {each.creatures[0][0].key for each in found}
            while waiting[shape]:
                each = waiting[shape].pop(0)
                if each not in found and not (fresh and each.creatures[0][0].key in foremost):
                    found.append(each)
                    break


def _candidates(pool: Sequence[Creature], low: int, high: int, size: int) -> Iterator[Suggestion]:
    for each in pool:
        if low < each.xp <= high:
            yield Suggestion("solo", ((each, 1),))
        if low < 2 * each.xp <= high and size >= 2:
            yield Suggestion("pair", ((each, 2),))
        count = min(high // each.xp, size)
        if count >= 3 and each.xp * count > low:
            yield Suggestion("group", ((each, count),))
        yield from _led(each, pool, low, high, size)


def _led(leader: Creature, pool: Sequence[Creature], low: int, high: int, size: int) -> Iterator[Suggestion]:
    """The leader with followers of its type that are worth less: one kind of followers for each leader and shape, the
    strongest that fit, so that the number of candidates stays that of the creatures."""
    rest = high - leader.xp
    kin = [
        each
        for each in pool
        if each.xp < leader.xp and each.type == leader.type and each.xp <= rest and each.type
    ]
    for shape, least, most in (("mixed", 1, 2), ("leader", 3, size - 1)):
        for each in reversed(kin):
            count = min(rest // each.xp, most)
            if count >= least and count < size and leader.xp + each.xp * count > low:
                yield Suggestion(shape, ((leader, 1), (each, count)))
                break


def _lot(seed: str, each: Suggestion) -> bytes:
    names = "/".join(f"{creature.key}*{count}" for creature, count in each.creatures)
    return sha256(f"{seed}/{each.shape}/{names}".encode("utf-8", "surrogatepass")).digest()
