"""A running platform with a fake model behind it: real sockets, the real SDK, the real gateway."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adapters import rulebooks
from adapters.audit.replay import Slice, replay, templates
from adapters.llm import prompts
from adapters.llm.fake.server import FakeModels
from adapters.nats.bus import NatsCommandBus
from adapters.nats.connection import connect
from adapters.nats.log import JetStreamLog
from adapters.settings import LlmSettings, MindSettings, Settings
from commands.agents.purposes import PURPOSES
from commands.agents.rejudging import Court
from commands.message import CommandMessage
from events import codec
from events.commit import Actor, Commit
from events.decision import DecisionJudged, DecisionMade
from tests.adapters.rathena.conftest import BEHIND, running
from tests.adapters.rathena.game_server import GameServer

_numbers = itertools.count(1)

KEY = "sk-test-0123456789abcdefghijklmnop"

PROVIDERS = """
[fake]
id = 1
name = "Fake"
type = "local"
base_url = "{url}/v1"
key_variable = "LORE_TEST_MODEL_KEY"
model = "{model}"
enabled = true
attempts = 1
max_concurrent = 512
"""


@dataclass
class World:
    """The platform, its game server, its models and its log."""

    settings: Settings
    server: GameServer
    models: FakeModels
    log: JetStreamLog
    http: str = ""

    async def commits(self, category: str) -> list[Commit]:
        """Every commit of a category, in order."""
        found = []
        async for page in self.log.read_all():
            for message in page:
                commit = codec.decode(message.body)
                if commit.category == category:
                    found.append(commit)
        return found

    async def decisions(self) -> list[DecisionMade]:
        return [
            event
            for commit in await self.commits("decision")
            for event in commit.events
            if isinstance(event, DecisionMade)
        ]

    async def judged(self) -> list[DecisionJudged]:
        return [
            event
            for commit in await self.commits("decision")
            for event in commit.events
            if isinstance(event, DecisionJudged)
        ]

    async def until(self, true: Callable[[], Awaitable[Any]], *, seconds: float = 15) -> Any:
        """The first value that counts as true."""
        async with asyncio.timeout(seconds):
            while True:
                found = await true()
                if found:
                    return found
                await asyncio.sleep(0.02)

    async def switch(self, category: str, name: str, *, on: bool) -> None:
        """Switch a provider or an agent on or off, as an operator does."""
        client = await connect(self.settings, name="operator")
        command = CommandMessage(
            id=f"operator/{next(_numbers)}",
            name=f"{category}.set_status",
            stream=f"{category}/{name}",
            args={"enabled": on},
            actor=Actor("operator", "test"),
            correlation_id="operator",
        )
        reply = await NatsCommandBus(client, self.settings.realm).send(command, timeout=5)
        assert reply.success, reply
        await client.close()

    async def ask(self, message: str, npc_id: str = "John", **more: Any) -> Any:
        """Say something to an NPC; the `data` of its answer."""
        actor = more.pop("actor", {"char_id": 150001, "name": "Alice"})
        answer = await self.server.ask(
            "dialogue", npc_id, {"player_message": message, **more}, actor=actor, timeout_ms=8000
        )
        assert answer["success"], answer
        return answer["data"] | {"code": answer.get("error_code", answer["data"].get("error_code"))}


@pytest.fixture
async def models() -> AsyncIterator[FakeModels]:
    async with FakeModels() as models:
        yield models


def with_models(settings: Settings, models: FakeModels, directory: Path, model: str = "fake-1") -> Settings:
    """Settings whose only provider is the fake one."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "providers.toml").write_text(PROVIDERS.format(url=models.url, model=model), "utf-8")
    return settings.model_copy(
        update={"llm": LlmSettings(directory=directory), "mind": MindSettings(gossip=False)}
    )


@pytest.fixture
async def world(
    settings: Settings,
    models: FakeModels,
    log: JetStreamLog,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[World]:
    monkeypatch.setenv("LORE_TEST_MODEL_KEY", KEY)
    settings = with_models(settings, models, tmp_path / "llm")
    async with running(settings, *BEHIND, "gateway") as endpoints, GameServer(endpoints["zmq"]) as server:
        yield World(settings, server, models, log, endpoints["http"])
    # Whatever a test did with a model: the log is what follows from its records.
    assert await unproved(log) == []


async def unproved(log: JetStreamLog) -> list[Any]:
    """What a replay of everything the test did finds wrong with the log."""
    book = prompts.load()
    known = templates(one for versions in book.templates.values() for one in versions.values())
    found = await replay(log, PURPOSES, Court(rulebooks.load()), Slice(), template=known)
    return [*found.differences, *found.unreadable]
