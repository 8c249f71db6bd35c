"""Recall by meaning on the running platform: real sockets, the real SDK, real embedded Qdrant; and all without them."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from adapters.embedding.asking import condition
from adapters.llm.fake.server import FakeModels
from adapters.nats.client import PromptClient
from adapters.nats.log import JetStreamLog
from adapters.settings import LlmSettings, MemorySettings, MindSettings, Settings
from adapters.sql.companion import launch
from adapters.sql.engine import open_database
from adapters.sql.read_models import read_models
from events.errors import ConfigurationError
from projections.rebuild import rebuild
from tests.adapters.rathena.conftest import BEHIND, running
from tests.adapters.rathena.game_server import GameServer

pytest.importorskip("qdrant_client", reason="the extra qdrant is not installed")

PROVIDERS = """
[meaning]
id = 1
name = "Embeddings for tests"
type = "local"
base_url = "{url}/v1"
model = "fake-1"
embedding_model = "{model}"
attempts = 1
"""
STOPPED = "it was not for you or for me but for them"
"""Nothing but words that the index of words passes over: only a vector finds it."""
PATIENT = 5_000
"""Milliseconds for a question's vector: this machine may be busy."""


def embedding(settings: Settings, url: str, *, model: str = "", **memory: Any) -> Settings:
    """Settings with an embedder whose model no other test has used."""
    directory = settings.state / "models"
    directory.mkdir(exist_ok=True)
    model = model or f"fake-embedding-{settings.realm}-{settings.state.parent.name}"
    (directory / "providers.toml").write_text(PROVIDERS.format(url=url, model=model), "utf-8")
    return settings.model_copy(
        update={
            "llm": LlmSettings(directory=directory),
            "mind": MindSettings(gossip=False),
            "memory": MemorySettings(embedder="meaning", question_ms=PATIENT, **memory),
        }
    )


@pytest.fixture
async def models() -> AsyncIterator[FakeModels]:
    async with FakeModels() as models:
        yield models


@asynccontextmanager
async def playing(settings: Settings) -> AsyncIterator[GameServer]:
    async with running(settings, *BEHIND, "gateway") as endpoints, GameServer(endpoints["zmq"]) as server:
        yield server


async def settle(server: GameServer) -> dict[str, Any]:
    """Ann is told something nobody else hears; Emil lives far away."""
    for npc_id, x in (("Ann", 100), ("Emil", 300)):
        answer = await server.ask("register", npc_id, {"map": "prontera", "x": x, "y": x})
        assert answer["success"], answer
    told: dict[str, Any] = await server.ask(
        "event", "Ann", {"event_type": "told", "event_data": {"text": STOPPED}}
    )
    return told


async def search(server: GameServer, npc_id: str, query: str = STOPPED, **more: Any) -> list[dict[str, Any]]:
    data = {"memory_type": "search", "filters": {"query": query, **more}}
    answer = await server.ask("get_memory", npc_id, data, timeout_ms=10_000)
    assert answer["success"], answer
    found: list[dict[str, Any]] = answer["data"]["memories"]
    return found


async def until_by_meaning(server: GameServer, npc_id: str, query: str = STOPPED) -> list[dict[str, Any]]:
    async with asyncio.timeout(40):
        while True:
            found = await search(server, npc_id, query)
            if any("vectors" in memory["arms"] for memory in found):
                return found
            await asyncio.sleep(0.05)


async def until_problem(client: PromptClient, settings: Settings) -> str:
    """What keeps memories from being embedded."""
    async with asyncio.timeout(20):
        while True:
            told = await condition(client, settings.realm, timeout=2)
            if told and told["problem"]:
                return str(told["problem"])
            await asyncio.sleep(0.05)


def embeddings(models: FakeModels) -> int:
    return sum(1 for each in models.requests if each.path.endswith("/embeddings"))


async def test_without_an_embedder_nothing_is_asked_and_nothing_changes(
    settings: Settings, models: FakeModels
) -> None:
    without = embedding(settings, models.url).model_copy(update={"memory": MemorySettings()})
    async with playing(without) as server:
        await settle(server)
        assert await search(server, "Ann") == []
    assert not models.requests
    assert not (settings.state / "vectors").exists()


async def test_what_no_word_finds_is_found_by_its_meaning_and_by_those_who_know_it(
    settings: Settings, models: FakeModels
) -> None:
    async with playing(embedding(settings, models.url)) as server:
        told = await settle(server)
        (found,) = await until_by_meaning(server, "Ann")
        assert STOPPED in found["content"]
        assert list(found["arms"]) == ["vectors"]
        assert found["arms"]["vectors"]["score"] > 500_000
        assert await search(server, "Emil") == []
        assert await search(server, "Ann", as_of=found["position"] - 1) == []
        assert await search(server, "Ann", "purple xylophones") == []
        # Each text once: the yardstick, the memory, three questions.
        assert told["success"]
        before = embeddings(models)
        assert await search(server, "Ann") == [found | {"strength": found["strength"]}]
        assert embeddings(models) == before


async def test_after_a_restart_a_loss_of_qdrant_and_a_rebuild_nobody_is_asked_again(
    settings: Settings, models: FakeModels, log: JetStreamLog
) -> None:
    with_vectors = embedding(settings, models.url)
    async with playing(with_vectors) as server:
        await settle(server)
        (before,) = await until_by_meaning(server, "Ann")
    asked = embeddings(models)
    assert asked > 0

    async with playing(with_vectors) as server:
        assert await until_by_meaning(server, "Ann") == [before]
    database = open_database(settings.database_url)
    hashes = await rebuild(log, database, read_models(), launch=launch)
    database.close()
    assert hashes
    shutil.rmtree(settings.state / "vectors")
    async with playing(with_vectors) as server:
        assert await until_by_meaning(server, "Ann") == [before]
    assert embeddings(models) == asked


async def test_without_the_provider_everything_is_answered_by_words(
    settings: Settings, client: PromptClient
) -> None:
    with_vectors = embedding(settings, "http://127.0.0.1:9", model=f"away-{settings.realm}")
    async with playing(with_vectors) as server:
        await settle(server)
        answer = await server.ask("event", "Ann", {"event_type": "told", "event_data": {"text": "wolves"}})
        assert answer["success"]
        (found,) = await search(server, "Ann", "wolves")
        assert set(found["arms"]) <= {"words", "characters"}
        said = await server.ask("dialogue", "Ann", {"player_message": "wolves?"}, actor={"char_id": 1})
        assert said["success"], said
        assert "meaning" in (await until_problem(client, settings))


async def test_what_was_stored_is_found_while_the_provider_is_away(settings: Settings) -> None:
    model = f"gone-{settings.realm}"
    async with FakeModels() as models:
        with_vectors = embedding(settings, models.url, model=model)
        async with playing(with_vectors) as server:
            await settle(server)
            (before,) = await until_by_meaning(server, "Ann")
    async with playing(with_vectors) as server:
        assert await until_by_meaning(server, "Ann") == [before]
        # A new question has no vector: it is answered all the same.
        assert await search(server, "Ann", "a question nobody asked before") == []


async def test_another_model_embeds_everything_anew_in_the_background(
    settings: Settings, models: FakeModels, client: PromptClient
) -> None:
    for model in (f"one-{settings.realm}", f"two-{settings.realm}"):
        async with playing(embedding(settings, models.url, model=model)) as server:
            if model.startswith("one"):
                await settle(server)
            (found,) = await until_by_meaning(server, "Ann")
            assert STOPPED in found["content"]
            told = await condition(client, settings.realm, timeout=5)
            assert told is not None
            assert (told["model"], told["vectors"], told["problem"]) == (model, 1, "")
    asked = {each.body["model"] for each in models.requests if each.path.endswith("/embeddings")}
    assert asked == {f"one-{settings.realm}", f"two-{settings.realm}"}


async def test_who_has_spent_the_days_money_is_told_and_answers_by_words(
    settings: Settings, models: FakeModels, client: PromptClient
) -> None:
    # The prices of an OpenAI model apply to whatever has its name.
    poor = embedding(
        settings, models.url, model=f"text-embedding-3-small-{settings.realm}", dollars_per_day=0
    )
    async with playing(poor) as server:
        await settle(server)
        assert await search(server, "Ann") == []
        assert (await until_problem(client, settings)).startswith("memory:")
    assert embeddings(models) == 0


@pytest.mark.parametrize(
    ("embedder", "problem"), [("nobody", "there is no provider"), ("meaning", "has no embedding_model")]
)
async def test_an_embedder_that_cannot_embed_is_refused_at_the_start(
    settings: Settings, models: FakeModels, tmp_path: Path, embedder: str, problem: str
) -> None:
    wrong = embedding(settings, models.url)
    wrong = wrong.model_copy(update={"memory": MemorySettings(embedder=embedder)})
    assert wrong.llm.directory is not None
    file = wrong.llm.directory / "providers.toml"
    file.write_text(file.read_text("utf-8").replace("embedding_model", "# "), "utf-8")
    with pytest.raises(ConfigurationError, match=problem):
        async with running(wrong, "agents"):
            pass
