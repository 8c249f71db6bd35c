"""The world's own state: weather, festivals, unrest and what happened lately, folded from its stream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from events.commit import Event, Recorded
from events.world import (
    WorldEvolved,
    WorldFestivalEnded,
    WorldFestivalStarted,
    WorldLooked,
    WorldSeasonChanged,
    WorldWeatherChanged,
    WorldWeatherEnded,
)

MAX_RECENT = 1000


@dataclass(frozen=True, slots=True)
class Weather:
    weather: str
    intensity: int
    until: int


@dataclass(frozen=True, slots=True)
class Festival:
    until: int
    maps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WorldState:
    """`events` counts what happened to the world by itself. `tick` is the last look and `evolved` the last that changed
    anything, `recent` says when (µs) the world changed.

    `festival` is when the last festival ended, or will.
    """

    events: int = 0
    tick: int = -1
    evolved: int = -1
    recent: tuple[int, ...] = ()
    weather: Mapping[str, Weather] = field(default_factory=dict)
    festivals: Mapping[str, Festival] = field(default_factory=dict)
    festival: int = 0
    season: str = ""


def after(state: WorldState, event: Event, recorded: Recorded) -> WorldState:
    """The state after one event of the world's stream."""
    match event:
        case WorldEvolved():
            recent = (*state.recent[-(MAX_RECENT - 1) :], recorded.commit.at)
            evolved = state.evolved if event.tick is None else max(state.evolved, event.tick)
            return replace(state, events=event.number, recent=recent, evolved=evolved)
        case WorldLooked():
            return replace(state, tick=max(state.tick, event.tick))
        case WorldWeatherChanged():
            sky = Weather(event.weather, event.intensity, event.until)
            return replace(state, weather={**state.weather, event.map: sky})
        case WorldWeatherEnded():
            return replace(
                state, weather={name: sky for name, sky in state.weather.items() if name != event.map}
            )
        case WorldFestivalStarted():
            running = {**state.festivals, event.festival: Festival(event.until, event.maps)}
            return replace(state, festivals=running, festival=max(state.festival, event.until))
        case WorldFestivalEnded():
            running = {name: end for name, end in state.festivals.items() if name != event.festival}
            return replace(state, festivals=running)
        case WorldSeasonChanged():
            return replace(state, season=event.season)
    return state
