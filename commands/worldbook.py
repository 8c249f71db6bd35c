"""The book of the world: what can happen to it by itself, how often and how long, from ``conf/world.toml``.

What the columns mean is written at the top of that file. Names and descriptions fit the client's packets
(`rathena-server-side.md` §6.2): 24 and 120 bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from commands.legend.book import MAX_DESCRIPTION_BYTES, MAX_ID, MAX_NAME_BYTES
from commands.mind.tables import TableError, decimal, known, span, table, tables, whole, word, words

SECOND: Final = 1_000_000
MAX_SECONDS: Final = 366 * 86_400
MAX_THEMES: Final = 255
EVENT_TYPES: Final = MappingProxyType(
    {"weather": 1, "festival": 2, "omen": 3, "unrest": 4, "faction_move": 5}
)
"""The kinds of world events, with the numbers client packets give them."""


@dataclass(frozen=True, slots=True)
class Theme:
    """One thing that can happen, of one of the kinds.

    Ranges are [least, most]: `duration` in seconds, `intensity` 1..100, `change` of a faction's standing. `importance`
    is in millionths. `seasons` weighs it by season, empty: the same all year. `told` is the event type NPCs notice,
    with `data`. `standing` is the range of standings in which a faction move fits.
    """

    kind: str
    key: str
    id: int
    name: str
    lines: tuple[str, ...]
    duration: tuple[int, int]
    intensity: tuple[int, int]
    importance: int
    weight: int
    seasons: Mapping[str, int]
    told: str
    data: Mapping[str, Any]
    change: tuple[int, int] = (0, 0)
    standing: tuple[int, int] = (-100, 100)

    def weight_in(self, season: str) -> int:
        return self.weight * (self.seasons.get(season, 0) if self.seasons else 1)


@dataclass(frozen=True, slots=True)
class Trigger:
    """`count` of the `deeds` on one map `within` µs lead to an event of kind unrest; then it rests for `pause` µs."""

    key: str
    deeds: frozenset[str]
    count: int
    within: int
    pause: int
    theme: str


@dataclass(frozen=True, slots=True)
class FactionTrigger:
    """A standing at or below `below` sets a faction in motion; then it rests for `pause` µs."""

    below: int
    pause: int


@dataclass(frozen=True, slots=True)
class WorldBook:
    """All of it. Times in µs.

    At most `max_events` happen within `window`, not counting seasons. `chance` (millionths) is how likely a tick
    changes anything when no model is asked, and `kinds` how likely each kind is then. `maps` are those with weather,
    empty: all that have NPCs. `seasons` are (name, days), `day` is how long one of their days takes.
    """

    themes: Mapping[str, Mapping[str, Theme]]
    max_events: int
    window: int
    festival_gap: int
    chance: int
    kinds: Mapping[str, int]
    maps: tuple[str, ...]
    seasons: tuple[tuple[str, int], ...]
    day: int
    triggers: tuple[Trigger, ...]
    faction_trigger: FactionTrigger | None

    def theme(self, kind: str, key: str) -> Theme | None:
        return self.themes.get(kind, {}).get(key)

    def season_at(self, at: int) -> str:
        """The season of a moment (µs since the epoch); empty when the book has none."""
        year = sum(days for _, days in self.seasons)
        if not year:
            return ""
        day = at // self.day % year
        for name, days in self.seasons:
            if day < days:
                return name
            day -= days
        raise AssertionError("a year is the sum of its seasons")


_SECTIONS = frozenset({"limits", "evolution", "seasons", "trigger", "faction_trigger", *EVENT_TYPES})
_COLUMNS = frozenset(
    {"id", "name", "lines", "duration", "intensity", "importance", "weight", "seasons", "told", "data", "change",
     "standing"}
)  # fmt: skip


def parse_world(mapping: Mapping[str, Any]) -> WorldBook:
    """The book of a parsed ``conf/world.toml``. Raises `TableError` naming the place."""
    known(mapping, _SECTIONS, "")
    limits, evolution = table(mapping, "limits"), table(mapping, "evolution")
    known(limits, frozenset({"max_events", "per_seconds", "festival_gap_seconds"}), "limits")
    known(evolution, frozenset({"chance", "kinds", "maps"}), "evolution")
    chances = table(evolution, "kinds", "evolution")
    known(chances, frozenset(EVENT_TYPES), "evolution.kinds")
    names, day = _seasons(table(mapping, "seasons"))
    themes = {kind: _themes(mapping, kind, names) for kind in EVENT_TYPES}
    return WorldBook(
        themes,
        whole(limits, "max_events", "limits", 0, 1000, 6),
        whole(limits, "per_seconds", "limits", 1, MAX_SECONDS, 3600) * SECOND,
        whole(limits, "festival_gap_seconds", "limits", 0, MAX_SECONDS, 86_400) * SECOND,
        decimal(evolution, "chance", "evolution", 0, 1, 0.5),
        {kind: whole(chances, kind, "evolution.kinds", 0, 1000, 1) for kind in EVENT_TYPES},
        words(evolution, "maps", "evolution"),
        names,
        day,
        tuple(_trigger(key, row, path, themes["unrest"]) for key, row, path in tables(mapping, "trigger")),
        _faction_trigger(mapping),
    )


def _seasons(section: Mapping[str, Any]) -> tuple[tuple[tuple[str, int], ...], int]:
    known(section, frozenset({"day_seconds", "days"}), "seasons")
    days = table(section, "days", "seasons")
    names = tuple((name, whole(days, name, "seasons.days", 1, 10_000)) for name in days)
    return names, whole(section, "day_seconds", "seasons", 1, MAX_SECONDS, 86_400) * SECOND


def _themes(
    mapping: Mapping[str, Any], kind: str, seasons: tuple[tuple[str, int], ...]
) -> Mapping[str, Theme]:
    found: dict[str, Theme] = {}
    numbers: set[int] = set()
    for key, row, path in tables(mapping, kind):
        theme = found[key] = _theme(kind, key, row, path, frozenset(name for name, _ in seasons))
        if theme.id in numbers:
            raise TableError(f"{path}.id", "is taken by another of this kind")
        numbers.add(theme.id)
    if len(found) > MAX_THEMES:
        raise TableError(kind, f"must have at most {MAX_THEMES} tables")
    return found


def _theme(kind: str, key: str, row: Mapping[str, Any], path: str, seasons: frozenset[str]) -> Theme:
    known(row, _COLUMNS, path)
    weights = table(row, "seasons", path)
    known(weights, seasons, f"{path}.seasons")
    lines = words(row, "lines", path)
    if not lines:
        raise TableError(f"{path}.lines", 'must hold at least one line, such as ["It begins to rain."]')
    return Theme(
        kind,
        key,
        whole(row, "id", path, 0, MAX_ID if kind != "weather" else MAX_THEMES),
        _bounded(word(row, "name", path), MAX_NAME_BYTES, f"{path}.name"),
        tuple(_bounded(line, MAX_DESCRIPTION_BYTES, f"{path}.lines") for line in lines),
        span(row, "duration", path, 1, MAX_SECONDS) if "duration" in row else (600, 3600),
        span(row, "intensity", path, 1, 100) if "intensity" in row else (1, 100),
        decimal(row, "importance", path, 0, 1, 0.3),
        whole(row, "weight", path, 0, 1000, 1),
        {name: whole(weights, name, f"{path}.seasons", 0, 1000) for name in weights},
        word(row, "told", path),
        dict(table(row, "data", path)),
        span(row, "change", path, -100, 100) if "change" in row else (0, 0),
        span(row, "standing", path, -100, 100) if "standing" in row else (-100, 100),
    )


def _trigger(key: str, row: Mapping[str, Any], path: str, themes: Mapping[str, Theme]) -> Trigger:
    known(row, frozenset({"deeds", "count", "within_seconds", "pause_seconds", "theme"}), path)
    theme = word(row, "theme", path)
    if theme not in themes:
        raise TableError(f"{path}.theme", f"must be one of the tables of unrest: {', '.join(themes)}")
    deeds = words(row, "deeds", path)
    if not deeds:
        raise TableError(f"{path}.deeds", "must name at least one deed")
    return Trigger(
        key,
        frozenset(deeds),
        whole(row, "count", path, 1, 1000, 10),
        whole(row, "within_seconds", path, 1, 86_400, 300) * SECOND,
        whole(row, "pause_seconds", path, 1, MAX_SECONDS, 1800) * SECOND,
        theme,
    )


def _faction_trigger(mapping: Mapping[str, Any]) -> FactionTrigger | None:
    if "faction_trigger" not in mapping:
        return None
    row = table(mapping, "faction_trigger")
    known(row, frozenset({"below", "pause_seconds"}), "faction_trigger")
    return FactionTrigger(
        whole(row, "below", "faction_trigger", -100, 100, -60),
        whole(row, "pause_seconds", "faction_trigger", 1, MAX_SECONDS, 3600) * SECOND,
    )


def _bounded(text: str, most: int, path: str) -> str:
    if len(text.encode()) > most or not text.isprintable():
        raise TableError(path, f"must be at most {most} bytes of UTF-8 on one line: the client shows no more")
    return text
