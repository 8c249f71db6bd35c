"""A draft while tables write it, and the values that its texts speak of: heroes, places, people, foes, rewards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from commands.agents.gamemaster.briefing import Circumstances, Order, Relative
from commands.agents.gamemaster.coherence import Entry
from commands.agents.gamemaster.tables import Tables
from commands.agents.lot import drawn, one_of, within
from commands.agents.safety.foreign import foreign
from commands.rules.encounter import DIFFICULTIES, Difficulty, EncounterError
from commands.rules.suggestion import Creature, Suggestion, suggest
from commands.rules.treasure import FIRST_LEVEL
from events.commit import Json

PARTY = 4
"""Characters of a campaign that has none yet."""

_GONE = frozenset({"dead", "missing"})


@dataclass(frozen=True, slots=True)
class Stock:
    """What of the ruleset may be drawn: `creatures`, `spells` and `items`, by name."""

    creatures: tuple[Creature, ...] = ()
    spells: tuple[Entry, ...] = ()
    items: tuple[Entry, ...] = ()


@dataclass(slots=True)
class Sketch:
    """One draft while it is written: what was drawn already is neither drawn again nor changed."""

    order: Order
    found: Circumstances
    tables: Tables
    stock: Stock
    base: str
    number: int
    taken: frozenset[str]
    gender: str = "m"
    name: str = ""
    values: dict[str, str] = field(default_factory=dict)
    linked: dict[str, Relative] = field(default_factory=dict)
    used: dict[str, set[int]] = field(default_factory=dict)
    claims: Json = field(default_factory=dict)

    @property
    def seed(self) -> str:
        return f"{self.base}/{self.number}"

    @property
    def levels(self) -> tuple[int, ...]:
        found = tuple(each["level"] for each in self.found.characters if isinstance(each.get("level"), int))
        return (
            tuple(level for level in found if 1 <= level <= 20)
            or (max(1, self.found.campaign.level),) * PARTY
        )


def _hero(draft: Sketch, number: int) -> str:
    named = [foreign(str(each.get("name", "")), 60) for each in draft.found.characters]
    named = [each for each in named if each]
    if number >= len(named):
        return ""
    start = drawn(f"{draft.seed}/hero", len(named))
    return named[(start + number) % len(named)]


def _relative(draft: Sketch, value: str, kind: str) -> str:
    """An element of the campaign: one that was asked for, else one of the most relevant that is not taken yet."""
    taken = {each.element_id for each in draft.linked.values()} | {
        str(draft.order.target.get("element_id", ""))
    }
    fitting = [
        each
        for each in draft.found.elements
        if each.kind == kind and each.fields.get("status") not in _GONE and each.element_id not in taken
    ]
    if not fitting:
        return ""
    best = min(each.rank for each in fitting)
    near = [each for each in fitting if each.rank == best] if best <= 1 else fitting[:8]
    chosen = draft.linked[value] = one_of(f"{draft.seed}/{value}", near)
    return foreign(chosen.name, 120)


def _foes(draft: Sketch) -> str:
    wanted: Difficulty = next(
        (d for d in DIFFICULTIES if d == draft.order.options.get("difficulty")), "moderate"
    )
    try:
        found: tuple[Suggestion, ...] = suggest(
            draft.levels, wanted, draft.stock.creatures, seed=draft.seed, most=1
        )
    except EncounterError:
        return ""
    if not found:
        return ""
    draft.claims["creatures"] = [{"name": each.name, "count": count} for each, count in found[0].creatures]
    return ", ".join(
        f"{count} × {each.name}" if count > 1 else each.name for each, count in found[0].creatures
    )


def _item(draft: Sketch) -> str:
    level = max(draft.levels)
    fitting = [each for each in draft.stock.items if FIRST_LEVEL.get(each.rarity, 99) <= level]
    if not fitting:
        return ""
    # The best the level allows is the most of a reward.
    best = max(FIRST_LEVEL[each.rarity] for each in fitting)
    chosen = one_of(f"{draft.seed}/item", [each for each in fitting if FIRST_LEVEL[each.rarity] == best])
    draft.claims["items"] = [chosen.name]
    return chosen.name


def _gold(draft: Sketch) -> str:
    level = max(draft.levels)
    return str(5 * level * within(f"{draft.seed}/gold", (4, 9)))


VALUES: dict[str, Callable[[Sketch], str]] = {
    "hero": lambda draft: _hero(draft, 0),
    "other_hero": lambda draft: _hero(draft, 1),
    "place": lambda draft: _relative(draft, "place", "location"),
    "person": lambda draft: _relative(draft, "person", "npc"),
    "other_person": lambda draft: _relative(draft, "other_person", "npc"),
    "quest": lambda draft: _relative(draft, "quest", "quest"),
    "foes": _foes,
    "item": _item,
    "gold": _gold,
    "level": lambda draft: str(max(draft.levels)),
}
"""What a place in a text stands for, by its name; an empty text where there is no such thing."""
