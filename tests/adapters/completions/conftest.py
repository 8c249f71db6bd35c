"""The compatible endpoint of a running platform with a fake model, called by the official SDK."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from openai import AsyncOpenAI

from adapters.completions import keys
from adapters.llm.fake.server import FakeModels
from adapters.nats.log import JetStreamLog
from adapters.settings import Settings
from adapters.sql.engine import open_database
from adapters.sql.migrate import migrate
from tests.adapters.agents.conftest import KEY, World, models, with_models
from tests.adapters.rathena.conftest import BEHIND, running
from tests.adapters.rathena.game_server import GameServer

__all__ = ["models"]


@dataclass
class Endpoint:
    """The endpoint's address, the platform behind it, and keys by profile."""

    url: str
    world: World
    keys: dict[str, str]

    def caller(self, profile: str = "default") -> AsyncOpenAI:
        """The official SDK, as a game or server would use it."""
        return AsyncOpenAI(base_url=f"{self.url}/v1", api_key=self.keys[profile], max_retries=0)


@pytest.fixture
async def endpoint(
    settings: Settings,
    models: FakeModels,
    log: JetStreamLog,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Endpoint]:
    monkeypatch.setenv("LORE_TEST_MODEL_KEY", KEY)
    settings = with_models(settings, models, tmp_path / "llm")
    migrate(settings.database_url)
    database = open_database(settings.database_url)
    with database.writer.begin() as connection:
        made = {
            profile: keys.create(connection, f"for-{profile}", profile)
            for profile in ("default", "ddnet", "ddnet_limited")
        }
    database.close()
    async with running(settings, *BEHIND, "gateway") as endpoints, GameServer(endpoints["zmq"]) as server:
        yield Endpoint(endpoints["http"], World(settings, server, models, log), made)
