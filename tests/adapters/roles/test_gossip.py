"""Gossip on the running platform: told, remembered, told on, and never by those who cannot know."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from adapters.nats.log import JetStreamLog
from adapters.settings import MindSettings, Settings
from events.npc import NpcSpoke
from tests.adapters.rathena.conftest import BEHIND, Platform, running
from tests.adapters.rathena.game_server import GameServer

EVERYBODY = {"Ann": (100, 100), "Carl": (120, 100), "Dora": (140, 100), "Emil": (300, 300)}


@asynccontextmanager
async def playing(settings: Settings) -> AsyncIterator[GameServer]:
    async with (
        running(settings, *BEHIND, "gateway") as endpoints,
        Platform(settings, endpoints["zmq"], endpoints["http"]).game_server() as server,
    ):
        yield server


@pytest.fixture
async def town(settings: Settings) -> AsyncIterator[GameServer]:
    async with playing(settings) as server:
        yield server


async def settle(server: GameServer) -> None:
    for npc_id, (x, y) in EVERYBODY.items():
        answer = await server.ask("register", npc_id, {"map": "prontera", "x": x, "y": y})
        assert answer["success"], answer
        await memories(server, npc_id)


async def memories(server: GameServer, npc_id: str, **data: Any) -> list[dict[str, Any]]:
    answer = await server.ask("get_memory", npc_id, data or {"memory_type": "recent"})
    assert answer["success"], answer
    found: list[dict[str, Any]] = answer["data"]["memories"]
    return found


async def until_told(server: GameServer, npc_id: str) -> list[dict[str, Any]]:
    async with asyncio.timeout(15):
        while not (found := await memories(server, npc_id)):  # noqa: ASYNC110 (another process's progress)
            await asyncio.sleep(0.05)
    return found


async def test_a_murder_is_told_and_told_on_with_its_tellers(town: GameServer) -> None:
    await settle(town)
    murder = {"event_type": "killed", "event_data": {"player_id": "Bob", "weapon": "axe"}}
    assert (await town.ask("event", "Ann", murder))["success"]

    (lived,) = await memories(town, "Ann")
    (told,) = await until_told(town, "Carl")
    assert told["content"].startswith("Ann told me: Bob killed Ann")
    assert (told["source"], told["told_by"], told["origin"]) == ("hearsay", ["Ann"], [lived["position"], 0])
    (retold,) = await until_told(town, "Dora")
    assert retold["told_by"] == ["Ann", "Carl"]
    assert 0 < retold["reliability"] < told["reliability"] < 1
    # Too far away to meet anybody: it does not know.
    assert await memories(town, "Emil") == []
    question = {"memory_type": "search", "filters": {"query": "who was killed with an axe?"}}
    assert [one["position"] for one in await memories(town, "Dora", **question)] == [retold["position"]]

    feeling = await town.ask("get_relationship", "Dora", {"target_id": "Bob"})
    assert feeling["data"]["affection"] <= 50


async def test_what_a_player_asks_about_is_looked_up_and_the_answer_names_the_memory(
    town: GameServer, log: JetStreamLog
) -> None:
    await settle(town)
    for noise in range(12):
        seen = {"event_type": "saw_player", "event_data": {"player_id": "7", "hat": f"{noise}"}}
        await town.ask("event", "Ann", seen)
    stolen = {"event_type": "stole", "event_data": {"player_id": "Bob", "item": "the silver chalice"}}
    await town.ask("event", "Ann", stolen)
    (theft,) = await memories(town, "Ann", memory_type="about_event", filters={"event_type": "stole"})
    for _ in range(12):
        await town.ask("event", "Ann", {"event_type": "saw_player", "event_data": {"player_id": "7"}})
    question = {"player_id": "7", "player_message": "What do you know about the silver chalice?"}
    assert (await town.ask("dialogue", "Ann", question))["success"]

    async def spoken() -> NpcSpoke | None:
        commits = [recorded.commit async for recorded in log.read("npc/Ann")]
        return next((e for c in commits for e in c.events if isinstance(e, NpcSpoke)), None)

    async with asyncio.timeout(10):
        while (said := await spoken()) is None:  # noqa: ASYNC110 (another process's progress)
            await asyncio.sleep(0.05)
    assert theft["position"] in said.memories
    assert "chalice" in said.response


async def test_gossip_can_be_switched_off(settings: Settings) -> None:
    quiet = settings.model_copy(update={"mind": MindSettings(gossip=False)})
    async with playing(quiet) as server:
        await settle(server)
        murder = {"event_type": "killed", "event_data": {"player_id": "Bob"}}
        assert (await server.ask("event", "Ann", murder))["success"]
        assert len(await memories(server, "Ann")) == 1
        await asyncio.sleep(0.5)
        assert await memories(server, "Carl") == []
