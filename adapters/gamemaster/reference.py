"""The reference data as drafts and encounters need it: whole lists in memory, read anew when the file changes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters.refdata import schema
from adapters.refdata.entry import Kind
from adapters.refdata.library import open_library
from commands.agents.gamemaster.coherence import Entry
from commands.agents.gamemaster.sketch import Stock
from commands.rules.challenge import rating_text
from commands.rules.spell import Ruleset
from commands.rules.suggestion import Creature, suggest
from commands.rules.verdict import name_key
from events.commit import Json
from events.errors import ReferenceDataError

KINDS: tuple[Kind, ...] = ("creature", "spell", "item", "class")
MAX_FOUND = 6
MAX_FITTING = 6
MAX_WORDS = 400
LONGEST_NAME = 5
"""Words of a name that is looked for in a brief."""

_WORD = re.compile(r"[\w'’-]+")


@dataclass(frozen=True, slots=True)
class Reference:
    """What one ruleset holds. `rows` are the entries of each kind by `name_key`; `sample` says that nothing was
    imported for it, and `sources` whom to credit."""

    ruleset: Ruleset
    rows: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    sample: bool = True
    sources: tuple[Json, ...] = ()

    @property
    def creatures(self) -> tuple[Creature, ...]:
        return tuple(_creature(row) for row in self.rows.get("creature", {}).values())

    @property
    def stock(self) -> Stock:
        """What templates may draw."""
        spells = tuple(_entry("spell", row) for row in self.rows.get("spell", {}).values())
        items = (_entry("item", row) for row in self.rows.get("item", {}).values())
        return Stock(self.creatures, spells, tuple(each for each in items if each.rarity))

    def entries(self, named: Iterable[tuple[str, str]]) -> dict[str, dict[str, Entry]]:
        """Those of (kind, name) that exist, by kind and `name_key`."""
        found: dict[str, dict[str, Entry]] = {}
        for kind, name in named:
            row = self.rows.get(kind, {}).get(name_key(name[:200]))
            if row is not None:
                found.setdefault(kind, {})[name_key(name)] = _entry(kind, row)
        return found

    def names(self, kinds: Iterable[str]) -> dict[str, Sequence[str]]:
        """All names of some kinds."""
        return {
            kind: [row["name"] for row in self.rows.get(kind, {}).values()] for kind in dict.fromkeys(kinds)
        }

    def creature(self, wanted: str) -> Creature | None:
        """The creature with that name, or that key."""
        rows = self.rows.get("creature", {})
        row = rows.get(name_key(wanted[:200]))
        if row is None:
            row = next((each for each in rows.values() if each["key"] == wanted), None)
        return None if row is None else _creature(row)

    def fitting(self, kind: str, brief: str, levels: Sequence[int], seed: str) -> tuple[Json, ...]:
        """Entries worth telling a model: those the brief names, and for a fight creatures that suit the party."""
        found = {row["key"]: _told(row_kind, row) for row_kind, row in self._named(brief)}
        if kind in {"quest", "event", "location"} and levels:
            for each in suggest(levels, "moderate", self.creatures, seed=seed, most=MAX_FITTING):
                for creature, _ in each.creatures:
                    row = self.rows["creature"][name_key(creature.name)]
                    found.setdefault(creature.key, _told("creature", row))
        return tuple(list(found.values())[: MAX_FOUND + MAX_FITTING])

    def _named(self, brief: str) -> Iterable[tuple[str, Json]]:
        """The entries whose names stand in a text, the longest names first; a plural of one counts."""
        words = _WORD.findall(brief)[:MAX_WORDS]
        count = 0
        for length in range(LONGEST_NAME, 0, -1):
            for at in range(len(words) - length + 1):
                name = name_key(" ".join(words[at : at + length]))
                for kind in ("creature", "spell", "item"):
                    rows = self.rows.get(kind, {})
                    row = rows.get(name) or (
                        rows.get(name.removesuffix("s")) if length > 1 or kind == "creature" else None
                    )
                    if row is not None and count < MAX_FOUND:
                        count += 1
                        yield kind, row


class ReferenceShelf:
    """The reference data of a state directory; shared by all requests of a gateway."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._kept: dict[str, Reference] = {}
        self._stamp: tuple[int, int] | None = None
        self._lock = asyncio.Lock()

    async def of(self, ruleset: str) -> Reference:
        """What there is for a ruleset; a file that cannot be read is as none, and said so by whoever shows it."""
        wanted: Ruleset = "2014" if ruleset == "2014" else "2024"
        async with self._lock:
            stamp = await asyncio.to_thread(self._stamped)
            if stamp != self._stamp:
                self._kept, self._stamp = {}, stamp
            if wanted not in self._kept:
                self._kept[wanted] = await asyncio.to_thread(self._read, wanted)
            return self._kept[wanted]

    def _stamped(self) -> tuple[int, int]:
        try:
            found = (self._state / schema.FILE).stat()
        except OSError:
            return (0, 0)
        return found.st_mtime_ns, found.st_size

    def _read(self, ruleset: Ruleset) -> Reference:
        try:
            with open_library(self._state) as library:
                rows: dict[str, dict[str, Json]] = {
                    kind: {name_key(row["name"]): row for row in reversed(library.listed(kind, ruleset))}
                    for kind in KINDS
                }
                documents = library.status()["documents"]
                sample = library.sample or not any(rows.values())
        except ReferenceDataError:
            return Reference(ruleset)
        used = {row["document"] for table in rows.values() for row in table.values()}
        shown = ("key", "title", "ruleset", "licence", "attribution", "url")
        sources = tuple({name: each[name] for name in shown} for each in documents if each["key"] in used)
        return Reference(ruleset, rows, sample, sources)


def _creature(row: Mapping[str, Any]) -> Creature:
    return Creature(row["key"], row["name"], row["rating"], row["xp"], row["type"] or "")


def _entry(kind: str, row: Mapping[str, Any]) -> Entry:
    match kind:
        case "creature":
            return Entry(row["name"], row["rating"], row["xp"])
        case "spell":
            classes = tuple(row["classes"].split(", ")) if row["classes"] else ()
            return Entry(row["name"], level=row["level"], classes=classes)
        case "item":
            return Entry(row["name"], rarity=(row["rarity"] or "").lower())
    return Entry(row["name"])


def _told(kind: str, row: Mapping[str, Any]) -> Json:
    told: Json = {"kind": kind, "name": row["name"]}
    match kind:
        case "creature":
            told |= {
                "challenge rating": rating_text(row["rating"]),
                "xp": row["xp"],
                "type": row["type"] or "",
            }
        case "spell":
            told |= {"level": row["level"], "school": row["school"] or "", "classes": row["classes"] or ""}
        case "item":
            told |= {"rarity": row["rarity"] or "", "category": row["category"] or ""}
    return told
