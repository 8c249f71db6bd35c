"""The read model of the world: weather by map, running festivals, the season, what happened, how factions stand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Index, bindparam, select

from commands.worldbook import EVENT_TYPES, WorldBook
from events.commit import moment
from events.faction import FactionFounded, FactionStandingChanged
from events.world import (
    WorldEvolved,
    WorldFestivalEnded,
    WorldFestivalStarted,
    WorldSeasonChanged,
    WorldWeatherChanged,
    WorldWeatherEnded,
)
from projections.projection import Address, Entry, Projection, reads
from projections.rows import Rows, Values
from projections.schema import INTEGER, TEXT, brief, from_text, name, required, table, to_text

MAX_PAGE = 200
MAX_FACTIONS = 64
THE_SEASON = ("season",)

WEATHER = table(
    "world_weather",
    required("map", name(), key=True),
    required("weather", name(64)),
    required("intensity", INTEGER),
    required("since", INTEGER),
    required("until", INTEGER),
    required("position", INTEGER),
    clustered=True,
)
FESTIVALS = table(
    "world_festivals",
    required("festival", name(64), key=True),
    required("title", name(64)),
    required("maps", TEXT),
    required("since", INTEGER),
    required("until", INTEGER),
    required("position", INTEGER),
    clustered=True,
)
SEASON = table(
    "world_season",
    required("name", name(16), key=True),
    required("season", name(64)),
    required("since", INTEGER),
    required("position", INTEGER),
    clustered=True,
)
HISTORY = table(
    "world_history",
    required("position", INTEGER, key=True),
    required("number", INTEGER),
    required("kind", name(16)),
    required("event", name(64)),
    required("event_id", INTEGER),
    required("title", name(64)),
    required("description", TEXT),
    required("maps", TEXT),
    required("intensity", INTEGER),
    required("importance", INTEGER),
    required("since", INTEGER),
    required("until", INTEGER),
    required("reason", name(64)),
    clustered=True,
)
FACTIONS = table(
    "world_factions",
    required("faction_id", name(), key=True),
    required("name", name(64)),
    required("position", INTEGER),
    clustered=True,
)
STANDINGS = table(
    "world_standings",
    required("faction_id", name(), key=True),
    required("other", name(), key=True),
    required("standing", INTEGER),
    required("position", INTEGER),
    clustered=True,
)
Index("ix_world_standings_standing", STANDINGS.c.standing)


def _keys(_: Entry) -> Iterable[Address]:
    return ()


def _fold(rows: Rows, entry: Entry) -> None:
    at, position = entry.at, entry.position
    for event in entry.commit.events:
        match event:
            case WorldEvolved():
                rows.insert(HISTORY, _happened(event, entry))
            case WorldWeatherChanged():
                sky = {"map": event.map, "weather": event.weather, "intensity": event.intensity}
                spell = {"since": at, "until": event.until, "position": position}
                rows.put(WEATHER, (event.map,), sky | spell)
            case WorldWeatherEnded():
                rows.delete(WEATHER, (event.map,))
            case WorldFestivalStarted():
                feast = {"festival": event.festival, "title": event.title, "maps": to_text(event.maps)}
                spell = {"since": at, "until": event.until, "position": position}
                rows.put(FESTIVALS, (event.festival,), feast | spell)
            case WorldFestivalEnded():
                rows.delete(FESTIVALS, (event.festival,))
            case WorldSeasonChanged():
                season = {"name": THE_SEASON[0], "season": event.season, "since": at, "position": position}
                rows.put(SEASON, THE_SEASON, season)
            case FactionFounded():
                row = {"faction_id": entry.entity, "name": brief(event.name, 64), "position": position}
                rows.put(FACTIONS, (entry.entity,), row)
                for other, standing in event.standing.items():
                    _stand(rows, entry, other, standing)
            case FactionStandingChanged():
                _stand(rows, entry, event.other, event.standing)


def _happened(event: WorldEvolved, entry: Entry) -> Values:
    return (
        entry.position,
        event.number,
        event.kind,
        event.name,
        event.number_of_name,
        event.title,
        brief(event.description, 120),
        to_text(event.maps),
        event.intensity,
        event.importance,
        entry.at,
        event.until,
        brief(event.trigger, 64) or ("look" if event.tick is not None else ""),
    )


def _stand(rows: Rows, entry: Entry, other: str, standing: int) -> None:
    row = {"faction_id": entry.entity, "other": other, "standing": standing, "position": entry.position}
    rows.put(STANDINGS, (entry.entity, other), row)


WORLD_STATE = Projection(
    "world",
    1,
    (WEATHER, FESTIVALS, SEASON, HISTORY, FACTIONS, STANDINGS),
    _keys,
    _fold,
    frozenset({"world", "faction"}),
)

_SKIES = select(WEATHER).where(WEATHER.c.until > bindparam("now")).order_by(WEATHER.c.map).limit(MAX_PAGE)
_SKY = _SKIES.where(WEATHER.c.map == bindparam("on_map"))
_FEASTS = (
    select(FESTIVALS)
    .where(FESTIVALS.c.until > bindparam("now"))
    .order_by(FESTIVALS.c.festival)
    .limit(MAX_PAGE)
)
_LATEST = select(HISTORY).order_by(HISTORY.c.position.desc()).limit(bindparam("count"))
_STANDINGS = (
    select(STANDINGS.c.faction_id, STANDINGS.c.other, STANDINGS.c.standing)
    .join_from(STANDINGS, FACTIONS, FACTIONS.c.faction_id == STANDINGS.c.faction_id)
    .order_by(STANDINGS.c.standing, STANDINGS.c.faction_id, STANDINGS.c.other)
    .limit(MAX_FACTIONS)
)


@reads("world")
def world_state(
    connection: Connection, book: WorldBook, now: int, map_name: str | None = None, events: int = 10
) -> dict[str, Any]:
    """How the world is at `now` (µs): of one map, or of all that have weather of their own.

    `{"season", "weather": [{map, weather, weather_type, intensity, seconds_left}], "festivals": […], "events": the last
    ones, newest first}`. What has run its time is left out even before its end is in the log.
    """
    season = connection.execute(select(SEASON.c.season)).scalar()
    if map_name is None:
        skies = connection.execute(_SKIES, {"now": now}).mappings()
    else:
        skies = connection.execute(_SKY, {"now": now, "on_map": map_name}).mappings()
    feasts = connection.execute(_FEASTS, {"now": now}).mappings()
    latest = connection.execute(_LATEST, {"count": max(0, min(events, MAX_PAGE))}).mappings()
    return {
        "season": season or book.season_at(now),
        "weather": [_sky(row, book, now) for row in skies],
        "festivals": [
            {
                "festival": row["festival"],
                "name": row["title"],
                "maps": from_text(row["maps"]),
                "seconds_left": _left(row, now),
                "ends_at": moment(row["until"]).isoformat(),
            }
            for row in feasts
            if map_name is None or not (maps := from_text(row["maps"])) or map_name in maps
        ],
        "events": [_shown(row, now) for row in latest],
    }


@reads("world")
def standings(connection: Connection) -> list[tuple[str, str, int]]:
    """`(faction, other, standing)` of the factions that were founded, the worst first, at most 64."""
    return [(row.faction_id, row.other, row.standing) for row in connection.execute(_STANDINGS)]


def _sky(row: Any, book: WorldBook, now: int) -> dict[str, Any]:
    theme = book.theme("weather", row["weather"])
    return {
        "map": row["map"],
        "weather": row["weather"],
        "weather_type": theme.id if theme else 0,
        "intensity": row["intensity"],
        "seconds_left": _left(row, now),
    }


def _shown(row: Any, now: int) -> dict[str, Any]:
    return {
        "event_id": row["number"],
        "event_type": EVENT_TYPES.get(row["kind"], 0),
        "kind": row["kind"],
        "name": row["event"],
        "title": row["title"],
        "description": row["description"],
        "maps": from_text(row["maps"]),
        "intensity": row["intensity"],
        "importance": row["importance"] / 1_000_000,
        "seconds_left": _left(row, now),
        "reason": row["reason"],
        "at": moment(row["since"]).isoformat(),
        "position": row["position"],
    }


def _left(row: Any, now: int) -> int:
    return int(max(row["until"] - now, 0) // 1_000_000)
