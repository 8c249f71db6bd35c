"""A running platform with a campaign on it, its game master, and a fake model behind it where asked for."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.llm.fake.server import FakeModels
from adapters.nats.bus import NatsCommandBus
from adapters.nats.connection import connect
from adapters.nats.log import JetStreamLog
from adapters.settings import Settings
from commands.message import CommandMessage
from events import codec
from events.commit import Actor, Commit
from events.decision import DecisionMade
from tests.adapters.agents.conftest import KEY, models, unproved, with_models
from tests.adapters.http.people import People, Person, people
from tests.adapters.rathena.conftest import BEHIND, running

__all__ = ["models"]

_numbers = itertools.count(1)


@dataclass
class Table:
    """A campaign at which people sit. `master` owns it, `cogm`, `player` and `observer` belong to it, `stranger` leads
    campaigns of his own."""

    settings: Settings
    log: JetStreamLog
    models: FakeModels
    people: People
    bus: NatsCommandBus
    master: Person
    player: Person
    stranger: Person
    campaign_id: str = "0199b6c2f1a47c3e9d5b8a7760e4d2c0"

    async def command(self, name: str, stream: str, args: dict[str, Any], by: Person | None = None) -> int:
        """A command of somebody's (the master's); the position it took."""
        who = by or self.master
        message = CommandMessage(
            id=f"test/{next(_numbers)}",
            name=name,
            stream=stream,
            args=args,
            actor=Actor("account", who.account_id, details={"name": who.name}),
            correlation_id="test",
        )
        reply = await self.bus.send(message, timeout=5)
        assert reply.success, reply
        return reply.position or 0

    async def element(self, element_id: str, kind: str, **fields: Any) -> int:
        args = {"campaign_id": self.campaign_id, "kind": kind, "fields": fields}
        return await self.command("element.create", f"element/{element_id}", args)

    async def propose(self, kind: str = "npc", by: Person | None = None, **wish: Any) -> dict[str, Any]:
        answer = await self.ask_for(kind, by, **wish)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def ask_for(self, kind: str, by: Person | None = None, **wish: Any) -> httpx.Response:
        headers = wish.pop("headers", {})
        body = {"campaign_id": self.campaign_id, **wish}
        return await (by or self.master).post(f"/api/generate/{kind}", body, headers=headers)

    async def all(self) -> list[Commit]:
        return [codec.decode(message.body) async for page in self.log.read_all() for message in page]

    async def commits(self, category: str) -> list[Commit]:
        return [commit for commit in await self.all() if commit.category == category]

    async def switch_models_off(self) -> None:
        """As an operator does; until the agents have heard of it, so that nobody is asked any more."""
        stream, message_id = "agent/game_master", f"operator/{next(_numbers)}"
        actor = Actor("operator", "test")
        args = {"enabled": False}
        message = CommandMessage(message_id, "agent.set_status", stream, args, actor, "operator")
        assert (await self.bus.send(message, timeout=5)).success
        await asyncio.sleep(0.3)

    async def decisions(self) -> list[DecisionMade]:
        return [
            event
            for commit in await self.commits("decision")
            for event in commit.events
            if isinstance(event, DecisionMade)
        ]


@pytest.fixture
async def table(
    settings: Settings, models: FakeModels, log: JetStreamLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Table]:
    monkeypatch.setenv("LORE_TEST_MODEL_KEY", KEY)
    settings = with_models(settings, models, tmp_path / "llm")
    with (tmp_path / "llm/providers.toml").open("a", encoding="utf-8") as providers:
        providers.write("max_tokens = 4096\n")
    async with _laid(settings, models, log, BEHIND) as found:
        yield found
    # Whatever a test did with a model: the log is what follows from its records.
    assert await unproved(log) == []


@pytest.fixture
async def alone(settings: Settings, models: FakeModels, log: JetStreamLog) -> AsyncIterator[Table]:
    """A table without agents: what they would do, the test does."""
    async with _laid(settings, models, log, tuple(role for role in BEHIND if role != "agents")) as found:
        yield found


@asynccontextmanager
async def _laid(
    settings: Settings, models: FakeModels, log: JetStreamLog, roles: tuple[str, ...]
) -> AsyncIterator[Table]:
    async with running(settings, *roles, "gateway") as endpoints:
        client = await connect(settings, name="test table")
        bus = NatsCommandBus(client, settings.realm)
        async with people(settings, endpoints["http"]) as them:
            master, stranger = await them.make("gamemaster"), await them.make("gamemaster")
            player = await them.make("player")
            found = Table(settings, log, models, them, bus, master, player, stranger)
            stream = f"campaign/{found.campaign_id}"
            await found.command("campaign.create", stream, {"name": "The Drowned Crown", "level": 3})
            joined = await found.command(
                "campaign.add_member", stream, {"account_id": player.account_id, "role": "player"}
            )
            master.web.headers["X-At-Least"] = player.web.headers["X-At-Least"] = str(joined)
            yield found
        await client.close()
