"""Whatever arrives: the right code, a message that names the field, and the gateway goes on."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from typing import Any

import pytest
import zmq

from adapters.settings import Settings, ZmqSettings
from tests.adapters.rathena.conftest import Platform, running
from tests.adapters.rathena.game_server import GameServer


@pytest.fixture
async def gateway(settings: Settings) -> AsyncIterator[GameServer]:
    """A connection to a gateway alone: bad input needs nobody behind it."""
    async with running(settings, "gateway") as endpoints, GameServer(endpoints["zmq"]) as server:
        yield server
        # Whatever the test did, the process goes on.
        assert (await server.ask("ping"))["success"]


def body(**fields: Any) -> dict[str, Any]:
    return {"correlation_id": "bad-1", "operation": "get_state", "npc_id": "X", "data": {}, **fields}


RAW: list[tuple[bytes, int, str]] = [
    (b"", -102, "body"),
    (b"{", -102, "body"),
    (b'{"correlation_id": "bad-1", "operation": "ping",}', -102, "body"),
    (b"\xff\xfe{}", -102, "body"),
    (b'{"correlation_id":"bad-1","operation":"ping","data":{"t":"caf\xe9"}}', -102, "body"),
    (b"[" * 10_000, -102, "body"),
    (b'{"data":' * 10_000, -102, "body"),
    (
        b'{"correlation_id":"bad-1","operation":"ping","data":{"x":' + b"[" * 80 + b"]" * 80 + b"}}",
        -102,
        "body.data",
    ),
    (b'{"correlation_id":"bad-1","operation":"ping","data":{"x":1e999}}', -105, "body.data.x"),
    (b'{"correlation_id":"bad-1","operation":"ping","data":{"x":-1e999}}', -105, "body.data.x"),
    (b'{"correlation_id":"bad-1","operation":"ping","data":{"x":NaN}}', -102, "body"),
    (b'{"correlation_id":"bad-1","operation":"ping","data":{"x":' + b"9" * 400 + b"}}", -105, "body.data.x"),
    (b'{"correlation_id":"bad-1","operation":"ping","data":{"x":' + b"9" * 9000 + b"}}", -102, "body"),
    (b'{"correlation_id":"bad-1","operation":"ping","data":{"x":"\\ud800"}}', -102, "body"),
    (b'{"correlation_id":"bad-1","operation":"ping","data":{"x":"\\u0000"}}', -101, "body.data.x"),
    (b'{"correlation_id":"bad-1","operation":"ping","operation":"get_state"}', -102, "operation"),
    (
        b'{"correlation_id":"bad-1","operation":"ping","data":{"player_id":"1","player_id":"2"}}',
        -102,
        "player_id",
    ),
    (b'{"batch":[]}', -101, "batch"),
    (b'{"batch":7}', -101, "batch"),
    (b'{"batch":[1,2,3,4,5,6,7,8,9,10,11]}', -105, "batch"),
    (b"[1,2]", -101, "body"),
    (b'"text"', -101, "body"),
    (b"12", -101, "body"),
    (b"null", -101, "body"),
]


async def test_a_body_that_is_no_request_is_explained(gateway: GameServer) -> None:
    for raw, code, field in RAW:
        answer = await gateway.send_raw(raw)
        assert answer["success"] is False, raw[:80]
        assert (answer["error_code"], answer["data"]["error_code"]) == (code, code), raw[:80]
        assert answer["field"].startswith(field), raw[:80]
        assert answer["field"] in answer["error_message"], raw[:80]
        if raw.startswith(b'{"correlation_id":"bad-1"'):
            assert answer["correlation_id"] == "bad-1", raw[:80]


FIELDS: list[tuple[dict[str, Any], int, str]] = [
    ({"correlation_id": None}, -101, "correlation_id"),
    ({"correlation_id": ""}, -101, "correlation_id"),
    ({"correlation_id": "x" * 129}, -101, "correlation_id"),
    ({"correlation_id": "a\nb"}, -101, "correlation_id"),
    ({"correlation_id": 12}, -101, "correlation_id"),
    ({"operation": None}, -101, "operation"),
    ({"operation": ""}, -101, "operation"),
    ({"operation": ["get_state"]}, -101, "operation"),
    ({"operation": "drop_table"}, -101, "operation"),
    ({"operation": "x" * 10_000}, -101, "operation"),
    ({"npc_id": ""}, -103, "npc_id"),
    ({"npc_id": "   "}, -103, "npc_id"),
    ({"npc_id": "x" * 10_000}, -103, "npc_id"),
    ({"npc_id": "\u0001\u0002\u001b[2J"}, -103, "npc_id"),
    ({"npc_id": "\U0001f600" * 128}, -103, "npc_id"),
    ({"npc_id": 7}, -103, "npc_id"),
    ({"npc_id": {"a": 1}}, -103, "npc_id"),
    ({"npc_id": None}, -104, "npc_id"),
    ({"data": [1]}, -101, "data"),
    ({"data": "{oops"}, -102, "data"),
    ({"data": 5}, -101, "data"),
    ({"data": {"fields": "[1e999]"}}, -105, "data.fields.0"),
    ({"data": {"fields": '["a"'}}, -102, "data.fields"),
    ({"data": {"fields": {"a": 1}}}, -101, "data.fields"),
    ({"data": {"fields": [1]}}, -101, "data.fields"),
    ({"timeout_ms": 0}, -105, "timeout_ms"),
    ({"timeout_ms": -5}, -105, "timeout_ms"),
    ({"timeout_ms": 10**9}, -105, "timeout_ms"),
    ({"timeout_ms": "soon"}, -101, "timeout_ms"),
    ({"timeout_ms": True}, -101, "timeout_ms"),
    ({"callback_label": "x" * 200}, -101, "callback_label"),
    ({"callback_label": 1}, -101, "callback_label"),
    ({"actor": "Aria"}, -101, "actor"),
    ({"actor": {"char_id": {"x": 1}}}, -101, "actor.char_id"),
    ({"actor": {"level": -1}}, -105, "actor.level"),
    ({"source": []}, -101, "source"),
    ({"source": {"server": "a\u0007"}}, -101, "source.server"),
    ({"at_least": -1}, -105, "at_least"),
    ({"data": {"player_id": [1]}}, -101, "data.player_id"),
    ({"data": {"player_id": "x" * 10_000}}, -101, "data.player_id"),
    ({"operation": "get_memory", "data": {"memory_type": "secret"}}, -101, "data.memory_type"),
    *(
        (
            {"operation": "get_memory", "data": {"memory_type": "recent", "filters": {name: value}}},
            -101,
            f"data.filters.{name}",
        )
        for name, value in (
            ("limit", -1),
            ("limit", "many"),
            ("limit", 2.5),
            ("since", "yesterday"),
            ("since", "2026-03-01T12:00:00"),
            ("since", {}),
            ("as_of", -3),
            ("query", 7),
            ("player_id", ["1"]),
            ("event_type", True),
            ("superseded", []),
        )
    ),
    (
        {"operation": "get_memory", "data": {"memory_type": "about_player", "filters": {"player_id": ""}}},
        -101,
        "data.filters",
    ),
    ({"operation": "dialogue", "data": {"message": "x" * 10_000}}, -105, "data.player_message"),
    ({"operation": "dialogue", "data": {"message": {"x": 1}}}, -101, "data.player_message"),
    (
        {"operation": "world_event", "data": {"event_type": "x", "affected_npcs": [""]}},
        -103,
        "data.affected_npcs.0",
    ),
    ({"operation": "register", "data": {"personality": "not json"}}, -102, "data.personality"),
    ({"operation": "register", "data": {"initial_goals": "[["}}, -102, "data.initial_goals"),
    (
        {"operation": "pathfind", "data": {"destination_x": "a", "destination_y": 1}},
        -101,
        "data.destination_x",
    ),
]


async def test_a_field_that_does_not_fit_is_named(gateway: GameServer) -> None:
    for fields, code, field in FIELDS:
        await gateway.send(body(**fields))
        answer = await gateway.receive()
        assert (answer["error_code"], answer.get("field")) == (code, field), (fields, answer)
        assert field in answer["error_message"], fields
        assert len(answer["error_message"]) < 1000, fields


async def test_required_envelope_fields_are_named_when_missing(gateway: GameServer) -> None:
    await gateway.send({"correlation_id": "c", "data": {}, "message_type": "NPC_INTERACTION"})
    answer = await gateway.receive()
    assert (answer["error_code"], answer["field"], answer["correlation_id"]) == (-104, "operation", "c")
    await gateway.send({"operation": "ping"})
    assert (await gateway.receive())["field"] == "correlation_id"


async def test_a_frame_over_the_limit_is_refused_and_the_connection_lives(gateway: GameServer) -> None:
    answer = await gateway.send_raw(b'{"correlation_id":"big","data":"' + b"x" * 10_000_000 + b'"}')
    assert (answer["error_code"], answer["field"], answer["correlation_id"]) == (-603, "frame", "big")


async def test_the_older_binary_frame_is_answered_in_json(gateway: GameServer) -> None:
    payload = b'{"npc_id":"John"}'
    answer = await gateway.send_raw(struct.pack("<iii", 2, 4, len(payload)) + b"abcd" + payload)
    assert (answer["error_code"], answer["field"]) == (-603, "frame")


async def test_unexpected_frames_are_answered_in_the_same_envelope(gateway: GameServer) -> None:
    await gateway.send_frames([b"what", b"is", b"this", b"{}"])
    frames = await gateway.receive_frames()
    assert frames[:-1] == [b"what", b"is", b"this"]
    assert b"-603" in frames[-1]


async def test_an_empty_frame_between_is_mirrored_for_dealers(settings: Settings) -> None:
    async with (
        running(settings, "gateway") as endpoints,
        GameServer(endpoints["zmq"], delimiter=True) as server,
    ):
        await server.send(server.request("ping"))
        frames = await server.receive_frames()
        assert (len(frames), frames[0]) == (2, b"")


async def test_a_req_socket_with_correlation_is_served(settings: Settings) -> None:
    async with (
        running(settings, "gateway") as endpoints,
        GameServer(endpoints["zmq"], kind=zmq.REQ) as server,
    ):
        server._socket.req_relaxed, server._socket.req_correlate = True, True
        assert (await server.ask("ping"))["success"]


async def test_the_forms_of_the_older_bridge_are_answered_in_kind(map_server: GameServer) -> None:
    typed = {
        "message_type": 2,
        "correlation_id": "w3",
        "payload": {"npc_id": "Old", "personality": {"mood": "sad"}, "initial_goals": []},
    }
    await map_server.send(typed)
    answer = await map_server.receive()
    assert (answer["status"], answer["error_code"], answer["message_type"]) == ("ok", 0, 2)
    assert answer["payload"]["npc_id"] == "Old"

    await map_server.send({"npc_id": "Old", "fields": ["emotion"]})
    bare = await map_server.receive()
    assert (bare["status"], bare["data"]["emotion"], bare["emotion"]) == ("ok", "sad", "sad")

    event = {"event_type": "attacked", "event_data": {"damage": 5}, "source_id": "", "target_id": "Old"}
    await map_server.send(event)
    assert (await map_server.receive())["status"] == "ok"

    talk = {
        "npc_id": "Old",
        "interaction_type": "dialogue",
        "interaction_data": {"npc_id": "Old", "player_id": 7, "message": "Hi", "context": {}},
        "initiator_id": "",
    }
    await map_server.send({"message_type": 5, "correlation_id": "w3b", "payload": talk})
    assert (await map_server.receive())["data"]["response"]

    await map_server.send({"message_type": 6, "correlation_id": "beat", "payload": {}})
    assert (await map_server.receive())["status"] == "ok"
    await map_server.send(
        {"message_type": 4, "correlation_id": "what", "payload": {"command": "x", "args": []}}
    )
    unclear = await map_server.receive()
    assert (unclear["status"], unclear["error_code"], unclear["message_type"]) == ("error", -202, 99)


async def test_clients_that_vanish_in_the_middle_leave_nothing_behind(platform: Platform) -> None:
    async with platform.game_server() as stays:
        await stays.ask("register", "John")
        for _ in range(30):
            async with platform.game_server() as leaves:
                await leaves.send(leaves.request("get_state", "John"))
                await leaves.send(leaves.request("dialogue", "John", {"message": "Hi"}))
        assert (await stays.ask("get_state", "John"))["success"]


async def test_a_flood_is_answered_with_minus_503_and_a_time_to_wait(settings: Settings) -> None:
    tight = settings.model_copy(update={"zmq": ZmqSettings(endpoint="tcp://127.0.0.1:*", max_in_flight=8)})
    async with (
        running(tight, "projector", "commands", "gateway") as endpoints,
        GameServer(endpoints["zmq"]) as server,
    ):
        await server.ask("register", "John")
        for _ in range(40):
            await server.send(server.request("dialogue", "John", {"message": "Hi"}, timeout_ms=700))
        codes = [answer["error_code"] for answer in [await server.receive() for _ in range(40)]]
        assert codes.count(-501) == 8
        assert codes.count(-503) == 32
        await server.send(server.request("ping"))
        assert (await server.receive())["success"]


async def test_a_rate_limit_per_connection_names_the_wait(settings: Settings) -> None:
    limited = ZmqSettings(endpoint="tcp://127.0.0.1:*", max_requests_per_second=5)
    async with (
        running(settings.model_copy(update={"zmq": limited}), "gateway") as endpoints,
        GameServer(endpoints["zmq"]) as greedy,
        GameServer(endpoints["zmq"]) as modest,
    ):
        answers = [await greedy.ask("ping") for _ in range(8)]
        refused = [answer for answer in answers if answer["error_code"] == -503]
        assert refused
        assert all(answer["retry_after_ms"] >= 1 for answer in refused)
        assert (await modest.ask("ping"))["success"]


async def test_without_workers_a_command_is_minus_500_and_recovers(settings: Settings) -> None:
    async with running(settings, "projector", "gateway") as endpoints, GameServer(endpoints["zmq"]) as server:
        down = await server.ask("register", "John", timeout_ms=300)
        assert down["error_code"] == -500
        assert down["retry_after_ms"] > 0
        async with running(settings, "commands"):
            assert (await server.ask("register", "John"))["success"]


async def test_an_unforeseen_error_hides_the_trace_and_gives_an_id(
    gateway: GameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from adapters.rathena import operations

    async def explode(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    broken = operations.Operation("ping", explode, of_npc=False)  # type: ignore[arg-type]
    with monkeypatch.context() as patch:
        patch.setitem(operations.OPERATIONS, "ping", broken)
        answer = await gateway.ask("ping")
    assert answer["error_code"] == -600
    assert "secret" not in str(answer)
    assert len(answer["error_message"].split("see ")[1].split()[0]) == 12


async def test_every_query_and_rejection_is_recorded(platform: Platform, client: Any) -> None:
    async with platform.game_server() as server:
        await server.ask("register", "John")
        await server.ask("get_state", "John", correlation_id="asked")
        await server.ask("get_state", "Nobody", correlation_id="refused")
    await asyncio.sleep(0.6)
    puller = await client.jetstream().pull_subscribe(f"access.{platform.settings.realm}.>", stream="ACCESS")
    messages = await puller.fetch(10, timeout=2)
    kinds = {message.subject.rpartition(".")[2]: message.data for message in messages}
    assert b'"asked"' in kinds["query"]
    assert b'"refused"' in kinds["rejected"]
    assert b'"register"' not in kinds["query"]
