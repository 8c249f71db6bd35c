"""How the world changes by itself: bounded by the book, once per look, and everything that lasts ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given as holds_for
from hypothesis import strategies as st

from adapters.rulebooks import load
from commands.arguments import parse
from commands.codes import Code
from commands.decider import Context
from commands.faction import FACTION
from commands.mind.tables import TableError
from commands.rejection import Rejected
from commands.world import WORLD
from commands.worldbook import parse_world
from events.commit import Actor, Recorded, microseconds
from events.faction import FactionEventOccurred, FactionFounded, FactionStandingChanged
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
from tests.commits import NOON, commit
from tests.specification import Given, given

BOOK = load().world
AT = microseconds(NOON)
RAIN: dict[str, Any] = {
    "kind": "weather",
    "name": "rain",
    "maps": ["prontera"],
    "intensity": 40,
    "duration": 900,
}
FEAST: dict[str, Any] = {"kind": "festival", "name": "harvest", "duration": 3600}
SPRING, AUTUMN = WorldSeasonChanged("spring", ""), WorldSeasonChanged("autumn", "")


def world(*history: Any, at: datetime = NOON, residents: tuple[str, ...] | None = ("Ann",)) -> Given:
    facts = {"census": 3} if residents is None else {"census": 3, "residents": list(residents)}
    return given(WORLD, *history, entity="midgard", facts=facts, at=at)


def evolved(tick: int | None = None, number: int = 1) -> WorldEvolved:
    return WorldEvolved(number, "omen", "comet", 1, "Red comet", "", (), 50, 500_000, AT, tick)


def test_rain_falls_on_its_map_until_it_ends_and_those_who_live_there_notice() -> None:
    until = AT + 900_000_000
    head, rain, noticed = world(AUTUMN).when("evolve", {**RAIN, "tick": 7}).then_events()
    assert isinstance(head, WorldEvolved)
    assert (head.number, head.number_of_name, head.title, head.tick) == (1, 1, "Rain", 7)
    assert head.until == until
    assert rain == WorldWeatherChanged("prontera", "rain", 40, until)
    assert isinstance(noticed, WorldEventOccurred)
    assert (noticed.event_type, noticed.affected_npcs, noticed.affected) == ("weather_change", ("Ann",), 1)
    assert noticed.event_data["weather"] == "rain"


def test_weather_over_a_map_where_nobody_lives_is_noticed_by_nobody() -> None:
    *_, noticed = world(residents=()).when("evolve", RAIN).then_events()
    assert isinstance(noticed, WorldEventOccurred)
    assert (noticed.affected_npcs, noticed.affected) == ((), 0)


def test_the_same_weather_again_changes_nothing() -> None:
    raining = WorldWeatherChanged("prontera", "rain", 40, AT + 1)
    world(raining).when("evolve", RAIN).then_nothing()
    over = WorldWeatherChanged("prontera", "rain", 40, AT)
    assert world(over).when("evolve", RAIN).then_events()
    assert world(raining).when("evolve", {**RAIN, "maps": ["prontera", "geffen"]}).then_events()


def test_a_look_at_the_world_is_decided_once() -> None:
    world(evolved(7)).when("evolve", {**RAIN, "tick": 7}).then_nothing()
    world(evolved(7)).when("evolve", {**RAIN, "tick": 6}).then_nothing()
    assert world(evolved(7)).when("evolve", {**RAIN, "tick": 8}).then_events()


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"kind": "earthquake"}, Code.INVALID_PARAMETER, "kind"),
        ({"name": "frogs"}, Code.INVALID_PARAMETER, "name"),
        ({"intensity": 91}, Code.PARAMETER_OUT_OF_RANGE, "intensity"),
        ({"intensity": 0}, Code.PARAMETER_OUT_OF_RANGE, "intensity"),
        ({"duration": 599}, Code.PARAMETER_OUT_OF_RANGE, "duration"),
        ({"duration": 10**12}, Code.PARAMETER_OUT_OF_RANGE, "duration"),
        ({"maps": []}, Code.MISSING_REQUIRED_FIELD, "maps"),
        ({"maps": [f"map{n}" for n in range(65)]}, Code.PARAMETER_OUT_OF_RANGE, "maps"),
        ({"narrative": "é" * 61}, Code.PARAMETER_OUT_OF_RANGE, "narrative"),
        ({"narrative": "a\nb"}, Code.PARAMETER_OUT_OF_RANGE, "narrative"),
        ({"name": "snow", "intensity": 40}, Code.OPERATION_NOT_ALLOWED, "name"),
    ],
)
def test_what_the_book_does_not_allow_is_refused(changed: dict[str, Any], code: Code, field: str) -> None:
    world(SPRING).when("evolve", {**RAIN, **changed}).then_rejected(code, field)


def test_a_festival_lasts_and_the_next_one_has_to_wait() -> None:
    until = AT + 3_600_000_000
    _, started, noticed = world(AUTUMN, residents=None).when("evolve", FEAST).then_events()
    assert started == WorldFestivalStarted("harvest", "Harvest Home", (), until)
    assert isinstance(noticed, WorldEventOccurred)
    assert noticed.affected_npcs is None
    running = world(AUTUMN, started)
    running.when("evolve", FEAST).then_rejected(Code.INVALID_STATE_TRANSITION, "name")
    world(started).when("evolve", {**FEAST, "name": "lights"}).then_rejected(
        Code.OPERATION_NOT_ALLOWED, "name"
    )
    later = NOON + timedelta(seconds=3600) + timedelta(microseconds=BOOK.festival_gap)
    assert world(started, at=later).when("evolve", {**FEAST, "name": "lights"}).then_events()


def test_no_more_events_than_the_book_allows_within_its_time() -> None:
    busy = [evolved(number=number) for number in range(BOOK.max_events)]
    with pytest.raises(Rejected) as caught:
        world(AUTUMN, *busy).when("evolve", RAIN).then_events()
    assert caught.value.code == Code.RATE_LIMITED
    assert caught.value.retry_after_ms
    later = NOON + timedelta(microseconds=BOOK.window)
    assert world(AUTUMN, *busy, at=later).when("evolve", RAIN).then_events()


def test_the_world_is_looked_at_once_for_each_tick_and_the_seasons_turn_by_it() -> None:
    now = BOOK.season_at(AT)
    world().when("look", {"tick": 600}).then(WorldLooked(600), WorldSeasonChanged(now, ""))
    seen = (WorldLooked(600), WorldSeasonChanged(now, ""))
    world(*seen).when("look", {"tick": 600}).then_nothing()
    world(*seen).when("look", {"tick": 599}).then_nothing()
    world(*seen).when("look", {"tick": 1200}).then(WorldLooked(1200))
    world().when("look", {"tick": -1}).then_rejected(Code.PARAMETER_OUT_OF_RANGE, "tick")


def test_what_lasts_ends_when_its_time_is_up_and_not_before() -> None:
    raining = WorldWeatherChanged("prontera", "rain", 40, AT)
    end = {"kind": "weather", "map": "prontera"}
    world(raining).when("end", end).then(WorldWeatherEnded("prontera", "rain"))
    world(raining, at=NOON - timedelta(seconds=1)).when("end", end).then_rejected(
        Code.INVALID_STATE_TRANSITION
    )
    world(raining).when("end", {**end, "map": "geffen"}).then_nothing()
    world().when("end", end).then_nothing()
    feast = WorldFestivalStarted("harvest", "Harvest Home", (), AT)
    world(feast, residents=None).when("end", {"kind": "festival", "name": "harvest"}).then(
        WorldFestivalEnded("harvest"),
        WorldEventOccurred("festival_end", {"festival": "harvest"}, None, 3),
    )
    world(feast, WorldFestivalEnded("harvest")).when(
        "end", {"kind": "festival", "name": "harvest"}
    ).then_nothing()


def test_a_faction_makes_moves_that_fit_its_standing() -> None:
    guild = given(FACTION, FactionFounded("Guild", "", {"crown": -70}), entity="guild", facts={"census": 2})
    raid = {"name": "skirmish", "other": "crown", "change": -5, "narrative": "Blades."}
    data = {"move": "skirmish", "other_faction": "crown", "description": "Blades."}
    guild.when("move", raid).then(
        FactionStandingChanged("crown", -75), FactionEventOccurred("faction_attacked", data, 2)
    )
    guild.when("move", {**raid, "name": "envoys", "change": 5}).then_rejected(
        Code.OPERATION_NOT_ALLOWED, "name"
    )
    guild.when("move", {**raid, "change": -11}).then_rejected(Code.PARAMETER_OUT_OF_RANGE, "change")
    guild.when("move", {**raid, "other": "nobody"}).then_rejected(Code.OPERATION_NOT_ALLOWED, "name")
    guild.when("move", {**raid, "name": "siege"}).then_rejected(Code.INVALID_PARAMETER, "name")
    given(FACTION, entity="guild", facts={"census": 0}).when("move", raid).then_rejected(
        Code.OPERATION_NOT_ALLOWED, "name"
    )


def test_a_move_never_drives_a_standing_beyond_war() -> None:
    guild = given(FACTION, FactionFounded("Guild", "", {"crown": -98}), entity="guild", facts={"census": 0})
    changed, _ = guild.when("move", {"name": "skirmish", "other": "crown", "change": -9}).then_events()
    assert changed == FactionStandingChanged("crown", -100)


def test_a_faction_move_of_the_world_names_two_factions() -> None:
    move: dict[str, Any] = {"kind": "faction_move", "name": "skirmish", "duration": 600, "change": -5}
    world().when("evolve", {**move, "faction": "guild"}).then_rejected(Code.MISSING_REQUIRED_FIELD, "other")
    world().when("evolve", {**move, "faction": "a", "other": "a"}).then_rejected(
        Code.PARAMETER_OUT_OF_RANGE, "other"
    )
    (head,) = world().when("evolve", {**move, "faction": "guild", "other": "crown"}).then_events()
    assert isinstance(head, WorldEvolved)
    assert (head.faction, head.other) == ("guild", "crown")


_THEMES = [(kind, key) for kind, themes in BOOK.themes.items() for key in themes] + [("none", "none")]


@holds_for(
    st.lists(
        st.tuples(
            st.sampled_from(_THEMES),
            st.integers(1, 100),
            st.integers(0, 20_000),
            st.sampled_from(["prontera", "geffen"]),
            st.integers(0, 2_000),
        ),
        max_size=30,
    )
)
def test_whatever_is_proposed_the_world_never_sees_more_than_its_book_allows(
    proposals: list[tuple[tuple[str, str], int, int, str, int]],
) -> None:
    state, at = WORLD.initial, NOON
    happened: list[int] = []
    verb = WORLD.verbs["evolve"].arguments
    for tick, ((kind, name), intensity, duration, place, seconds) in enumerate(proposals):
        at += timedelta(seconds=seconds)
        args = {"kind": kind, "name": name, "intensity": intensity, "duration": duration, "maps": [place]}
        context = Context(at, "midgard", f"test/{tick}", Actor("agent", "w"), load(), {"census": 0})
        try:
            events = WORLD.decide(state, parse(verb, {**args, "tick": tick}), context)
        except Rejected:
            continue
        if not events:
            continue
        recorded = Recorded(tick + 1, commit("world/midgard", *events, version=tick + 1, time=at))
        state = WORLD.fold(state, recorded)
        happened.append(microseconds(at))
        recent = [when for when in happened if when > happened[-1] - BOOK.window]
        assert len(recent) <= BOOK.max_events
        assert sum(run.until > microseconds(at) for run in state.festivals.values()) <= 1
        assert all(sky.until > microseconds(at) or sky.weather for sky in state.weather.values())


@pytest.mark.parametrize(
    ("table", "place"),
    [
        ({"weather": {"rain": {"id": 1}}}, "weather.rain.lines"),
        ({"weather": {"rain": {"id": 256, "lines": ["x"], "name": "R", "told": "w"}}}, "weather.rain.id"),
        ({"omen": {"a": {"id": 1, "lines": ["x" * 121], "name": "R", "told": "w"}}}, "omen.a.lines"),
        ({"trigger": {"a": {"theme": "riot"}}}, "trigger.a.theme"),
        ({"limits": {"max_events": -1}}, "limits.max_events"),
        ({"seasons": {"days": {"spring": 0}}}, "seasons.days.spring"),
        ({"plague": {}}, "plague"),
        ({"evolution": {"chance": 2}}, "evolution.chance"),
        ({"faction_trigger": {"below": -101}}, "faction_trigger.below"),
    ],
)
def test_a_mistake_in_the_book_of_the_world_is_named_by_its_place(table: dict[str, Any], place: str) -> None:
    with pytest.raises(TableError) as caught:
        parse_world(table)
    assert caught.value.key == place


def test_an_empty_book_is_a_world_that_never_changes() -> None:
    book = parse_world({})
    assert book.season_at(AT) == ""
    assert not any(book.themes.values())
