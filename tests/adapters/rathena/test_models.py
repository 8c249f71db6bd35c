"""Providers and agents of language models over the wire: seen by everybody, switched by the game server alone."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from adapters.settings import Settings
from commands.codes import Code
from tests.adapters.rathena.conftest import BEHIND, Platform, running
from tests.adapters.rathena.game_server import PLAYER, GameServer


async def test_a_provider_is_found_by_number_and_by_name_and_shows_no_secret(
    map_server: GameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    for which in (1, "1", "openai", "OpenAI"):
        answer = await map_server.ask("ai_get_provider", data={"provider_id": which})
        assert answer["success"], answer
        seen = {name: answer["data"][name] for name in ("provider_id", "name", "type", "status", "priority")}
        assert seen == {"provider_id": 1, "name": "openai", "type": "openai", "status": 0, "priority": 1}
        assert "sk-very-secret" not in str(answer)


async def test_what_is_unknown_has_the_number_zero(map_server: GameServer) -> None:
    provider = await map_server.ask("get_provider", data={"provider_id": 999})
    assert (provider["error_code"], provider["data"]["provider_id"]) == (0, 0)
    agent = await map_server.ask("get_agent", data={"agent_id": "nobody"})
    assert (agent["error_code"], agent["data"]["agent_id"]) == (0, 0)


async def test_the_game_server_switches_a_provider_and_reads_it_back(map_server: GameServer) -> None:
    for status in (1, 0, 0):
        switched = await map_server.ask("ai_set_provider_status", data={"provider_id": 5, "status": status})
        assert (switched["error_code"], switched["data"]["success"]) == (0, 1)
        seen = await map_server.ask("get_provider", data={"provider_id": 5})
        assert (seen["data"]["name"], seen["data"]["status"]) == ("fake", status)


async def test_the_game_server_switches_an_agent_and_reads_it_back(map_server: GameServer) -> None:
    agent = await map_server.ask("ai_get_agent", data={"agent_id": 4})
    assert (agent["data"]["name"], agent["data"]["status"]) == ("world_evolution", 1)
    switched = await map_server.ask("set_agent_status", data={"agent_id": "world_evolution", "status": "0"})
    assert (switched["data"]["success"], switched["data"]["agent_id"]) == (1, 4)
    agents = (await map_server.ask("list_agents"))["data"]["agents"]
    assert {row["name"]: row["status"] for row in agents}["world_evolution"] == 0


@pytest.mark.parametrize("operation", ["set_provider_status", "set_agent_status"])
@pytest.mark.parametrize(
    ("data", "envelope"),
    [
        ({}, {"actor": PLAYER}),
        ({"player_id": "150000"}, {}),
        ({}, {"source": {}}),
    ],
)
async def test_neither_a_player_nor_a_stranger_may_switch(
    map_server: GameServer, operation: str, data: dict[str, Any], envelope: dict[str, Any]
) -> None:
    both = {"provider_id": 1, "agent_id": 1, "status": 1, **data}
    answer = await map_server.ask(operation, data=both, **envelope)
    assert (answer["error_code"], answer["data"]["success"]) == (Code.AUTHENTICATION_FAILED, 0)
    assert (await map_server.ask("get_provider", data={"provider_id": 1}))["data"]["status"] == 0
    assert (await map_server.ask("get_agent", data={"agent_id": 1}))["data"]["status"] == 1


@pytest.mark.parametrize(
    ("data", "code", "field"),
    [
        ({"provider_id": 77, "status": 1}, Code.INVALID_PARAMETER, "data.provider_id"),
        ({"provider_id": 1, "status": 2}, Code.PARAMETER_OUT_OF_RANGE, "data.status"),
        ({"provider_id": 1, "status": "on"}, Code.INVALID_PARAMETER, "data.status"),
        ({"provider_id": 1}, Code.MISSING_REQUIRED_FIELD, "data.status"),
        ({"status": 1}, Code.MISSING_REQUIRED_FIELD, "data.provider_id"),
    ],
)
async def test_a_wrong_switch_is_refused_naming_the_field(
    map_server: GameServer, data: dict[str, Any], code: Code, field: str
) -> None:
    answer = await map_server.ask("set_provider_status", data=data)
    assert (answer["error_code"], answer["field"], answer["data"]["success"]) == (code, field, 0)


async def test_over_http_everybody_may_look_but_only_the_key_switches(platform: Platform) -> None:
    async with httpx.AsyncClient(base_url=platform.http) as web:
        found = (await web.get("/api/providers")).json()
        assert [row["name"] for row in found["providers"]][:2] == ["openai", "azure"]
        assert "npc_intelligence" in {row["name"] for row in (await web.get("/api/agents")).json()["agents"]}
        refused = await web.post("/api/npc/set_provider_status", json={"provider_id": 1, "status": 1})
        assert (refused.status_code, refused.json()["error_code"]) == (403, Code.AUTHENTICATION_FAILED)


async def test_whoever_holds_the_key_of_the_mirror_may_switch(settings: Settings) -> None:
    locked = settings.model_copy(
        update={"http": settings.http.model_copy(update={"api_key": SecretStr("let-me-in")})}
    )
    async with running(locked, *BEHIND, "gateway") as endpoints:
        headers = {"X-API-Key": "let-me-in"}
        async with httpx.AsyncClient(base_url=endpoints["http"], headers=headers) as web:
            wanted = {"provider_id": "fake", "status": 1}
            done = await web.post("/api/npc/set_provider_status", json=wanted)
            assert (done.status_code, done.json()["success"]) == (200, 1)
            player = await web.post("/api/npc/set_provider_status", json={**wanted, "player_id": "150000"})
            assert player.status_code == 403
