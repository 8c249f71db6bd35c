"""Bloodlines, syntheses and the state of the world over a real socket, on a real platform."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.adapters.rathena.conftest import Platform
from tests.adapters.rathena.game_server import PLAYER, GameServer

ARIA = PLAYER["char_id"]


async def test_a_bloodline_is_unlocked_grows_and_is_told_at_once(map_server: GameServer) -> None:
    level = await map_server.ask("ai_get_bloodline_level", None, {"char_id": ARIA, "bloodline_id": 1})
    assert (level["data"]["level"], level["error_code"]) == (0, 0)
    unlocked = await map_server.ask("ai_unlock_bloodline", None, {"char_id": ARIA, "bloodline_id": 1})
    assert (unlocked["success"], unlocked["data"]["level"]) == (True, 1)
    gained = await map_server.ask(
        "ai_add_bloodline_exp", None, {"char_id": f"{ARIA}", "bloodline_id": "1", "exp": "600"}
    )
    assert (gained["data"]["level"], gained["data"]["exp"], gained["data"]["max_exp"]) == (3, 100, 450)
    level = await map_server.ask("ai_get_bloodline_level", None, {"char_id": ARIA, "bloodline_id": 1})
    assert level["data"] == {
        "char_id": ARIA,
        "bloodline_id": 1,
        "level": 3,
        "exp": 100,
        "max_exp": 450,
        "total_exp": 600,
        "error_code": 0,
    }
    (listed,) = (await map_server.ask("ai_get_bloodlines", None, {"char_id": ARIA}))["data"]["bloodlines"]
    assert (listed["name"], listed["status"]) == ("Dragon's Blood", "awake")
    assert listed["skills"] == [{"skill_id": 5001, "skill_level": 2}]


async def test_a_trusted_actor_needs_no_char_id_and_a_claimed_one_does_not_count(
    map_server: GameServer,
) -> None:
    unlocked = await map_server.ask("unlock_bloodline", None, {"bloodline_id": 2}, actor=PLAYER)
    assert unlocked["success"], unlocked
    listed = await map_server.ask("get_bloodlines", None, {}, actor=PLAYER)
    assert listed["data"]["char_id"] == ARIA
    claimed = await map_server.ask("unlock_bloodline", None, {"bloodline_id": 3, "player_id": f"{ARIA}"})
    assert (claimed["error_code"], claimed["field"]) == (-104, "data.char_id")
    account = {"account_id": 2000001, "name": "Aria"}
    nobody = await map_server.ask("unlock_bloodline", None, {"bloodline_id": 3}, actor=account)
    assert (nobody["error_code"], nobody["field"]) == (-104, "data.char_id")


async def test_a_retry_gives_experience_once(map_server: GameServer) -> None:
    await map_server.ask("unlock_bloodline", None, {"char_id": ARIA, "bloodline_id": 1})
    request = map_server.request("add_bloodline_exp", None, {"char_id": ARIA, "bloodline_id": 1, "exp": 50})
    answers = []
    for _ in range(3):
        await map_server.send(request)
        answers.append(await map_server.receive())
    assert {answer["position"] for answer in answers} == {answers[0]["position"]}
    level = await map_server.ask("get_bloodline_level", None, {"char_id": ARIA, "bloodline_id": 1})
    assert level["data"]["total_exp"] == 50


async def test_experience_given_at_once_from_two_servers_all_counts(platform: Platform) -> None:
    async with platform.game_server() as one, platform.game_server(server="map-2") as other:
        await one.ask("unlock_bloodline", None, {"char_id": ARIA, "bloodline_id": 1})
        gift = {"char_id": ARIA, "bloodline_id": 1, "exp": 10}

        async def give(server: GameServer) -> None:
            for _ in range(10):
                assert (await server.ask("add_bloodline_exp", None, gift))["success"]

        await asyncio.gather(give(one), give(other))
        last = (await one.ask("add_bloodline_exp", None, gift))["position"]
        level = await one.ask(
            "get_bloodline_level", None, {"char_id": ARIA, "bloodline_id": 1}, at_least=last
        )
        assert level["data"]["total_exp"] == 210


async def test_two_classes_are_joined_by_a_synthesis(map_server: GameServer) -> None:
    unlocked = await map_server.ask(
        "ai_unlock_synthesis", None, {"char_id": ARIA, "class1_id": 2, "class2_id": 1}
    )
    assert (unlocked["success"], unlocked["data"]["synthesis_id"]) == (True, 1)
    await map_server.ask("ai_add_synthesis_exp", None, {"char_id": ARIA, "synthesis_id": 1, "exp": 150})
    level = await map_server.ask("ai_get_synthesis_level", None, {"char_id": ARIA, "synthesis_id": 1})
    assert level["data"]["level"] == 2
    (listed,) = (await map_server.ask("ai_get_syntheses", None, {"char_id": ARIA}))["data"]["syntheses"]
    assert (listed["name"], listed["class1_id"], listed["class2_id"]) == ("Spellblade", 1, 2)


@pytest.mark.parametrize(
    ("operation", "data", "code", "field"),
    [
        ("unlock_bloodline", {"char_id": ARIA}, -104, "data.bloodline_id"),
        ("unlock_bloodline", {"bloodline_id": 1}, -104, "data.char_id"),
        ("unlock_bloodline", {"char_id": 0, "bloodline_id": 1}, -105, "data.char_id"),
        ("unlock_bloodline", {"char_id": 2**31, "bloodline_id": 1}, -105, "data.char_id"),
        ("unlock_bloodline", {"char_id": "Aria", "bloodline_id": 1}, -101, "data.char_id"),
        ("unlock_bloodline", {"char_id": ARIA, "bloodline_id": "dragon"}, -101, "data.bloodline_id"),
        ("unlock_bloodline", {"char_id": ARIA, "bloodline_id": 99}, -101, "bloodline_id"),
        ("unlock_bloodline", {"char_id": ARIA, "bloodline_id": 4}, -202, "bloodline_id"),
        ("unlock_bloodline", {"char_id": ARIA, "bloodline_id": 10**17}, -105, "bloodline_id"),
        ("add_bloodline_exp", {"char_id": ARIA, "bloodline_id": 1, "exp": 5}, -203, "bloodline_id"),
        ("add_bloodline_exp", {"char_id": ARIA, "bloodline_id": 1, "exp": 0}, -105, "exp"),
        ("add_bloodline_exp", {"char_id": ARIA, "bloodline_id": 1, "exp": 100_001}, -105, "exp"),
        ("add_bloodline_exp", {"char_id": ARIA, "bloodline_id": 1, "exp": 1.5}, -101, "data.exp"),
        ("get_bloodline_level", {"char_id": ARIA, "bloodline_id": 99}, -101, "bloodline_id"),
        ("unlock_synthesis", {"char_id": ARIA, "class1_id": 1, "class2_id": 1}, -101, "class2_id"),
        ("unlock_synthesis", {"char_id": ARIA, "class1_id": -1, "class2_id": 1}, -105, "class1_id"),
        ("get_world_state", {"events": 51}, -105, "data.events"),
        ("get_world_state", {"map": "x" * 129}, -101, "data.map"),
    ],
)
async def test_bad_input_names_the_field_and_changes_nothing(
    map_server: GameServer, operation: str, data: dict[str, Any], code: int, field: str
) -> None:
    answer = await map_server.ask(operation, None, data)
    assert (answer["error_code"], answer["field"]) == (code, field), answer
    assert answer["error_message"]
    known = await map_server.ask("get_bloodlines", None, {"char_id": ARIA})
    assert known["data"]["bloodlines"] == []


async def test_legends_are_read_over_http_but_changed_over_the_game_servers_socket_only(
    platform: Platform,
) -> None:
    async with httpx.AsyncClient(base_url=platform.http) as client:
        changed = await client.post(
            "/api/npc/unlock_bloodline", json={"char_id": ARIA, "bloodline_id": 1, "correlation_id": "h1"}
        )
        told = await client.post("/api/npc/get_bloodlines", json={"char_id": ARIA, "correlation_id": "h2"})
    assert changed.json()["error_code"] == -504
    assert told.json()["bloodlines"] == []


async def test_the_state_of_a_world_without_events_has_a_season(map_server: GameServer) -> None:
    state = (await map_server.ask("ai_get_world_state", None, {"map": "prontera"}))["data"]
    assert state["season"]
    assert (state["weather"], state["festivals"], state["events"]) == ([], [], [])
