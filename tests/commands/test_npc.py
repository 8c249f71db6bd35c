from __future__ import annotations

import pytest

from commands.codes import Code
from commands.npc import IDENTICAL_REREGISTRATION, NPC
from events.commit import Actor, Json
from events.npc import (
    Goal,
    Location,
    NpcFactionJoined,
    NpcFactionLeft,
    NpcInteracted,
    NpcPerceived,
    NpcProfileUpdated,
    NpcRegistered,
    NpcUnregistered,
    Profile,
)
from tests.specification import given

JOHN: Json = {
    "personality": '{"mood":"friendly","archetype":"merchant"}',
    "initial_goals": '["sell_items","gather_information"]',
}
JOHNS_PROFILE = Profile(
    archetype="merchant",
    mood="friendly",
    personality={"mood": "friendly", "archetype": "merchant"},
    goals=(Goal("sell_items", 1), Goal("gather_information", 2)),
)
REGISTERED = NpcRegistered(JOHNS_PROFILE)


def test_registering_reads_the_profile_out_of_the_strings_a_script_builds() -> None:
    given(NPC).when("register", JOHN).then(REGISTERED)


def test_registering_reads_json_values_like_json_strings() -> None:
    args = {
        "personality": {"mood": "friendly", "archetype": "merchant"},
        "initial_goals": ["sell_items", "gather_information"],
    }
    given(NPC).when("register", args).then(REGISTERED)


def test_registering_with_a_faction_joins_it_in_the_same_commit() -> None:
    given(NPC).when("register", {**JOHN, "faction": "guild"}).then(REGISTERED, NpcFactionJoined("guild"))


def test_registering_keeps_place_schedule_and_unknown_fields() -> None:
    args = {
        "archetype": "guard",
        "map": "prontera",
        "x": 150,
        "y": 148,
        "schedule": {"08:00": "patrol"},
        "pet": "cat",
    }
    expected = Profile(
        archetype="guard",
        location=Location("prontera", 150, 148),
        schedule={"08:00": "patrol"},
        extra={"pet": "cat"},
    )
    given(NPC).when("register", args).then(NpcRegistered(expected))


def test_a_personality_may_say_where_the_npc_stands_and_the_field_beside_it_counts_more() -> None:
    described = {"archetype": "guard", "map": "prontera", "x": 1, "y": 2}
    expected = Profile(archetype="guard", personality=described, location=Location("prontera", 150, 2))
    given(NPC).when("register", {"personality": described, "x": 150}).then(NpcRegistered(expected))


def test_registering_twice_is_refused_as_already_existing() -> None:
    given(NPC, REGISTERED).when("register", JOHN).then_rejected(Code.ALREADY_EXISTS, "npc_id")


def test_an_identical_registration_succeeds_without_an_event_where_the_operator_wants_it() -> None:
    switches = frozenset({IDENTICAL_REREGISTRATION})
    given(NPC, REGISTERED, switches=switches).when("register", JOHN).then_nothing()
    other = {**JOHN, "archetype": "guard"}
    given(NPC, REGISTERED, switches=switches).when("register", other).then_rejected(
        Code.ALREADY_EXISTS, "npc_id"
    )


def test_an_unregistered_npc_can_be_registered_again() -> None:
    given(NPC, REGISTERED, NpcUnregistered()).when("register", JOHN).then(REGISTERED)


@pytest.mark.parametrize("verb", ["unregister", "update_profile", "event", "interact", "join_faction"])
def test_nothing_can_happen_to_an_npc_that_is_not_registered(verb: str) -> None:
    args = {
        "event": {"event_type": "attacked"},
        "interact": {"interaction_type": "talk", "player_id": "1"},
        "join_faction": {"faction_id": "guild"},
    }.get(verb, {})
    given(NPC).when(verb, args).then_rejected(Code.NPC_NOT_FOUND, "npc_id")
    given(NPC, REGISTERED, NpcUnregistered()).when(verb, args).then_rejected(Code.NPC_NOT_FOUND, "npc_id")


@pytest.mark.parametrize(
    ("args", "code", "field"),
    [
        ({"personality": "{not json"}, Code.INVALID_JSON, "personality"),
        ({"personality": [1, 2]}, Code.INVALID_PARAMETER, "personality"),
        ({"initial_goals": "{]"}, Code.INVALID_JSON, "initial_goals"),
        ({"initial_goals": {"a": 1}}, Code.INVALID_PARAMETER, "initial_goals"),
        ({"goals": [{"goal": "x", "progress": 7}]}, Code.PARAMETER_OUT_OF_RANGE, "goals.0.progress"),
        ({"initial_goals": ["a"] * 65}, Code.PARAMETER_OUT_OF_RANGE, "initial_goals"),
        (
            {"goals": [{"goal": "x", "priority": 1}, "y", {"goal": "x", "priority": 9}]},
            Code.INVALID_PARAMETER,
            "goals.2",
        ),
        ({"location": {"map": 5}}, Code.INVALID_PARAMETER, "location.map"),
        ({"location": {"map": "prontera", "x": -1}}, Code.PARAMETER_OUT_OF_RANGE, "location.x"),
        ({"x": "here"}, Code.INVALID_PARAMETER, "x"),
        ({"x": 99999999}, Code.PARAMETER_OUT_OF_RANGE, "x"),
        ({"archetype": 7}, Code.INVALID_PARAMETER, "archetype"),
        ({"archetype": "a\x00b"}, Code.INVALID_PARAMETER, "archetype"),
    ],
)
def test_a_bad_profile_is_refused_naming_the_field(args: Json, code: Code, field: str) -> None:
    given(NPC).when("register", args).then_rejected(code, field)


def test_a_goal_that_is_repeated_keeps_its_first_place() -> None:
    (registered,) = given(NPC).when("register", {"goals": ["trade", "rest", "trade"]}).then_events()
    assert isinstance(registered, NpcRegistered)
    assert registered.profile.goals == (Goal("trade", 1), Goal("rest", 2))


def test_updating_changes_the_named_fields_and_merges_the_personality() -> None:
    args = {"mood": "angry", "goals": ["seek_revenge"], "personality": {"traits": ["proud"]}, "hat": "red"}
    (updated,) = given(NPC, REGISTERED).when("update_profile", args).then_events()
    assert isinstance(updated, NpcProfileUpdated)
    assert updated.profile.mood == "angry"
    assert updated.profile.goals == (Goal("seek_revenge", 1),)
    assert updated.profile.personality == {"mood": "friendly", "archetype": "merchant", "traits": ["proud"]}
    assert updated.changed == ("mood", "personality", "goals", "extra")
    assert updated.unknown_fields == ("hat",)


def test_updating_the_faction_leaves_the_old_one() -> None:
    events = (
        given(NPC, REGISTERED, NpcFactionJoined("guild"))
        .when("update_profile", {"faction": "crown"})
        .then_events()
    )
    assert events[1:] == (NpcFactionLeft("guild"), NpcFactionJoined("crown"))


def test_an_event_is_about_the_trusted_player_whatever_its_data_claims() -> None:
    aria = Actor("player", "150000")
    args = {"event_type": "attacked", "event_data": '{"attacker":"somebody","damage":5}'}
    expected = NpcPerceived("attacked", {"attacker": "somebody", "damage": 5}, "150000", Location())
    given(NPC, REGISTERED, actor=aria).when("event", args).then(expected)


def test_an_event_without_a_player_is_about_whom_its_data_names() -> None:
    args = {"event_type": "helped", "event_data": {"by": "Guard_Smith"}}
    given(NPC, REGISTERED).when("event", args).then(
        NpcPerceived("helped", {"by": "Guard_Smith"}, "Guard_Smith", Location())
    )


def test_an_event_needs_a_type() -> None:
    given(NPC, REGISTERED).when("event", {}).then_rejected(Code.MISSING_REQUIRED_FIELD, "event_type")


def test_interactions_are_counted_by_player() -> None:
    def met(count: int) -> NpcInteracted:
        return NpcInteracted("150000", "talk", {}, True, {}, count)

    event, *_ = (
        given(NPC, REGISTERED, met(1), met(2))
        .when("interact", {"interaction_type": "talk", "player_id": 150000, "data": '{"message":"hi"}'})
        .then_events()
    )
    assert isinstance(event, NpcInteracted)
    assert (event.player_id, event.interactions, event.data) == ("150000", 3, {"message": "hi"})
    assert set(event.reaction) == {"emotion", "action", "comment"}
    assert event.intent == "greet"


def met(kind: str, data: Json) -> NpcInteracted:
    """How a registered John takes it."""
    args = {"interaction_type": kind, "player_id": 150000, "data": data}
    events = given(NPC, REGISTERED).when("interact", args).then_events()
    return next(event for event in events if isinstance(event, NpcInteracted))


@pytest.mark.parametrize(
    ("data", "intent"),
    [
        ({"message": "You filthy idiot"}, "insult"),
        ({"player_msg": "Thank you so much"}, "thank"),
        ({"message": "Merci beaucoup", "language": "fr-CA"}, "thank"),
        ({"message": "xyzzy plugh"}, "unknown"),
        # Without words, or where the script itself says what is meant, nothing is guessed.
        ({}, ""),
        ({"topic": "weather"}, ""),
        ({"message": "Thank you", "intent": "insult"}, ""),
        ({"message": ["Thank you"], "language": 7}, ""),
    ],
)
def test_what_is_said_in_a_talk_is_understood_as_in_a_dialogue(data: Json, intent: str) -> None:
    assert met("talk", data).intent == intent


def test_words_beside_another_deed_are_not_taken_for_a_talk() -> None:
    assert met("gift", {"message": "You filthy idiot"}).intent == ""


def test_an_insult_in_a_talk_is_taken_worse_than_thanks() -> None:
    def affection(message: str) -> int:
        return int(met("talk", {"message": message}).relationship["affection"])

    assert affection("You filthy idiot") < affection("xyzzy plugh") < affection("Thank you so much")


def test_joining_a_faction_twice_changes_nothing_and_leaving_a_foreign_one_is_refused() -> None:
    member = given(NPC, REGISTERED, NpcFactionJoined("guild"))
    member.when("join_faction", {"faction_id": "guild"}).then_nothing()
    member.when("leave_faction", {"faction_id": "guild"}).then(NpcFactionLeft("guild"))
    member.when("leave_faction", {"faction_id": "crown"}).then_rejected(
        Code.INVALID_STATE_TRANSITION, "faction_id"
    )
