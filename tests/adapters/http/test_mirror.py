"""The HTTP mirror on a real platform: the same handlers, the older scripts' bodies, keys and limits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from adapters.http.mirror import to_answer, to_request
from adapters.settings import HttpSettings, Settings
from tests.adapters.rathena.conftest import Platform, running
from tests.adapters.rathena.game_server import PLAYER, GameServer


@pytest.fixture
async def web(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=platform.http, timeout=15) as client:
        yield client


async def post(web: httpx.AsyncClient, operation: str, **body: Any) -> httpx.Response:
    return await web.post(f"/api/npc/{operation}", json=body)


async def test_scripts_from_before_the_native_commands_find_the_response_on_top(
    web: httpx.AsyncClient,
) -> None:
    registered = await post(web, "register", npc_id="Merchant_John", personality={"archetype": "merchant"})
    assert registered.status_code == 200
    said = await post(
        web, "interact", npc_id="Merchant_John", player_id="150000", message="What do you sell?"
    )
    assert said.status_code == 200
    body = said.json()
    assert body["response"] == body["data"]["response"]
    assert body["error_code"] == 0


async def test_the_same_npc_is_seen_over_both_transports(
    web: httpx.AsyncClient, map_server: GameServer
) -> None:
    await map_server.ask("register", "Gate Guard/1", {"personality": {"mood": "angry"}})
    state = await web.get("/api/npc/Gate%20Guard%2F1/state")
    assert state.json()["data"]["emotion"] == "angry"
    assert state.json()["emotion"] == "angry"
    typed = await post(
        web, "interact", npc_id="Gate Guard/1", player_id="5", interaction_type="talk", data={"message": "Hi"}
    )
    assert typed.json()["reaction"]


async def test_the_database_bridge_finds_its_words(web: httpx.AsyncClient) -> None:
    await post(web, "register", npc_id="Gate/1", personality={"archetype": "guard"})
    path = "/api/v1/npc/Gate%2F1"
    asked = {"npc_name": "Gate", "player_message": "Hello!", "player_id": 150000, "player_name": "Aria"}
    said = (await web.post(f"{path}/dialogue", json=asked)).json()
    assert said["response"] == said["message"] == said["data"]["response"]
    assert (said["model"], said["tokens_used"], said["menu_options"]) == ("template", 0, [])
    assert said["actions"] == [said["data"]["action"]]

    chosen = {"context": {"time": "noon"}, "available_actions": ["idle", "rest"]}
    decided = (await web.post(f"{path}/decide", json=chosen)).json()
    assert decided["action"] in {"idle", "rest"}
    assert 0 < decided["confidence"] <= 1
    assert decided["reasoning"]

    struck = {"trigger_event": "attacked", "context": {"attacker": "Borin", "damage": 50}}
    felt = (await web.post(f"{path}/emotion", json=struck)).json()
    assert felt["emotion"] in {"angry", "afraid"}
    assert felt["intensity"] > 0
    assert felt["expression"]
    assert felt["duration_seconds"] > 0
    for verb in ("dialogue", "decide", "emotion"):
        missing = await web.post(f"/api/v1/npc/Nobody/{verb}", json={"player_message": "Hello"})
        assert (missing.status_code, missing.json()["error_code"]) == (404, -200)
        broken = await web.post(f"{path}/{verb}", content=b"{")
        assert (broken.status_code, broken.json()["error_code"]) == (400, -102)


async def test_asynchronous_requests_can_be_polled(web: httpx.AsyncClient) -> None:
    await post(web, "register", npc_id="John")
    opened = await post(
        web, "request_async", npc_id="John", type="dialogue", data={"player_message": "Hello"}
    )
    request_id = opened.json()["request_id"]
    for _ in range(100):
        result = (await web.get(f"/api/requests/{request_id}")).json()
        if result["data"]["status"] != "pending":
            break
    assert result["data"]["status"] == "complete"
    assert result["response"]


async def test_an_identity_over_http_is_only_a_claim(
    platform: Platform, web: httpx.AsyncClient, log: Any
) -> None:
    await post(web, "register", npc_id="John")
    await post(web, "interact", npc_id="John", interaction_type="talk", actor=PLAYER, player_id="999")
    actors = [recorded.commit.actor async for recorded in log.read("npc/John")]
    assert (actors[-1].kind, actors[-1].id, actors[-1].trusted) == ("player", "150000", False)


@pytest.mark.parametrize(
    ("operation", "body", "status", "code"),
    [
        ("get_state", {"npc_id": "Nobody"}, 404, -200),
        ("get_state", {}, 400, -104),
        ("get_state", {"npc_id": "\u0001"}, 400, -103),
        ("fly", {"npc_id": "John"}, 400, -101),
        ("movement", {"npc_id": "Nobody", "action": "move", "target_x": 1, "target_y": 2}, 404, -200),
    ],
)
async def test_failures_have_a_status_a_code_and_a_detail(
    web: httpx.AsyncClient, operation: str, body: dict[str, Any], status: int, code: int
) -> None:
    answer = await post(web, operation, **body)
    assert answer.status_code == status
    assert answer.json()["error_code"] == code
    assert answer.json()["detail"]


async def test_bodies_that_are_no_json_or_too_large_are_refused(web: httpx.AsyncClient) -> None:
    broken = await web.post("/api/npc/ping", content=b"{")
    assert (broken.status_code, broken.json()["error_code"]) == (400, -102)
    huge = await web.post("/api/npc/ping", content=b"x" * (10 * 1024 * 1024 + 1))
    assert huge.status_code == 413

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(12):
            yield b"x" * 1024 * 1024

    assert (await web.post("/api/npc/ping", content=endless())).status_code == 413
    nowhere = await web.get("/nowhere")
    assert (nowhere.status_code, nowhere.headers["content-type"]) == (404, "application/problem+json")
    assert "nothing at this address" in nowhere.json()["detail"]


async def test_health_status_and_documentation_are_there(
    web: httpx.AsyncClient, operator: httpx.AsyncClient
) -> None:
    await post(web, "ping")
    health = (await web.get("/health")).json()
    assert health["status"] == "ok"
    assert set(health["parts"]) == {"zmq", "nats", "log", "database"}
    assert health["lag"]
    status = (await operator.get("/api/status")).json()
    assert status["operations"]["ping"] == 1
    assert "/api/npc/{operation}" in (await web.get("/openapi.json")).json()["paths"]


async def test_a_key_is_asked_for_where_one_is_set(settings: Settings) -> None:
    locked = settings.model_copy(update={"http": HttpSettings(port=0, api_key=SecretStr("geheim"))})
    async with running(locked, "gateway") as endpoints, httpx.AsyncClient(base_url=endpoints["http"]) as web:
        assert (await post(web, "ping")).status_code == 401
        assert (await web.post("/api/npc/ping", headers={"X-API-Key": "wrong"})).status_code == 403
        assert (await web.post("/api/npc/ping", headers={"X-API-Key": "geheim"})).status_code == 200
        assert (await web.get("/health/live")).status_code == 200


def test_flat_bodies_become_requests_of_the_contract() -> None:
    request = to_request(
        "ai_npc_interact", {"npc_id": "J", "player_id": "1", "message": "Hi", "timeout_ms": 9}
    )
    assert request.pop("correlation_id").startswith("http-")
    assert request == {
        "npc_id": "J",
        "timeout_ms": 9,
        "operation": "dialogue",
        "data": {"player_id": "1", "message": "Hi"},
    }


def test_targets_are_repeated_the_way_older_scripts_read_them() -> None:
    response = {"success": True, "error_code": 0, "data": {"action": "move", "target": {"x": 1, "y": 2}}}
    status, body = to_answer(response)
    assert (status, body["target_x"], body["target_y"], body["action"]) == (200, 1, 2, "move")
    walk = {"success": True, "error_code": 0, "data": {"path": [], "valid": False, "cost": 0}}
    assert to_answer(walk)[1]["approved"] is False
