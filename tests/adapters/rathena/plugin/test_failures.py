"""The transport core against services that are away, silent, slow or mad: sockets of the test's own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import zmq
import zmq.asyncio

from tests.adapters.rathena.plugin.conftest import StartDriver

Answer = Callable[[dict[str, Any]], list[bytes]]


@asynccontextmanager
async def service(answer: Answer) -> AsyncIterator[str]:
    """A ROUTER that answers every request with the frames `answer` makes of it."""
    socket = zmq.asyncio.Context.instance().socket(zmq.ROUTER)
    socket.linger = 0
    port = socket.bind_to_random_port("tcp://127.0.0.1")

    async def serve() -> None:
        while True:
            *envelope, body = await socket.recv_multipart()
            document = json.loads(body)
            for request in document.get("batch", [document]):
                for frame in answer(request):
                    await socket.send_multipart([*envelope, frame])

    task = asyncio.create_task(serve())
    try:
        yield f"tcp://127.0.0.1:{port}"
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        socket.close()


def answered(request: dict[str, Any], data: Any = None, code: int = 0) -> bytes:
    told = {
        "correlation_id": request["correlation_id"],
        "success": code >= 0,
        "error_code": code,
        "data": data or {},
    }
    return json.dumps(told).encode()


def pushed(request: dict[str, Any], data: Any) -> bytes:
    return json.dumps({"message_type": "CALLBACK", **json.loads(answered(request, data))}).encode()


def silent(_: dict[str, Any]) -> list[bytes]:
    return []


async def test_a_service_that_is_away_costs_one_short_wait_and_then_nothing(
    start_driver: StartDriver,
) -> None:
    core = await start_driver("tcp://127.0.0.1:1", connect_timeout_ms=200)
    took = [(await core.do("ask", operation="get_state", npc_id="x"))["ms"] for _ in range(20)]
    assert took[0] <= 1000
    assert sum(took[1:]) <= 200
    assert (await core.do("tell", operation="event", npc_id="x"))["code"] in {0, -500}
    asked = await core.request("dialogue", "x", {"message": "Hi"})
    assert len(await core.callbacks(seconds=2)) == 1
    answer = (await core.do("check", id=asked))["answer"]
    assert (answer["status"], answer["error_code"]) == ("error", -500)


async def test_a_silent_service_costs_one_timeout_before_the_breaker_opens(start_driver: StartDriver) -> None:
    async with service(silent) as endpoint:
        core = await start_driver(endpoint, default_timeout_ms=200, query_timeout_ms=200)
        first = await core.do("ask", operation="get_state", npc_id="x")
        assert first["answer"]["error_code"] == -501
        second = await core.do("ask", operation="get_state", npc_id="x")
        told = await core.do("ask", operation="get_state", npc_id="x")
        assert told["open"]
        assert told["answer"]["error_code"] == -500
        assert second["ms"] + told["ms"] <= 1000
        assert any("circuit breaker opens" in line for _, line in core.log)


async def test_the_breaker_closes_as_soon_as_the_service_is_heard_of(start_driver: StartDriver) -> None:
    mute = True

    def answer(request: dict[str, Any]) -> list[bytes]:
        return [] if mute else [answered(request, {"service": "lorestream"})]

    async with service(answer) as endpoint:
        core = await start_driver(endpoint, query_timeout_ms=100, circuit_breaker_budget_ms=50)
        assert (await core.do("ask", operation="get_state", npc_id="x"))["open"]
        mute = False
        for _ in range(100):
            if not (await core.do("tick", for_ms=60))["open"]:
                break
        assert (await core.ask("get_state", "x"))["error_code"] == 0
        assert any("answers again" in line for _, line in core.log)


async def test_a_thoughtful_model_does_not_open_the_breaker_at_once(start_driver: StartDriver) -> None:
    async with service(silent) as endpoint:
        core = await start_driver(endpoint, llm_timeout_ms=100)
        told = await core.do("ask", operation="dialogue", npc_id="x", pace="dialogue")
        assert told["answer"]["error_code"] == -501
        assert told["answer"]["response"] == "..."
        assert not told["open"]


async def test_an_asynchronous_request_without_an_answer_times_out_and_calls_its_label(
    start_driver: StartDriver,
) -> None:
    late: list[bytes] = []

    def answer(request: dict[str, Any]) -> list[bytes]:
        late.append(
            json.dumps(
                {"message_type": "CALLBACK", **json.loads(answered(request, {"status": "complete"}))}
            ).encode()
        )
        return [answered(request, {"request_id": "req_service", "status": "pending"})]

    async with service(answer) as endpoint:
        core = await start_driver(endpoint)
        asked = await core.request("dialogue", "x", {"message": "Hi"}, timeout_ms=300)
        assert len(await core.callbacks(seconds=3)) == 1
        told = (await core.do("check", id=asked))["answer"]
        assert (told["status"], told["error_code"]) == ("timeout", -501)
        assert 300 <= told["elapsed_ms"] < 2000


async def test_an_outcome_that_comes_twice_or_late_calls_once(start_driver: StartDriver) -> None:
    def answer(request: dict[str, Any]) -> list[bytes]:
        done = pushed(request, {"status": "complete", "result": {"a": 1}})
        return [answered(request, {"request_id": "req_service"}), done, done]

    async with service(answer) as endpoint:
        core = await start_driver(endpoint)
        asked = await core.request("dialogue", "x", {"message": "Hi"})
        assert len(await core.callbacks(2, seconds=0.5)) == 1
        told = await core.do("check", id=asked)
        assert told["answer"]["a"] == told["answer"]["result"]["a"] == 1
        assert told["counters"]["late"] == 1


async def test_the_outcome_may_overtake_the_answer_that_names_the_request(start_driver: StartDriver) -> None:
    def answer(request: dict[str, Any]) -> list[bytes]:
        return [pushed(request, {"status": "complete"}), answered(request, {"request_id": "req_service"})]

    async with service(answer) as endpoint:
        core = await start_driver(endpoint)
        asked = await core.request("dialogue", "x", {"message": "Hi"})
        assert len(await core.callbacks(seconds=3)) == 1
        assert (await core.do("check", id=asked))["answer"]["status"] == "complete"


GARBAGE = [
    b"",
    b"null",
    b"[]",
    b"{",
    b"\xff\xfe\x00",
    b"[" * 200_000,
    b'{"a":' * 100_000,
    b'{"correlation_id": 5, "data": [], "error_code": "x"}',
    b'{"batch": [1, null, {"correlation_id": []}]}',
    b'{"message_type": "CALLBACK", "correlation_id": "unknown", "data": 7}',
    b'{"correlation_id": "unknown", "error_code": -200, "error_message": "\xff"}',
    json.dumps({"correlation_id": "unknown", "data": {"x": "y" * 3_000_000}}).encode(),
    b'{"correlation_id": "unknown", "error_code": 1e999}',
]


@pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
async def test_garbage_is_dropped_and_the_right_answer_still_arrives(
    start_driver: StartDriver, garbage: bytes
) -> None:
    async with service(lambda request: [garbage, answered(request, {"here": 1})]) as endpoint:
        core = await start_driver(endpoint)
        assert (await core.ask("get_state", "x"))["here"] == 1


async def test_a_code_that_comes_positive_in_a_failure_is_made_negative(start_driver: StartDriver) -> None:
    def answer(request: dict[str, Any]) -> list[bytes]:
        told = {
            "correlation_id": request["correlation_id"],
            "success": False,
            "error_code": 502,
            "error_message": "no",
        }
        return [json.dumps(told).encode()]

    async with service(answer) as endpoint:
        core = await start_driver(endpoint)
        assert (await core.ask("dialogue", "x"))["error_code"] == -502


async def test_a_huge_answer_is_cut_to_what_the_game_can_bear(start_driver: StartDriver) -> None:
    huge = {
        "response": "ä" * 100_000,
        "list": [{"text": "y" * 500}] * 3000,
        "status": "complete",
        "error_code": 0,
    }
    async with service(lambda request: [answered(request, huge)]) as endpoint:
        core = await start_driver(endpoint)
        told = await core.do("ask", operation="dialogue", npc_id="x")
        assert told["bytes"] <= 8000
        assert told["answer"]["status"] == "complete"
        assert set(told["answer"].get("response", "ä")) == {"ä"}


async def test_a_held_callback_waits_and_is_dropped_in_the_end(start_driver: StartDriver) -> None:
    def answer(request: dict[str, Any]) -> list[bytes]:
        return [pushed(request, {"status": "complete"})]

    async with service(answer) as endpoint:
        core = await start_driver(endpoint, hold_callback_ms=400)
        await core.request("dialogue", "x", {"message": "Hi"})
        await core.do("tick", for_ms=300, hold=True)
        assert len(await core.callbacks(seconds=0)) == 1
        await core.request("dialogue", "x", {"message": "Hi"})
        await core.do("tick", for_ms=800, hold=True)
        assert await core.callbacks(seconds=0) == []
        assert any("is dropped" in line for _, line in core.log)


async def test_cancelling_before_the_service_answered_cancels_there_too(start_driver: StartDriver) -> None:
    seen: list[dict[str, Any]] = []

    def answer(request: dict[str, Any]) -> list[bytes]:
        seen.append(request)
        return [answered(request, {"request_id": "req_service"})]

    async with service(answer) as endpoint:
        core = await start_driver(endpoint)
        asked = await core.request("dialogue", "x", {"message": "Hi"})
        await core.do("cancel", id=asked)
        await core.do("tick", for_ms=500)
    cancelled = [request for request in seen if request["operation"] == "cancel_request"]
    assert [request["data"] for request in cancelled] == [{"request_id": "req_service"}]


async def test_an_npc_whose_script_started_before_the_service_is_registered_once_it_is_there(
    start_driver: StartDriver,
) -> None:
    there = False
    asked: list[dict[str, Any]] = []

    def answer(request: dict[str, Any]) -> list[bytes]:
        if not there:
            return []
        asked.append(request)
        return [answered(request)]

    async with service(answer) as endpoint:
        core = await start_driver(endpoint, default_timeout_ms=100, circuit_breaker_budget_ms=50)
        profile = {"personality": "{}"}
        assert (await core.ask("register", "Merchant_John", profile, pace="command"))["error_code"] == -501
        # This one is not even sent: nobody waits any more.
        assert (await core.ask("register", "Smart_Guard", profile, pace="command"))["error_code"] == -500
        await core.ask("register", "Gone_Again", profile, pace="command")
        await core.ask("unregister", "Gone_Again", pace="command")
        there = True
        for _ in range(20):
            await core.do("tick", for_ms=500)
        registered = [request for request in asked if request["operation"] == "register"]
        assert sorted(request["npc_id"] for request in registered) == ["Merchant_John", "Smart_Guard"]
        assert all(request["data"] == profile for request in registered)
        assert len([line for _, line in core.log if line.endswith("is registered")]) == 2


async def test_a_registration_is_repeated_under_its_own_id_until_it_is_confirmed(
    start_driver: StartDriver,
) -> None:
    asked: list[str] = []

    def answer(request: dict[str, Any]) -> list[bytes]:
        if request["operation"] != "register":
            return [answered(request)]
        asked.append(request["correlation_id"])
        return [answered(request, code=-501 if len(asked) < 3 else 0)]

    async with service(answer) as endpoint:
        core = await start_driver(endpoint)
        await core.ask("register", "Merchant_John", pace="command")
        for _ in range(20):
            await core.do("tick", for_ms=500)
        assert len(asked) == 3
        assert len(set(asked)) == 1


async def test_an_npc_that_waited_and_was_known_all_along_is_no_reason_for_a_warning(
    start_driver: StartDriver,
) -> None:
    there = False

    def answer(request: dict[str, Any]) -> list[bytes]:
        if not there:
            return []
        refusals = {"Merchant_John": -100, "Nobody": -101}
        return [answered(request, code=refusals.get(request.get("npc_id", ""), 0))]

    async with service(answer) as endpoint:
        core = await start_driver(endpoint, default_timeout_ms=100, circuit_breaker_budget_ms=50)
        for npc_id in ("Merchant_John", "Nobody"):
            await core.ask("register", npc_id, pace="command")
        there, before = True, len(core.log)
        for _ in range(60):
            await core.do("tick", for_ms=200)
            told = core.log[before:]
            if any("waited" in line for _, line in told) and any(level >= 2 for level, _ in told):
                break
        assert len([line for _, line in told if line.endswith("was registered there before")]) == 1
        # The other one is refused for a reason of its own: that is worth a warning.
        assert len([line for level, line in told if level >= 2]) == 1


async def test_what_is_only_told_reaches_a_service_that_is_merely_slow(start_driver: StartDriver) -> None:
    told: list[str] = []

    def answer(request: dict[str, Any]) -> list[bytes]:
        told.append(request["operation"])
        return []

    async with service(answer) as endpoint:
        core = await start_driver(endpoint, query_timeout_ms=100, circuit_breaker_budget_ms=50)
        assert (await core.do("ask", operation="get_state", npc_id="x"))["open"]
        assert (await core.do("tell", operation="event", npc_id="x"))["code"] == 0
        await core.do("tick", for_ms=200)
        assert "event" in told


async def test_an_open_breaker_is_told_once_and_not_for_every_command(start_driver: StartDriver) -> None:
    async with service(silent) as endpoint:
        core = await start_driver(endpoint, query_timeout_ms=100, circuit_breaker_budget_ms=50)
        for _ in range(50):
            await core.ask("get_state", "x")
        assert len([line for level, line in core.log if level >= 2]) == 2
