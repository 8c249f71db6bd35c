from __future__ import annotations

from commands.codes import Code
from commands.faction import FACTION
from commands.world import WORLD
from events.faction import FactionEventOccurred, FactionFounded, FactionStandingChanged
from events.world import WorldEventOccurred
from tests.specification import given


def test_a_world_event_without_names_affects_every_registered_npc() -> None:
    args = {"event_type": "festival_start", "event_data": '{"name":"harvest"}', "affected_npcs": ""}
    expected = WorldEventOccurred("festival_start", {"name": "harvest"}, None, 12)
    given(WORLD, facts={"census": 12}).when("event", args).then(expected)


def test_a_world_event_names_each_npc_once() -> None:
    args = {"event_type": "weather_change", "affected_npcs": '["a","b","a"]'}
    expected = WorldEventOccurred("weather_change", {}, ("a", "b"), 2)
    given(WORLD, facts={"census": 2}).when("event", args).then(expected)


def test_a_list_of_npcs_that_is_not_json_is_refused() -> None:
    args = {"event_type": "weather_change", "affected_npcs": "[a,"}
    given(WORLD, facts={"census": 2}).when("event", args).then_rejected(Code.INVALID_JSON, "affected_npcs")


def test_a_faction_nobody_founded_can_have_events() -> None:
    given(FACTION, facts={"census": 3}).when("event", {"event_type": "attacked"}).then(
        FactionEventOccurred("attacked", {}, 3)
    )


def test_a_faction_is_founded_once() -> None:
    founded = FactionFounded("Merchants", "", {"crown": 40})
    given(FACTION).when("found", {"name": "Merchants", "standing": {"crown": 40}}).then(founded)
    given(FACTION, founded).when("found", {"name": "Again"}).then_rejected(Code.ALREADY_EXISTS, "faction_id")


def test_standing_is_bounded_and_never_towards_itself() -> None:
    faction = given(FACTION, FactionFounded("Merchants"), entity="guild")
    faction.when("set_standing", {"other": "crown", "standing": -100}).then(
        FactionStandingChanged("crown", -100)
    )
    faction.when("set_standing", {"other": "crown", "standing": 101}).then_rejected(
        Code.PARAMETER_OUT_OF_RANGE, "standing"
    )
    faction.when("set_standing", {"other": "guild", "standing": 5}).then_rejected(
        Code.PARAMETER_OUT_OF_RANGE, "other"
    )


def test_setting_the_same_standing_again_changes_nothing() -> None:
    given(FACTION, FactionStandingChanged("crown", 5)).when(
        "set_standing", {"other": "crown", "standing": 5}
    ).then_nothing()
