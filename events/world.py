"""Events of the world's stream, `world/<realm>`. Moments are in µs since the epoch."""

from __future__ import annotations

from dataclasses import dataclass

from events.catalogue import event
from events.commit import Event, Json


@event("world.event_occurred")
@dataclass(frozen=True, slots=True)
class WorldEventOccurred(Event):
    """Something many NPCs notice: weather, nightfall, a festival.

    `affected_npcs` names them, or is None for every registered NPC; `affected` is how many that were.
    """

    event_type: str
    event_data: Json
    affected_npcs: tuple[str, ...] | None
    affected: int


@event("world.looked")
@dataclass(frozen=True, slots=True)
class WorldLooked(Event):
    """It was time to look whether something happens by itself. `tick` is the moment that was due, in seconds."""

    tick: int


@event("world.evolved")
@dataclass(frozen=True, slots=True)
class WorldEvolved(Event):
    """The world changed by itself; what that means to maps, festivals and NPCs follows in the commit.

    `number` counts the world's events, `kind` and `name` are those of ``conf/world.toml``, `number_of_name` the
    number packets carry for it. `maps` are empty when it concerns the whole realm. `tick` says at which look, None
    when `trigger` set it in motion. `importance` is in millionths, `intensity` 1 to 100.
    """

    number: int
    kind: str
    name: str
    number_of_name: int
    title: str
    description: str
    maps: tuple[str, ...]
    intensity: int
    importance: int
    until: int
    tick: int | None = None
    trigger: str = ""
    faction: str = ""
    other: str = ""


@event("world.weather_changed")
@dataclass(frozen=True, slots=True)
class WorldWeatherChanged(Event):
    map: str
    weather: str
    intensity: int
    until: int


@event("world.weather_ended")
@dataclass(frozen=True, slots=True)
class WorldWeatherEnded(Event):
    """The sky over the map is as usual again."""

    map: str
    weather: str


@event("world.festival_started")
@dataclass(frozen=True, slots=True)
class WorldFestivalStarted(Event):
    """`maps` are empty when the whole realm celebrates."""

    festival: str
    title: str
    maps: tuple[str, ...]
    until: int


@event("world.festival_ended")
@dataclass(frozen=True, slots=True)
class WorldFestivalEnded(Event):
    festival: str


@event("world.season_changed")
@dataclass(frozen=True, slots=True)
class WorldSeasonChanged(Event):
    season: str
    before: str
