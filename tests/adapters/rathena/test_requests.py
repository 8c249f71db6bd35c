"""Slow operations: awaited, pushed, polled, cancelled, timed out, and delivered after somebody died."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import zmq

from adapters.settings import Settings
from tests.adapters.rathena.conftest import BEHIND, Platform, running
from tests.adapters.rathena.game_server import PLAYER, GameServer

HELLO = {"player_message": "Hello!"}


async def open_request(server: GameServer, npc_id: str = "John", **envelope: Any) -> str:
    data = {"operation": "dialogue", "data": HELLO}
    answer = await server.ask("request_async", npc_id, data, actor=PLAYER, **envelope)
    assert answer["data"]["status"] == "pending", answer
    request_id = answer["data"]["request_id"]
    assert isinstance(request_id, str)
    return request_id


async def test_a_synchronous_dialogue_waits_for_its_answer(map_server: GameServer) -> None:
    await map_server.ask("register", "John")
    answer = await map_server.ask("dialogue", "John", HELLO, actor=PLAYER)
    assert answer["success"]
    assert {"response", "emotion", "action", "method"} <= set(answer["data"])
    assert answer["data"]["response"]


async def test_a_retried_dialogue_gets_the_first_answer(map_server: GameServer) -> None:
    await map_server.ask("register", "John")
    request = map_server.request("dialogue", "John", HELLO, actor=PLAYER)
    await map_server.send(request)
    first = await map_server.receive()
    await map_server.send(request)
    assert (await map_server.receive())["data"] == first["data"]


async def test_request_async_answers_at_once_and_pushes_the_outcome(map_server: GameServer) -> None:
    await map_server.ask("register", "John")
    request_id = await open_request(map_server, callback_label="OnReady")
    pushed = await map_server.callback()
    assert pushed["request_id"] == request_id
    assert pushed["callback_label"] == "OnReady"
    assert pushed["npc_id"] == "John"
    assert pushed["actor"] == PLAYER
    assert (pushed["success"], pushed["error_code"]) == (True, 0)
    checked = (await map_server.ask("check_result", None, {"request_id": request_id}))["data"]
    assert checked["status"] == "complete"
    assert checked["result"]["response"] == checked["response"]
    assert {**pushed["data"], "request_id": request_id} == checked


async def test_both_parameter_orders_of_request_async_are_understood(map_server: GameServer) -> None:
    await map_server.ask("register", "John")
    older = {"type": "dialogue", "data_json": '{"npc_id":"John","message":"Hi"}', "callback": "OnOld"}
    answer = await map_server.ask("request_async", None, older)
    assert answer["data"]["status"] == "pending"
    assert (await map_server.callback())["callback_label"] == "OnOld"
    newer = {"operation": "dialogue", "npc_id": "John", "data": {"question": "Hi"}}
    assert (await map_server.ask("request_async", None, newer))["success"]
    assert (await map_server.callback())["npc_id"] == "John"


async def test_a_slow_operation_with_a_label_is_asynchronous(map_server: GameServer) -> None:
    await map_server.ask("register", "John")
    answer = await map_server.ask("dialogue", "John", HELLO, callback_label="OnDialogueReady")
    assert answer["data"]["status"] == "pending"
    assert (await map_server.callback())["callback_label"] == "OnDialogueReady"


async def test_a_registered_label_is_used_when_a_request_names_none(map_server: GameServer) -> None:
    await map_server.ask("register", "John")
    assert (await map_server.ask("register_callback", None, {"label": "OnAny"}))["success"]
    await map_server.ask("register_callback", None, {"label": "OnTalk", "operation": "dialogue"})
    await open_request(map_server)
    assert (await map_server.callback())["callback_label"] == "OnTalk"


async def test_older_scripts_ask_what_an_npc_feels_through_request_async(map_server: GameServer) -> None:
    await map_server.ask("register", "John", {"personality": {"archetype": "merchant"}})
    await map_server.ask("event", "John", {"event_type": "attacked", "event_data": {"player_id": "150002"}})
    for operation, more in (
        ("get_emotion", {}),
        ("get_goals", {}),
        ("get_relationship", {"target_id": "150002"}),
    ):
        direct = (await map_server.ask(operation, "John", more))["data"]
        older = {"type": operation, "data_json": json.dumps({"npc_id": "John", **more}), "callback": "OnOld"}
        assert (await map_server.ask("request_async", None, older))["success"]
        pushed = await map_server.callback()
        assert (pushed["callback_label"], pushed["data"]["status"]) == ("OnOld", "complete")
        assert set(direct) - {"error_code"} <= set(pushed["data"]["result"])
        assert pushed["data"]["result"].get("primary") == direct.get("primary")

    nobody = {"operation": "get_relationship", "data": {}, "callback_label": "OnOdd"}
    assert (await map_server.ask("request_async", "John", nobody))["success"]
    odd = await map_server.callback()
    assert odd["error_code"] == -104
    assert "target_id" in odd["error_message"]


async def test_requests_that_cannot_be_opened_say_why(map_server: GameServer) -> None:
    await map_server.ask("register", "John")
    unknown_npc = await map_server.ask("request_async", "Nobody", {"operation": "dialogue", "data": HELLO})
    later = await map_server.ask("request_async", "John", {"operation": "pathfind", "data": {}})
    nonsense = await map_server.ask("request_async", "John", {"operation": "nonsense", "data": {}})
    assert unknown_npc["error_code"] == -200
    assert later["error_code"] == -202
    assert (nonsense["error_code"], nonsense["field"]) == (-101, "data.operation")


async def test_check_result_always_holds_a_status(map_server: GameServer) -> None:
    answer = await map_server.ask("check_result", None, {"request_id": ""})
    assert (answer["data"]["status"], answer["data"]["error_code"]) == ("error", -101)
    missing = await map_server.ask("check_result", None, {"request_id": "req_nothing"})
    assert (missing["data"]["status"], missing["data"]["error_code"]) == ("error", -101)


async def test_without_agents_a_request_times_out_and_can_be_cancelled(settings: Settings) -> None:
    async with (
        running(settings, "projector", "commands", "gateway") as endpoints,
        GameServer(endpoints["zmq"]) as server,
    ):
        await server.ask("register", "John")
        late = await server.ask("dialogue", "John", HELLO, timeout_ms=300)
        assert late["error_code"] == -501
        timed = await open_request(server, timeout_ms=300, callback_label="OnLate")
        pushed = await server.callback()
        assert (pushed["request_id"], pushed["error_code"]) == (timed, -501)
        assert pushed["data"]["status"] == "timeout"

        cancelled = await open_request(server)
        pending = await server.ask("check_result", None, {"request_id": cancelled})
        assert (pending["data"]["status"], pending["data"]["error_code"]) == ("pending", 0)
        assert (await server.ask("cancel_request", None, {"request_id": cancelled}))["error_code"] == 0
        assert (await server.callback())["data"]["status"] == "cancelled"
        again = await server.ask("cancel_request", None, {"request_id": cancelled})
        unknown = await server.ask("cancel_request", None, {"request_id": "req_nothing"})
        assert (again["error_code"], unknown["error_code"]) == (-1, -1)
        checked = await server.ask("check_result", None, {"request_id": cancelled})
        assert checked["data"]["status"] == "cancelled"


async def test_what_a_vanished_connection_asked_reaches_the_servers_next_one(settings: Settings) -> None:
    async with running(settings, "projector", "commands", "gateway") as endpoints:
        async with GameServer(endpoints["zmq"]) as gone:
            await gone.ask("register", "John")
            request_id = await open_request(gone, callback_label="OnReady")
        async with running(settings, "agents"), GameServer(endpoints["zmq"], server="map-2") as stranger:
            await stranger.finished(request_id)
            assert await stranger.silent()
        async with GameServer(endpoints["zmq"]) as successor:
            await successor.ask("ping")
            pushed = await successor.callback()
            assert (pushed["request_id"], pushed["callback_label"]) == (request_id, "OnReady")


async def test_an_outcome_survives_the_gateway(settings: Settings) -> None:
    async with running(settings, "projector", "commands"):
        async with running(settings, "gateway") as endpoints, GameServer(endpoints["zmq"]) as server:
            await server.ask("register", "John")
            request_id = await open_request(server, callback_label="OnReady")
        async with (
            running(settings, "agents", "gateway") as endpoints,
            GameServer(endpoints["zmq"]) as server,
        ):
            await server.ask("ping")
            pushed = await server.callback()
            assert (pushed["request_id"], pushed["success"]) == (request_id, True)


async def test_a_retry_over_a_new_connection_gets_the_push(settings: Settings) -> None:
    async with running(settings, "projector", "commands", "gateway") as endpoints:
        async with GameServer(endpoints["zmq"], server="") as first:
            await first.ask("register", "John")
            request = first.request("request_async", "John", {"operation": "dialogue", "data": HELLO})
            await first.send(request)
            opened = await first.receive()
        async with GameServer(endpoints["zmq"], server="") as second:
            await second.send(request)
            assert (await second.receive())["data"]["request_id"] == opened["data"]["request_id"]
            async with running(settings, "agents"):
                assert (await second.callback())["request_id"] == opened["data"]["request_id"]


async def test_a_req_socket_is_never_sent_what_it_did_not_ask_for(platform: Platform) -> None:
    async with platform.game_server(kind=zmq.REQ) as req:
        await req.ask("register", "John")
        request_id = await open_request(req, callback_label="OnReady")
        await req.finished(request_id)
        assert (await req.ask("ping"))["data"]["service"] == "lorestream"
        async with platform.game_server() as dealer:
            await dealer.ask("ping")
            assert (await dealer.callback())["request_id"] == request_id


async def test_slow_requests_do_not_hold_up_fast_ones(settings: Settings) -> None:
    async with (
        running(settings, "projector", "commands", "gateway") as endpoints,
        GameServer(endpoints["zmq"]) as server,
    ):
        await server.ask("register", "John")
        slow = server.request("dialogue", "John", HELLO, timeout_ms=1500)
        await server.send(slow)
        await server.send(server.request("ping"))
        assert (await server.receive())["data"]["service"] == "lorestream"
        assert (await server.receive())["correlation_id"] == slow["correlation_id"]


async def test_accepted_requests_are_answered_before_the_gateway_ends(settings: Settings) -> None:
    async with running(settings, *BEHIND):
        async with running(settings, "gateway") as endpoints:
            server = GameServer(endpoints["zmq"])
            await server.ask("register", "John")
            await server.send(server.request("dialogue", "John", HELLO))
            await asyncio.sleep(0.005)
        answer = await server.receive()
        assert answer["data"]["response"]
        server.close()


async def test_a_request_with_hardly_any_time_still_gets_an_id_and_one_outcome(
    map_server: GameServer,
) -> None:
    await map_server.ask("register", "John")
    opened = await map_server.ask(
        "request_async", "John", {"operation": "dialogue", "data": HELLO}, callback_label="OnX", timeout_ms=1
    )
    assert opened["data"]["status"] == "pending"
    pushed = await map_server.callback()
    assert pushed["request_id"] == opened["data"]["request_id"]
    assert pushed["data"]["status"] in {"complete", "timeout"}
