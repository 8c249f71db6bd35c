"""Agents that are killed or told to end while a model answers: one outcome, whoever finishes."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.llm.fake.server import FakeModels
from adapters.nats.log import JetStreamLog
from adapters.settings import Settings
from tests.adapters.agents.conftest import KEY, World, with_models
from tests.adapters.cli import program
from tests.adapters.cli.conftest import flags_of, secrets_of
from tests.adapters.rathena.conftest import running
from tests.adapters.rathena.game_server import GameServer

QUESTION = "Could you perhaps tell me something concerning pelts?"
Start = Callable[[], Awaitable[asyncio.subprocess.Process]]


@pytest.fixture
async def stage(
    settings: Settings, models: FakeModels, log: JetStreamLog, tmp_path: Path
) -> AsyncIterator[World]:
    """A platform without agents, and John."""
    settings = with_models(settings, models, tmp_path / "llm")
    assert settings.llm.directory is not None
    # Patient agents: on a busy machine a model that takes a second and a half may seem to take three.
    shipped = (program.ROOT / "conf" / "agents.toml").read_text("utf-8")
    patient = shipped.replace("response_timeout = 3000", "response_timeout = 30000")
    (settings.llm.directory / "agents.toml").write_text(patient, "utf-8")
    async with (
        running(settings, "projector", "commands", "gateway") as endpoints,
        GameServer(endpoints["zmq"]) as server,
    ):
        assert (await server.ask("register", "John"))["success"]
        yield World(settings, server, models, log)


@pytest.fixture
async def agents(stage: World, tmp_path: Path) -> AsyncIterator[Start]:
    """Starts processes of the role `agents`; whatever still runs at the end is killed."""
    started: list[asyncio.subprocess.Process] = []

    async def start() -> asyncio.subprocess.Process:
        env = secrets_of(stage.settings) | {
            "LORESTREAM_LLM_DIRECTORY": str(stage.settings.llm.directory),
            "LORE_TEST_MODEL_KEY": KEY,
        }
        process = await program.start(
            "serve", "agents", "--json", *flags_of(stage.settings), cwd=tmp_path, env=env
        )
        started.append(process)
        assert process.stdout is not None
        async with asyncio.timeout(30):
            assert json.loads(await process.stdout.readline())["role"] == "agents"
        return process

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def opened(world: World) -> str:
    """A request whose model call is under way."""
    data = {"operation": "dialogue", "data": {"player_message": QUESTION}}
    answer = await world.server.ask(
        "request_async", "John", data, actor={"char_id": 150001}, timeout_ms=60_000
    )
    await world.until(lambda: _asked(world))
    return str(answer["data"]["request_id"])


async def _asked(world: World) -> bool:
    return world.models.in_flight > 0


async def outcome(world: World, request_id: str) -> Any:
    """How it ended, the only outcome there is, and the only answer the NPC remembers."""
    data = await world.until(lambda: _ended(world, request_id), seconds=40)
    spoke = await world.until(lambda: _spoken(world))
    requests = [commit for commit in await world.commits("request") if commit.entity == request_id]
    assert [commit.command.name for commit in requests] == ["request.open", "request.complete"]
    assert [event.response for event in spoke] == [data["response"]]
    assert len(await world.decisions()) == 1
    return data


async def _ended(world: World, request_id: str) -> Any:
    data = (await world.server.ask("check_result", None, {"request_id": request_id}))["data"]
    return None if data["status"] == "pending" else data


async def _spoken(world: World) -> list[Any]:
    commits = await world.commits("npc")
    return [event for commit in commits for event in commit.events if event.type == "npc.spoke"]


async def test_a_killed_agents_request_is_taken_up_and_ends_once(stage: World, agents: Start) -> None:
    stage.models.behave("fake-slow-1500")
    first = await agents()
    request_id = await opened(stage)
    first.kill()
    await agents()
    data = await outcome(stage, request_id)
    assert (data["status"], data["method"]) == ("complete", "llm")
    assert len(stage.models.requests) == 2


async def test_an_agent_that_is_told_to_end_waits_for_the_model(stage: World, agents: Start) -> None:
    stage.models.behave("fake-slow-1500")
    process = await agents()
    request_id = await opened(stage)
    process.send_signal(signal.SIGTERM)
    data = await outcome(stage, request_id)
    assert (data["status"], data["method"]) == ("complete", "llm")
    assert await asyncio.wait_for(process.wait(), 20) == 0
    assert len(stage.models.requests) == 1
