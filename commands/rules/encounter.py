"""The experience budget of an encounter (SRD 5.2, "Combat Encounter Difficulty") and the warnings that go with it.

SRD 5.1 has no such table: for its campaigns the same budget is used, or a table of the game master's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from commands.rules.challenge import WHOLE, experience, rating_text
from commands.rules.verdict import SRD_2024, Verdict, shown

Difficulty = Literal["low", "moderate", "high"]
DIFFICULTIES: tuple[Difficulty, ...] = ("low", "moderate", "high")
MAX_CHARACTERS = 20
MAX_MONSTERS = 1000
MOST_STAT_BLOCKS = 3

Table = Mapping[int, tuple[int, int, int]]

BUDGETS: Table = {
    1: (50, 75, 100), 2: (100, 150, 200), 3: (150, 225, 400), 4: (250, 375, 500), 5: (500, 750, 1100),
    6: (600, 1000, 1400), 7: (750, 1300, 1700), 8: (1000, 1700, 2100), 9: (1300, 2000, 2600),
    10: (1600, 2300, 3100), 11: (1900, 2900, 4100), 12: (2200, 3700, 4700), 13: (2600, 4200, 5400),
    14: (2900, 4900, 6200), 15: (3300, 5400, 7800), 16: (3800, 6100, 9800), 17: (4500, 7200, 11700),
    18: (5000, 8700, 14200), 19: (5500, 10700, 17200), 20: (6400, 13200, 22000),
}  # fmt: skip
"""Experience per character by level: low, moderate, high."""


class EncounterError(ValueError):
    """A party or a group of monsters that no encounter can have; names the field and the bound."""


@dataclass(frozen=True, slots=True)
class Monsters:
    """`count` creatures with one stat block. rating: in eighths. xp: of one; None means by its rating."""

    name: str
    rating: int
    count: int = 1
    xp: int | None = None

    @property
    def experience(self) -> int:
        """What all of them are worth."""
        return self.count * (experience(self.rating) if self.xp is None else self.xp)


@dataclass(frozen=True, slots=True)
class Assessment:
    """budgets: the party's for low, moderate, high. difficulty: the lowest whose budget holds, None above high."""

    budgets: tuple[int, int, int]
    spent: int
    difficulty: Difficulty | None
    verdicts: tuple[Verdict, ...]


def budget(levels: Sequence[int], difficulty: Difficulty, table: Table = BUDGETS) -> int:
    """The experience a party may meet: the table's row of each character's level, summed. Raises `EncounterError`."""
    return _budgets(levels, table)[_index(difficulty)]


def assess(
    levels: Sequence[int],
    monsters: Sequence[Monsters],
    difficulty: Difficulty,
    table: Table = BUDGETS,
    source: str = SRD_2024,
) -> Assessment:
    """Weigh an encounter against what was asked for; the number of monsters multiplies nothing.

    levels: one per character. table: of the game master, `source` its name. Raises `EncounterError`.
    """
    budgets, wanted = _budgets(levels, table), _index(difficulty)
    _check_monsters(monsters)
    spent = sum(group.experience for group in monsters)
    reached = next((name for name, most in zip(DIFFICULTIES, budgets, strict=True) if spent <= most), None)
    least = budgets[wanted - 1] if wanted else 0
    verdicts = (
        _within(spent, budgets[wanted], difficulty, source),
        _not_easier(spent, least, difficulty, source),
        *_warnings(levels, monsters),
    )
    return Assessment(budgets, spent, reached, verdicts)


def _within(spent: int, most: int, difficulty: Difficulty, source: str) -> Verdict:
    fits = spent <= most
    message = f"{spent} XP fit into the {difficulty} budget of {most}."
    if not fits:
        message = (
            f"{spent} XP exceed the {difficulty} budget of {most}: take out monsters worth {spent - most} XP."
        )
    return Verdict("encounter.budget", fits, message, most, spent, source)


def _not_easier(spent: int, least: int, difficulty: Difficulty, source: str) -> Verdict:
    ok = spent > least
    message = f"The encounter is not easier than {difficulty}."
    if not ok:
        message = f"{spent} XP are less than {difficulty}: monsters worth more than {least - spent} XP may be added."
    return Verdict("encounter.band", ok, message, f"more than {least}", spent, source)


def _warnings(levels: Sequence[int], monsters: Sequence[Monsters]) -> list[Verdict]:
    number = sum(group.count for group in monsters)
    blocks = len({group.name.casefold() for group in monsters})
    weak = sum(group.count for group in monsters if group.rating == 0)
    strongest = max(group.rating for group in monsters)
    warnings = [
        _at_most(
            "encounter.monsters", number, 2 * len(levels), "monsters", "more than two for each character are risky"
            + (", above all at levels 1 and 2" if min(levels) <= 2 else ""),
        ),
        _at_most("encounter.stat_blocks", blocks, MOST_STAT_BLOCKS, "stat blocks", "more are hard to run well"),
        _at_most("encounter.swarms", weak, len(levels), "creatures of rating 0", "use swarms instead"),
    ]  # fmt: skip
    ok = strongest <= min(levels) * WHOLE
    message = f"No rating is above the lowest level, {min(levels)}."
    if not ok:
        message = (
            f"Rating {rating_text(strongest)} is above level {min(levels)}: one action may fell a character."
        )
    return [
        *warnings,
        Verdict("encounter.rating", ok, message, f"at most {min(levels)}", rating_text(strongest), SRD_2024),
    ]


def _at_most(rule: str, found: int, most: int, what: str, otherwise: str) -> Verdict:
    message = f"{found} {what}: at most {most} are advised" + ("." if found <= most else f"; {otherwise}.")
    return Verdict(rule, found <= most, message, most, found, SRD_2024)


def _budgets(levels: Sequence[int], table: Table) -> tuple[int, int, int]:
    if not 1 <= len(levels) <= MAX_CHARACTERS:
        raise EncounterError(f"levels: a party has 1 to {MAX_CHARACTERS} characters, not {len(levels)}")
    for level in levels:
        if level not in table:
            raise EncounterError(
                f"levels: the table has no row for level {level}; it has {min(table)} to {max(table)}"
            )
    low, moderate, high = (sum(table[level][column] for level in levels) for column in range(3))
    return low, moderate, high


def _check_monsters(monsters: Sequence[Monsters]) -> None:
    if not monsters:
        raise EncounterError("monsters: an encounter has at least one")
    if any(group.count < 1 for group in monsters) or sum(group.count for group in monsters) > MAX_MONSTERS:
        raise EncounterError(f"monsters: at least one of each, at most {MAX_MONSTERS} in all")
    for group in monsters:
        if group.xp is not None and not 0 <= group.xp <= 1_000_000:
            raise EncounterError(f"monsters: {shown(group.name)} has an xp outside 0 to 1000000")
        experience(group.rating)


def _index(difficulty: Difficulty) -> int:
    if difficulty not in DIFFICULTIES:
        raise EncounterError(f"difficulty: {difficulty!r} is none of {', '.join(DIFFICULTIES)}")
    return DIFFICULTIES.index(difficulty)
