"""The transport core against the running platform."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.adapters.rathena.conftest import BEHIND, Platform, running
from tests.adapters.rathena.plugin.conftest import StartDriver

MERCHANT = {"personality": '{"archetype":"merchant","mood":"friendly"}', "initial_goals": '["sell_items"]'}


async def test_commands_and_queries_are_answered_as_scripts_expect_them(
    platform: Platform, start_driver: StartDriver
) -> None:
    core = await start_driver(platform.zmq)
    assert (await core.ask("register", "Merchant_John", MERCHANT, pace="command"))["error_code"] == 0
    again = await core.ask("register", "Merchant_John", MERCHANT, pace="command")
    assert again["error_code"] == -100
    assert again["error_message"]
    state = await core.ask("get_state", "Merchant_John")
    assert (state["npc_id"], state["error_code"]) == ("Merchant_John", 0)
    path = await core.ask("pathfind", "Merchant_John", {"destination_x": 5, "destination_y": 5})
    assert path["valid"] is False
    assert path["error_code"] < 0


async def test_the_player_is_whom_the_game_names_and_not_whom_a_script_claims(
    platform: Platform, start_driver: StartDriver
) -> None:
    core = await start_driver(platform.zmq)
    await core.ask("register", "Merchant_John", MERCHANT, pace="command")
    gift = {
        "player_id": "1",
        "interaction_type": "gift",
        "data": '{"item_id":501,"category":"food","value":50}',
    }
    assert (await core.ask("interact", "Merchant_John", gift, char_id=150000, pace="command"))[
        "error_code"
    ] == 0
    known = await core.ask("get_relationship", "Merchant_John", {"target_id": "150000"})
    claimed = await core.ask("get_relationship", "Merchant_John", {"target_id": "1"})
    assert (known["interactions"], claimed["interactions"]) == (1, 0)


async def test_an_event_is_told_without_waiting_and_arrives(
    platform: Platform, start_driver: StartDriver
) -> None:
    core = await start_driver(platform.zmq)
    await core.ask("register", "Merchant_John", MERCHANT, pace="command")
    event = {"event_type": "attacked", "event_data": '{"attacker":"150001","damage":80}'}
    told = await core.do("tell", operation="event", npc_id="Merchant_John", data=event)
    assert told["code"] == 0
    emotion = await core.ask("get_emotion", "Merchant_John")
    assert emotion["primary"] != "neutral"


async def test_an_asynchronous_request_calls_its_label_with_the_player_who_asked(
    platform: Platform, start_driver: StartDriver
) -> None:
    core = await start_driver(platform.zmq)
    await core.ask("register", "Merchant_John", MERCHANT, pace="command")
    asked = await core.request(
        "dialogue", "Merchant_John", {"message": "What do you sell?"}, char_id=150000, label="OnDialogueReady"
    )
    pending = (await core.do("check", id=asked))["answer"]
    assert (pending["status"], pending["error_code"]) == ("pending", 0)
    (callback,) = await core.callbacks()
    assert callback == {"id": asked, "npc": "Merchant_John", "label": "OnDialogueReady", "char_id": 150000}
    done = (await core.do("check", id=asked))["answer"]
    assert done["status"] == "complete"
    assert done["result"]["response"] == done["response"] != ""


async def test_data_may_come_as_the_text_scripts_build(platform: Platform, start_driver: StartDriver) -> None:
    core = await start_driver(platform.zmq)
    await core.ask("register", "Merchant_John", MERCHANT, pace="command")
    asked = await core.request("dialogue", "Merchant_John", '{"message":"Hello!"}')
    assert await core.callbacks()
    assert (await core.do("check", id=asked))["answer"]["status"] == "complete"


async def test_what_a_player_typed_to_break_the_json_breaks_nothing_but_its_own_request(
    platform: Platform, start_driver: StartDriver
) -> None:
    core = await start_driver(platform.zmq)
    await core.ask("register", "Merchant_John", MERCHANT, pace="command")
    hostile = '{"player_id":"150000","message":"x","player_id":"1"}'
    asked = await core.request("dialogue", "Merchant_John", hostile, char_id=150000)
    await core.callbacks()
    answer = (await core.do("check", id=asked))["answer"]
    assert (answer["status"], answer["error_code"]) == ("error", -102)
    claimed = await core.ask("get_relationship", "Merchant_John", {"target_id": "1"})
    assert claimed["interactions"] == 0


async def test_five_hundred_requests_are_queued_at_once_and_all_answered(
    platform: Platform, start_driver: StartDriver
) -> None:
    core = await start_driver(platform.zmq)
    await core.ask("register", "Merchant_John", MERCHANT, pace="command")
    told = await core.do(
        "request",
        operation="dialogue",
        npc_id="Merchant_John",
        data={"message": "Hi"},
        times=500,
        timeout_ms=20_000,
    )
    assert len(set(told["ids"])) == 500
    callbacks = await core.callbacks(500, seconds=25)
    assert {callback["id"] for callback in callbacks} == set(told["ids"])


async def test_more_requests_than_may_be_pending_are_refused(
    platform: Platform, start_driver: StartDriver
) -> None:
    core = await start_driver(platform.zmq, max_pending_requests=5)
    told = await core.do("request", operation="dialogue", npc_id="Nobody", times=8)
    assert [bool(one) for one in told["ids"]] == [True] * 5 + [False] * 3
    assert "max_pending_requests" in core.log[-1][1]


async def test_a_request_for_an_unknown_npc_calls_back_with_the_error(
    platform: Platform, start_driver: StartDriver
) -> None:
    core = await start_driver(platform.zmq)
    asked = await core.request("dialogue", "Nobody", {"message": "Hi"})
    assert len(await core.callbacks()) == 1
    answer = (await core.do("check", id=asked))["answer"]
    assert (answer["status"], answer["error_code"]) == ("error", -200)


async def test_a_cancelled_request_calls_nobody(platform: Platform, start_driver: StartDriver) -> None:
    core = await start_driver(platform.zmq)
    await core.ask("register", "Merchant_John", MERCHANT, pace="command")
    asked = await core.request("dialogue", "Merchant_John", {"message": "Hi"})
    assert (await core.do("cancel", id=asked))["code"] == 0
    assert (await core.do("cancel", id=asked))["code"] == -1
    assert await core.callbacks(seconds=0.5) == []
    answer = (await core.do("check", id=asked))["answer"]
    assert (answer["status"], answer["error_code"]) == ("cancelled", -202)
    assert (await core.do("cancel", id="req_unknown"))["code"] == -1


async def test_unknown_requests_are_said_to_be_unknown(platform: Platform, start_driver: StartDriver) -> None:
    core = await start_driver(platform.zmq)
    for unknown in ("", "nonsense", "req_" + "0" * 32):
        answer = (await core.do("check", id=unknown))["answer"]
        assert isinstance(answer["status"], str)
        assert answer["error_code"] < 0


async def test_bytes_of_the_clients_code_page_reach_the_service_as_text(
    platform: Platform, start_driver: StartDriver
) -> None:
    core = await start_driver(platform.zmq, client_encoding="CP874")
    await core.ask("register", "Merchant_John", MERCHANT, pace="command")
    heard = {"event_data": '{"sound":"สวัสดี"}'.encode("cp874").hex()}
    await core.do(
        "ask", operation="event", npc_id="Merchant_John", data={"event_type": "heard_sound"}, raw=heard
    )
    told = await core.do(
        "ask", operation="get_memory", npc_id="Merchant_John", data={"memory_type": "recent"}
    )
    assert "สวัสดี" in told["answer"]["memories"][0]["content"]
    assert "สวัสดี".encode("cp874").hex() in told["hex"]


async def test_bytes_that_are_no_text_at_all_are_repaired(
    platform: Platform, start_driver: StartDriver
) -> None:
    core = await start_driver(platform.zmq)
    broken = {"player_message": "ff80c328f0288cbc22"}
    await core.ask("register", "Merchant_John", MERCHANT, pace="command")
    answer = await core.ask("dialogue", "Merchant_John", raw=broken, pace="dialogue")
    assert answer["error_code"] == 0


async def test_a_giant_text_is_refused_by_the_service_and_harms_nobody(
    platform: Platform, start_driver: StartDriver
) -> None:
    core = await start_driver(platform.zmq)
    await core.ask("register", "Merchant_John", MERCHANT, pace="command")
    answer = await core.ask("dialogue", "Merchant_John", {"player_message": "x" * 3_000_000}, pace="dialogue")
    assert answer["error_code"] < 0
    assert (await core.ask("ping"))["error_code"] == 0


async def test_older_scripts_post_over_the_native_connection(
    platform: Platform, start_driver: StartDriver
) -> None:
    core = await start_driver(platform.zmq)
    await core.ask("register", "Merchant_John", MERCHANT, pace="command")
    talk = {"npc_id": "Merchant_John", "player_id": "150000", "message": "Hello!"}
    answer = (await core.do("post", path="/api/npc/interact", body=talk))["answer"]
    assert answer["response"]
    walk = {"npc_id": "Merchant_John", "action": "patrol"}
    decided = (await core.do("post", path="/api/npc/decide_action", body=walk))["answer"]
    assert decided["error_code"] == 0
    assert decided["action"]


async def test_requests_that_are_pending_when_the_service_restarts_are_answered_all_the_same(
    platform: Platform, start_driver: StartDriver
) -> None:
    settings = platform.settings.model_copy(
        update={
            "zmq": platform.settings.zmq.model_copy(update={"endpoint": "tcp://127.0.0.1:*"}),
            "http": platform.settings.http.model_copy(update={"enabled": False}),
            "gateway": "gateway-2",
        }
    )
    async with running(settings, "gateway") as endpoints:
        fixed = settings.zmq.model_copy(update={"endpoint": endpoints["zmq"]})
        core = await start_driver(endpoints["zmq"])
        await core.ask("register", "Merchant_John", MERCHANT, pace="command")
    away = await core.ask("get_state", "Merchant_John")
    assert away["error_code"] == -500
    async with running(settings.model_copy(update={"zmq": fixed}), "gateway"):
        for _ in range(100):
            back = await core.ask("get_state", "Merchant_John")
            if back["error_code"] == 0:
                break
            await core.do("tick", for_ms=100)
            await asyncio.sleep(0.1)
        assert back["error_code"] == 0
        asked = await core.request("dialogue", "Merchant_John", {"message": "Hi"})
        assert len(await core.callbacks()) == 1
        assert (await core.do("check", id=asked))["answer"]["status"] == "complete"


def counted(told: dict[str, Any]) -> int:
    return int(told["counters"]["sent"])


async def test_requests_of_one_moment_share_frames(platform: Platform, start_driver: StartDriver) -> None:
    core = await start_driver(platform.zmq, batch_wait_ms=1000)
    await core.ask("register", "Merchant_John", MERCHANT, pace="command")
    before = counted(await core.do("counters"))
    told = await core.do(
        "request", operation="dialogue", npc_id="Merchant_John", data={"message": "Hi"}, times=30
    )
    assert counted(told) - before == 3
    assert len(await core.callbacks(30)) == 30


async def test_a_platform_without_its_workers_is_minus_500_and_no_crash(
    start_driver: StartDriver, settings: Any
) -> None:
    async with running(settings, *BEHIND[:1], "gateway") as endpoints:
        core = await start_driver(endpoints["zmq"], default_timeout_ms=5000)
        answer = await core.ask("register", "Merchant_John", MERCHANT, pace="command")
        assert answer["error_code"] in {-500, -501}
