"""Every operation of the contract's table over a real socket, on a real platform."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from adapters.nats.log import JetStreamLog
from adapters.rathena.operations import OPERATIONS
from tests.adapters.rathena.game_server import PLAYER, GameServer

MERCHANT = {
    "personality": {"archetype": "merchant", "mood": "friendly"},
    "initial_goals": ["sell_items", "gather_information"],
    "map": "prontera",
    "x": 150,
    "y": 150,
}


async def register(server: GameServer, npc_id: str = "Merchant_John_01", **fields: Any) -> None:
    answer = await server.ask("register", npc_id, {**MERCHANT, **fields})
    assert answer["success"], answer


async def test_register_answers_with_id_version_and_position(map_server: GameServer) -> None:
    answer = await map_server.ask("register", "Merchant_John_01", MERCHANT)
    assert answer["success"] is True
    assert answer["error_code"] == 0
    assert answer["data"] == {"npc_id": "Merchant_John_01", "version": 1, "error_code": 0}
    assert answer["position"] > 0
    assert answer["processing_time_ms"] >= 0


async def test_what_nobody_understands_is_kept_and_reported_at_registration_too(
    map_server: GameServer,
) -> None:
    answer = await map_server.ask(
        "register", "Leo", {**MERCHANT, "zodiac": "leo", "profile": {"hat": "red", "level": 9}}
    )
    assert (answer["success"], answer["error_code"], answer["data"]["error_code"]) == (True, 3, 3)
    assert answer["data"]["unknown_fields"] == ["hat", "zodiac"]
    state = await map_server.ask("get_state", "Leo", {"fields": ["zodiac", "hat"]})
    assert (state["data"]["zodiac"], state["data"]["hat"]) == ("leo", "red")


async def test_registering_twice_is_minus_100_and_a_retry_is_not(map_server: GameServer) -> None:
    request = map_server.request("register", "Twice", MERCHANT)
    await map_server.send(request)
    first = await map_server.receive()
    await map_server.send(request)
    retried = await map_server.receive()
    again = await map_server.ask("register", "Twice", MERCHANT)
    assert retried["position"] == first["position"]
    assert retried["data"] == first["data"]
    assert again["error_code"] == -100
    assert again["success"] is False


async def test_a_correlation_id_with_another_body_is_refused(map_server: GameServer) -> None:
    request = map_server.request("register", "Reused", MERCHANT, correlation_id="same-id")
    await map_server.send(request)
    assert (await map_server.receive())["success"]
    await map_server.send({**request, "data": {**MERCHANT, "x": 1}})
    answer = await map_server.receive()
    assert answer["error_code"] == -101
    assert answer["field"] == "correlation_id"


async def test_parameters_may_be_json_or_strings_that_hold_json(map_server: GameServer) -> None:
    data = {"personality": '{"archetype":"guard","mood":"angry"}', "initial_goals": '["patrol"]'}
    assert (await map_server.ask("ai_npc_register", "Guard #1 ☃", data))["success"]
    state = (await map_server.ask("get_state", "Guard #1 ☃"))["data"]
    assert (state["archetype"], state["mood"], state["current_goal"]) == ("guard", "angry", "patrol")


async def test_unregister_and_update_profile(map_server: GameServer) -> None:
    await register(map_server)
    updated = await map_server.ask(
        "update_profile", "Merchant_John_01", {"mood": "angry", "goals": ["seek_revenge"], "zodiac": "leo"}
    )
    assert updated["data"] == {
        "npc_id": "Merchant_John_01",
        "version": 2,
        "unknown_fields": ["zodiac"],
        "error_code": 3,
    }
    assert (await map_server.ask("get_goals", "Merchant_John_01"))["data"]["current_goals"] == [
        {"goal": "seek_revenge", "priority": 1, "progress": 0.0}
    ]
    assert (await map_server.ask("unregister", "Merchant_John_01"))["data"]["npc_id"] == "Merchant_John_01"
    assert (await map_server.ask("get_state", "Merchant_John_01"))["error_code"] == -200


async def test_reads_see_what_was_just_written(map_server: GameServer) -> None:
    await register(map_server)
    for damage in range(1, 6):
        event = {"event_type": "attacked", "event_data": {"attacker": "Poring", "damage": 10}}
        assert (await map_server.ask("event", "Merchant_John_01", event))["data"] == {"error_code": 0}
        state = await map_server.ask("get_state", "Merchant_John_01")
        assert state["data"]["health"] == 100 - 10 * damage


async def test_state_can_be_limited_to_fields(map_server: GameServer) -> None:
    await register(map_server)
    answer = await map_server.ask("get_state", "Merchant_John_01", {"fields": '["emotion","location"]'})
    assert answer["data"] == {
        "npc_id": "Merchant_John_01",
        "emotion": "friendly",
        "location": {"map": "prontera", "x": 150, "y": 150},
        "error_code": 0,
    }
    assert (await map_server.ask("get_emotion", "Merchant_John_01"))["data"]["primary"] == "friendly"


async def test_interact_reports_reaction_and_relationship(map_server: GameServer) -> None:
    await register(map_server)
    data = {"interaction_type": "gift", "data": '{"item_id":501,"item_name":"Red Potion","value":50}'}
    answer = await map_server.ask("interact", "Merchant_John_01", data, actor=PLAYER)
    assert answer["data"]["accepted"] is True
    assert set(answer["data"]["reaction"]) == {"emotion", "action", "comment"}
    assert answer["data"]["relationship"]["target_id"] == "150000"
    known = await map_server.ask("get_relationship", "Merchant_John_01", {"target_id": "150000"})
    assert known["data"]["interactions"] == 1
    assert {"relationship_level", "trust", "affection"} <= set(known["data"])


async def test_what_no_table_describes_is_a_meeting_all_the_same_and_nobody_repeats_himself(
    map_server: GameServer,
) -> None:
    await register(map_server)
    comments = []
    for number, kind in enumerate(("dance", "dice", "dance", "dance"), start=1):
        answer = await map_server.ask(
            "interact", "Merchant_John_01", {"interaction_type": kind}, actor=PLAYER
        )
        assert answer["data"]["relationship"]["interactions"] == number
        comments.append(answer["data"]["reaction"]["comment"])
    known = await map_server.ask("get_relationship", "Merchant_John_01", {"target_id": "150000"})
    assert known["data"]["interactions"] == 4
    assert all(one != other for one, other in pairwise(comments))


async def test_a_player_id_inside_data_never_overrides_the_actor(map_server: GameServer) -> None:
    await register(map_server)
    data = {"player_id": "999", "interaction_type": "talk", "data": {"message": "I am the king"}}
    answer = await map_server.ask("interact", "Merchant_John_01", data, actor=PLAYER)
    assert answer["data"]["relationship"]["target_id"] == "150000"
    memories = await map_server.ask(
        "get_memory", "Merchant_John_01", {"memory_type": "about_player", "filters": {"player_id": "999"}}
    )
    assert memories["data"]["memories"] == []


async def test_the_log_says_whether_an_identity_was_vouched_for(
    map_server: GameServer, log: JetStreamLog
) -> None:
    await register(map_server)
    talk = {"interaction_type": "talk", "data": {"message": "hello"}}
    await map_server.ask("interact", "Merchant_John_01", talk, actor=PLAYER)
    await map_server.ask("interact", "Merchant_John_01", {**talk, "player_id": 7})
    actors = [recorded.commit.actor async for recorded in log.read("npc/Merchant_John_01")]
    assert [(actor.kind, actor.id, actor.trusted) for actor in actors] == [
        ("server", "map-1", True),
        ("player", "150000", True),
        ("player", "7", False),
    ]


async def test_memories_of_a_player_and_of_an_event(map_server: GameServer) -> None:
    await register(map_server)
    talk = {"interaction_type": "talk", "data": {"message": "hello"}}
    await map_server.ask("interact", "Merchant_John_01", talk, actor=PLAYER)
    await map_server.ask(
        "event", "Merchant_John_01", {"event_type": "heard_sound", "event_data": {"sound": "bell"}}
    )
    for memory_type, count in (("recent", 2), ("important", 2), ("about_player", 1)):
        answer = await map_server.ask(
            "get_memory", "Merchant_John_01", {"memory_type": memory_type}, actor=PLAYER
        )
        assert len(answer["data"]["memories"]) == count, memory_type
    about = {"memory_type": "about_event", "filters": '{"event_type":"heard_sound"}'}
    memories = (await map_server.ask("get_memory", "Merchant_John_01", about))["data"]["memories"]
    assert [sorted(set(memory) & {"content", "importance", "emotion", "at"}) for memory in memories] == [
        ["at", "content", "emotion", "importance"]
    ]


async def test_world_and_faction_events_tell_how_many_they_reach(map_server: GameServer) -> None:
    await register(map_server, "Guard_1", faction="guards")
    await register(map_server, "Guard_2", faction="guards")
    await register(map_server, "Beggar")
    weather = {"event_type": "weather_change", "event_data": {"to": "rain"}}
    assert (await map_server.ask("world_event", None, weather))["data"]["affected"] == 3
    named = {**weather, "affected_npcs": '["Beggar","Nobody"]'}
    assert (await map_server.ask("world_event", None, named))["data"]["affected"] == 1
    alarm = {"faction_id": "guards", "event_type": "alarm", "event_data": "{}"}
    assert (await map_server.ask("faction_event", None, alarm))["data"]["affected"] == 2


async def test_ping_names_service_version_and_realm(map_server: GameServer) -> None:
    data = (await map_server.ask("ping"))["data"]
    assert data["service"] == "lorestream"
    assert data["realm"].startswith("test")
    assert data["version"]


OF_THE_MIND: dict[str, dict[str, Any]] = {
    "trade": {"player_id": "1", "items": '[{"item_id":501,"amount":1,"side":"offer"}]'},
    "quest_offer": {"player_id": "1", "player_level": 10},
    "decide_action": {"situation": '{"enemies":0}'},
    "complex_decision": {"situation": {}},
    "evaluate_situation": {"situation": {}},
    "choose_target": {"candidates": [{"id": "m1", "distance": 3}]},
    "pathfind": {"destination_x": 155, "destination_y": "160"},
}


async def test_an_operation_of_the_mind_on_an_unknown_npc_is_refused(map_server: GameServer) -> None:
    for operation, data in OF_THE_MIND.items():
        unknown = await map_server.ask(operation, "Nobody", data)
        assert unknown["error_code"] == unknown["data"]["error_code"] == -200, operation
        assert unknown["data"].get("valid", False) is False


INCOMPLETE: list[tuple[str, dict[str, Any], str]] = [
    ("trade", {}, "data.items"),
    ("pathfind", {"destination_x": 1}, "data.destination_y"),
    ("choose_target", {}, "data.candidates"),
    ("dialogue", {}, "data.player_message"),
    ("interact", {"player_id": "1"}, "data.interaction_type"),
    ("interact", {"interaction_type": "talk"}, "data.player_id"),
    ("event", {}, "data.event_type"),
    ("get_relationship", {}, "data.target_id"),
    ("get_memory", {"memory_type": "about_player"}, "data.filters.player_id"),
    ("check_result", {}, "data.request_id"),
    ("cancel_request", {}, "data.request_id"),
    ("register_callback", {}, "data.label"),
    ("faction_event", {"event_type": "x"}, "data.faction_id"),
    ("request_async", {"data": {}}, "data.operation"),
]


async def test_a_missing_parameter_is_named(map_server: GameServer) -> None:
    for operation, data, field in INCOMPLETE:
        answer = await map_server.ask(operation, "Anybody", data)
        assert (answer["error_code"], answer["field"]) == (-104, field), operation
        assert field in answer["error_message"]


async def test_operations_about_an_npc_need_its_id(map_server: GameServer) -> None:
    for operation in sorted(name for name, known in OPERATIONS.items() if known.of_npc):
        answer = await map_server.ask(operation, None, OF_THE_MIND.get(operation, {}))
        assert (answer["error_code"], answer["field"]) == (-104, OPERATIONS[operation].npc_in), operation


async def test_an_unknown_operation_is_named_and_the_nearest_suggested(map_server: GameServer) -> None:
    answer = await map_server.ask("get_stat", "Anybody")
    assert (answer["error_code"], answer["field"]) == (-101, "operation")
    assert "get_state" in answer["error_message"]


async def test_a_batch_is_answered_together_in_order(map_server: GameServer) -> None:
    requests = [
        map_server.request("register", "Batch", MERCHANT),
        map_server.request("get_state", "Batch"),
        map_server.request("nonsense", "Batch"),
        map_server.request("event", "Batch", {"event_type": "attacked", "event_data": {"damage": 30}}),
        map_server.request("get_state", "Batch"),
    ]
    await map_server.send({"batch": requests})
    responses = (await map_server.receive())["batch"]
    assert [one["correlation_id"] for one in responses] == [one["correlation_id"] for one in requests]
    assert [one["error_code"] for one in responses] == [0, 0, -101, 0, 0]
    # A command does not wait for the reads before it, a read waits for the commands before it.
    assert responses[1]["data"]["health"] in {100, 70}
    assert responses[4]["data"]["health"] == 70


async def test_requests_that_are_not_awaited_keep_their_order(map_server: GameServer) -> None:
    await map_server.send(map_server.request("register", "Hasty", MERCHANT))
    for _ in range(10):
        attacked = {"event_type": "attacked", "event_data": {"damage": 5}}
        await map_server.send(map_server.request("event", "Hasty", attacked))
    await map_server.send(map_server.request("get_state", "Hasty"))
    answers = [await map_server.receive() for _ in range(12)]
    assert [answer["error_code"] for answer in answers] == [0] * 12
    state = next(answer for answer in answers if "health" in answer["data"])
    assert state["data"]["health"] == 50


async def test_a_read_may_name_a_position_and_gives_up_in_time(map_server: GameServer) -> None:
    await register(map_server)
    answer = await map_server.ask("get_state", "Merchant_John_01", at_least=1)
    assert answer["success"]
    late = await map_server.ask("get_state", "Merchant_John_01", at_least=10**12, timeout_ms=200)
    assert late["error_code"] == -501
