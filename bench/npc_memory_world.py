"""The invented world that the suite of memory asks about."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from commands.mind.memory.perception import Occurrence, Witness, perceive
from commands.mind.memory.recall import Query, Recalled, recall
from commands.mind.memory.record import Memory
from commands.mind.memory.store import InMemoryStore

HOUR_US = 3_600_000_000
START_US = 1_700_000_000_000_000
NAMES = ("Mira", "Tom", "Ada", "Karl", "Lena", "Ivo", "Nell", "Orin", "Petra", "Rolf", "Sina", "Udo")
DEEDS = ("stole", "hid", "sold", "found", "buried", "forged", "lost", "polished", "burned", "blessed")
THINGS = (
    "crown", "amulet", "lute", "sword", "map", "chalice", "lantern", "banner", "mirror", "ring", "harp",
    "ledger", "cloak", "shield", "scroll", "anvil", "saddle", "bell", "key", "dagger",
)  # fmt: skip
PLACES = (
    "mill", "chapel", "harbour", "orchard", "tower", "quarry", "bakery", "bridge", "cellar", "gate",
    "well", "barn", "forge", "library", "garden", "stable", "tavern", "crypt", "lighthouse", "vineyard",
)  # fmt: skip
WORDINGS = (
    ("stole", "the theft"), ("hid", "the hiding"), ("sold", "the sale"), ("found", "the discovery"),
    ("buried", "the burial"), ("forged", "the forgery"), ("lost", "what went missing"),
    ("polished", "the polishing"), ("burned", "the fire"), ("blessed", "the blessing"),
    ("repaired", "the repairs"), ("purchased", "who bought it"), ("attacked", "the fight"),
    ("murdered", "the killing"), ("celebrated", "the celebration"), ("wept over", "the tears"),
)  # fmt: skip
"""A deed, and how somebody asks for it in other words. Some share no letter with it: no lexical index finds
them all."""


@dataclass(slots=True)
class World:
    """The world while it is made: its clock, its log position, and what the NPCs remember."""

    pick: random.Random
    store: InMemoryStore = field(default_factory=InMemoryStore)
    position: int = 0
    times: list[float] = field(default_factory=list)

    def next(self) -> tuple[int, int]:
        self.position += 1
        return self.position, START_US + self.position * HOUR_US // 4

    def happens(self, witnesses: Iterable[Witness], **what: Any) -> list[Memory]:
        position, at = self.next()
        found = perceive(witnesses, Occurrence(position=position, index=0, at=at, **what))
        for memory in found:
            self.store.add(memory)
        return found

    def ask(self, query: Query) -> list[Recalled]:
        started = perf_counter()
        found = recall(self.store, query)
        self.times.append((perf_counter() - started) * 1e3)
        return found

    def deed(self) -> tuple[str, str]:
        """A sentence about who did what where, and a question about it in other forms of its words."""
        name, deed, thing, place = (self.pick.choice(pool) for pool in (NAMES, DEEDS, THINGS, PLACES))
        number = self.pick.randint(100, 9_999)
        return (
            f"{name} {deed} the {thing} number {number} behind the {place}",
            f"What happened to the {thing} {number} near the {place}?",
        )
