"""What may happen to the world next: the themes of the rule book that fit, and the one that chance picks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from commands.agents.lot import drawn, one_of, weighted, within
from commands.agents.watch import Firing
from commands.world_state import WorldState
from commands.worldbook import Theme, WorldBook
from events.commit import Json

LOCAL = frozenset({"weather", "unrest"})
MAX_MAPS = 24
"""Maps among which a model may choose."""
MAX_PAIRS = 4
"""Pairs of factions for each of their moves."""

MILLION = 1_000_000

Standing = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Option:
    """Something that could happen now; `weight` is how likely it is against the others, when no model is asked."""

    theme: Theme
    weight: int
    faction: str = ""
    other: str = ""


def options(state: WorldState, book: WorldBook, at: int, standings: Sequence[Standing]) -> Iterator[Option]:
    """What the decider would let happen at `at` (µs); nothing while the world has seen enough."""
    if sum(when > at - book.window for when in state.recent) >= book.max_events:
        return
    for kind, themes in book.themes.items():
        for theme in themes.values():
            weight = book.kinds.get(kind, 0) * theme.weight_in(state.season)
            if not weight or (kind == "festival" and not _may_feast(state, theme, book, at)):
                continue
            if kind != "faction_move":
                yield Option(theme, weight)
                continue
            for faction, other, _ in _fitting(theme, standings):
                yield Option(theme, weight, faction, other)


def options_of(
    firing: Firing, state: WorldState, book: WorldBook, at: int, standings: Sequence[Standing]
) -> Iterator[Option]:
    """What a trigger may lead to: its unrest, or a move of its faction against the one it has fallen out with."""
    if sum(when > at - book.window for when in state.recent) >= book.max_events:
        return
    if not firing.faction:
        trigger = next((known for known in book.triggers if known.key == firing.name), None)
        theme = book.theme("unrest", trigger.theme) if trigger else None
        if theme is not None:
            yield Option(theme, 1)
        return
    pair = [one for one in standings if one[:2] == (firing.faction, firing.other)]
    for theme in book.themes["faction_move"].values():
        for faction, other, _ in _fitting(theme, pair):
            yield Option(theme, max(theme.weight, 1), faction, other)


def chosen(
    known: Sequence[Option], state: WorldState, maps: Sequence[str], at: int, seed: str, *, chance: int
) -> Json | None:
    """The rule's proposal, drawn by `seed`; None when nothing happens. `chance` (millionths) is that anything does."""
    if drawn(f"{seed}/chance", MILLION) >= chance:
        return None
    places = [_places_for(one.theme, state, maps, at) for one in known]
    option = weighted(
        f"{seed}/option", [(one, one.weight) for one, where in zip(known, places, strict=True) if where]
    )
    if option is None:
        return None
    theme, place = option.theme, one_of(f"{seed}/map", places[known.index(option)])
    return {
        "choice": known.index(option) + 1,
        "map": place,
        "intensity": within(f"{seed}/intensity", theme.intensity),
        "seconds": within(f"{seed}/seconds", theme.duration),
        "change": within(f"{seed}/change", theme.change),
        "narrative": one_of(f"{seed}/line", theme.lines),
    }


def _places_for(theme: Theme, state: WorldState, maps: Sequence[str], at: int) -> Sequence[str]:
    """The maps on which it may happen; an empty name stands for everywhere. Weather that lasts is left to last."""
    if theme.kind not in LOCAL:
        return ("",)
    if theme.kind != "weather":
        return maps
    return [name for name in maps if not _has_weather(state, name, at)]


def _may_feast(state: WorldState, theme: Theme, book: WorldBook, at: int) -> bool:
    rested = not state.festival or at >= state.festival + book.festival_gap
    return rested and theme.key not in state.festivals


def _fitting(theme: Theme, standings: Sequence[Standing]) -> list[Standing]:
    return [one for one in standings if theme.standing[0] <= one[2] <= theme.standing[1]][:MAX_PAIRS]


def _has_weather(state: WorldState, map_name: str, at: int) -> bool:
    sky = state.weather.get(map_name)
    return sky is not None and sky.until > at
