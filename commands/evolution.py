"""How the world may change by itself: what of a proposal is allowed, and when it ends. Pure.

The book (``conf/world.toml``) says what exists and within which bounds. A proposal, be it a model's or a rule's, is
refused when it leaves them; nothing is put right silently.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from commands.arguments import Id, Name, parse_json_text
from commands.codes import Code
from commands.decider import Context, Need
from commands.legend.book import MAX_DESCRIPTION_BYTES
from commands.rejection import Rejected
from commands.world_state import WorldState
from commands.worldbook import SECOND, Theme, WorldBook
from events.commit import Event, Json, microseconds
from events.world import (
    WorldEventOccurred,
    WorldEvolved,
    WorldFestivalEnded,
    WorldFestivalStarted,
    WorldLooked,
    WorldSeasonChanged,
    WorldWeatherChanged,
    WorldWeatherEnded,
)

MAX_NAMED = 10_000
MAX_MAPS = 64


def named(value: Any) -> Any:
    """Scripts name many in a JSON text; nothing means nobody in particular."""
    if isinstance(value, str):
        return parse_json_text(value) if value.strip() else []
    return [] if value is None else value


Npcs = Annotated[tuple[Id, ...], BeforeValidator(named), Field(max_length=MAX_NAMED)]
Maps = Annotated[tuple[Id, ...], BeforeValidator(named), Field(max_length=MAX_MAPS)]


@dataclass(frozen=True, slots=True)
class Look:
    """It is time to look whether something happens: `tick` is when that was due, in seconds since the epoch."""

    tick: Annotated[int, Field(ge=0)]


@dataclass(frozen=True, slots=True)
class Evolve:
    """Proposed by the agent of the world at a look (`tick`) or because of a `trigger`.

    `duration` is in seconds, `change` that of the standing of `faction` towards `other`. Those who live on `maps`
    notice; without maps every registered NPC does.
    """

    kind: Name
    name: Name
    maps: Maps = ()
    intensity: Annotated[int, Field(ge=1, le=100)] = 50
    duration: Annotated[int, Field(ge=0)] = 0
    narrative: Annotated[str, StringConstraints(max_length=MAX_DESCRIPTION_BYTES)] = ""
    tick: Annotated[int, Field(ge=0)] | None = None
    trigger: str = ""
    faction: Annotated[str, StringConstraints(max_length=128)] = ""
    other: Annotated[str, StringConstraints(max_length=128)] = ""
    change: Annotated[int, Field(ge=-200, le=200)] = 0


@dataclass(frozen=True, slots=True)
class End:
    """Something has run its time: the weather of `map`, or the festival `name`."""

    kind: Name
    name: str = ""
    map: str = ""


def needs(_state: WorldState, command: Evolve, _entity: str) -> tuple[Need, ...]:
    # A faction's members learn of its moves on the faction's own stream.
    return () if command.kind == "faction_move" else _witnesses(command.maps)


def needs_of_end(state: WorldState, command: End, _entity: str) -> tuple[Need, ...]:
    running = state.festivals.get(command.name) if command.kind == "festival" else None
    return () if running is None else _witnesses(running.maps)


def _witnesses(maps: tuple[str, ...]) -> tuple[Need, ...]:
    return (Need("residents", among=maps),) if maps else (Need("census"),)


def look(state: WorldState, command: Look, context: Context) -> tuple[Event, ...]:
    """Once for each tick, whoever looks; the seasons turn by it."""
    if command.tick <= state.tick:
        return ()
    season = context.rules.world.season_at(microseconds(context.at))
    turned = (WorldSeasonChanged(season, state.season),) if season and season != state.season else ()
    return (WorldLooked(command.tick), *turned)


def evolve(state: WorldState, command: Evolve, context: Context) -> tuple[Event, ...]:
    """What a proposal leads to; nothing when this look was decided before, or all is as proposed already.

    Raises `Rejected`: -101 unknown kind or name; -105 a number outside the book's bounds; -202 out of season, or too
    soon after the last festival; -203 a festival that is running; -503 more events than the book allows.
    """
    book, at = context.rules.world, microseconds(context.at)
    if command.tick is not None and command.tick <= state.evolved:
        return ()
    theme = book.theme(command.kind, command.name)
    if theme is None:
        raise _unknown(command, book)
    _within(command, theme)
    _in_season(state, theme)
    fits = {"festival": _festival, "faction_move": _faction_move, "weather": _weather}.get(command.kind)
    if fits is not None and not fits(state, command, book, at):
        return ()
    _not_too_many(state, book, at)
    until = at + command.duration * SECOND
    head = WorldEvolved(
        number=state.events + 1,
        kind=theme.kind,
        name=theme.key,
        number_of_name=theme.id,
        title=theme.name,
        description=command.narrative or theme.lines[0],
        maps=command.maps,
        intensity=command.intensity,
        importance=theme.importance,
        until=until,
        tick=command.tick,
        trigger=command.trigger[:64],
        faction=command.faction,
        other=command.other,
    )
    return (head, *_lasting(command, theme, until), *_noticed(command, theme, head, context))


def end(state: WorldState, command: End, context: Context) -> tuple[Event, ...]:
    """End what has run its time; nothing when it is over. Raises `Rejected` -203 while it may still last."""
    at = microseconds(context.at)
    if command.kind == "weather":
        sky = state.weather.get(command.map)
        if sky is None:
            return ()
        _ripe(sky.until, at)
        return (WorldWeatherEnded(command.map, sky.weather),)
    running = state.festivals.get(command.name) if command.kind == "festival" else None
    if running is None:
        return ()
    _ripe(running.until, at)
    affected, names = _affected(context)
    return (
        WorldFestivalEnded(command.name),
        WorldEventOccurred("festival_end", {"festival": command.name}, names, affected),
    )


def _unknown(command: Evolve, book: WorldBook) -> Rejected:
    themes = book.themes.get(command.kind)
    if themes is None:
        told = f"kind: {command.kind!r} is unknown; known are {', '.join(book.themes)}"
        return Rejected(Code.INVALID_PARAMETER, told, field="kind")
    told = f"name: there is no {command.kind} {command.name!r}; known are {', '.join(themes) or 'none'}"
    return Rejected(Code.INVALID_PARAMETER, told, field="name")


def _within(command: Evolve, theme: Theme) -> None:
    bounds = {"duration": theme.duration, "intensity": theme.intensity}
    if theme.kind == "faction_move":
        bounds["change"] = theme.change
    for name, (least, most) in bounds.items():
        value = getattr(command, name)
        if not least <= value <= most:
            raise Rejected(
                Code.PARAMETER_OUT_OF_RANGE,
                f"{name}: {value} is not within {least}..{most} of {theme.key}",
                field=name,
            )
    if len(command.narrative.encode()) > MAX_DESCRIPTION_BYTES or not command.narrative.isprintable():
        raise Rejected(
            Code.PARAMETER_OUT_OF_RANGE,
            f"narrative: must be one line of at most {MAX_DESCRIPTION_BYTES} bytes",
            field="narrative",
        )


def _in_season(state: WorldState, theme: Theme) -> None:
    if state.season and not theme.weight_in(state.season):
        raise Rejected(
            Code.OPERATION_NOT_ALLOWED, f"name: {theme.key} does not happen in {state.season}", field="name"
        )


def _festival(state: WorldState, command: Evolve, book: WorldBook, at: int) -> bool:
    if command.name in state.festivals:
        raise Rejected(
            Code.INVALID_STATE_TRANSITION, f"name: {command.name} is being celebrated already", field="name"
        )
    wait = state.festival + book.festival_gap - at if state.festival else 0
    if wait > 0:
        raise Rejected(
            Code.OPERATION_NOT_ALLOWED,
            f"name: the last festival was too recent for {command.name}",
            field="name",
            retry_after_ms=wait // 1000 + 1,
        )
    return True


def _faction_move(_state: WorldState, command: Evolve, _book: WorldBook, _at: int) -> bool:
    for name in ("faction", "other"):
        if not getattr(command, name):
            raise Rejected(Code.MISSING_REQUIRED_FIELD, f"{name}: a faction's move needs it", field=name)
    if command.faction == command.other:
        raise Rejected(
            Code.PARAMETER_OUT_OF_RANGE, "other: a faction makes no move against itself", field="other"
        )
    return True


def _weather(state: WorldState, command: Evolve, _book: WorldBook, at: int) -> bool:
    if not command.maps:
        raise Rejected(Code.MISSING_REQUIRED_FIELD, "maps: weather needs at least one map", field="maps")
    skies = [state.weather.get(name) for name in command.maps]
    return not all(sky is not None and sky.weather == command.name and sky.until > at for sky in skies)


def _not_too_many(state: WorldState, book: WorldBook, at: int) -> None:
    recent = [when for when in state.recent if when > at - book.window]
    if len(recent) >= book.max_events:
        wait = recent[0] + book.window - at if recent else book.window
        raise Rejected(
            Code.RATE_LIMITED,
            f"the world has seen {len(recent)} events within {book.window // SECOND} s; no more than "
            f"{book.max_events} may happen",
            retry_after_ms=wait // 1000 + 1,
        )


def _lasting(command: Evolve, theme: Theme, until: int) -> tuple[Event, ...]:
    if theme.kind == "weather":
        return tuple(
            WorldWeatherChanged(name, theme.key, command.intensity, until)
            for name in dict.fromkeys(command.maps)
        )
    if theme.kind == "festival":
        return (WorldFestivalStarted(theme.key, theme.name, command.maps, until),)
    return ()


def _noticed(command: Evolve, theme: Theme, head: WorldEvolved, context: Context) -> tuple[Event, ...]:
    """What NPCs see of it. A faction's members learn of its moves on the faction's own stream."""
    if theme.kind == "faction_move":
        return ()
    affected, names = _affected(context)
    data: Json = {
        **theme.data,
        "description": head.description,
        "importance": theme.importance / SECOND,
        "intensity": command.intensity,
    }
    if command.maps:
        data["maps"] = list(command.maps)
    return (WorldEventOccurred(theme.told, data, names, affected),)


def _affected(context: Context) -> tuple[int, tuple[str, ...] | None]:
    """How many notice, and who, when it is not everybody."""
    residents = context.facts.get("residents")
    if residents is None:
        return int(context.facts["census"]), None
    return len(residents), tuple(residents)


def _ripe(until: int, at: int) -> None:
    if at < until:
        raise Rejected(
            Code.INVALID_STATE_TRANSITION,
            "it has not run its time yet",
            retry_after_ms=(until - at) // 1000 + 1,
        )
