from __future__ import annotations

import asyncio
from typing import Any

from nats.aio.client import Client
from pydantic_core import from_json
from sqlalchemy import text

from adapters.llm import book
from adapters.nats.log import JetStreamLog
from adapters.nats.progress import progress_subject
from adapters.roles import projector
from adapters.settings import Settings
from adapters.sql.engine import open_database
from adapters.sql.reader import Reader
from adapters.sql.temporary import temporary_database
from bench.history import History
from events.npc import NpcRegistered, Profile
from projections import npcs
from projections.catalogue import ALL
from projections.contenthash import content_hash
from projections.rebuild import rebuild
from projections.verify import verify_log, verify_read_models
from tests.commits import commit


class Running:
    """The role in a task, until the block ends."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._stop = settings, asyncio.Event()
        self.ready = asyncio.Event()
        self.told: dict[str, Any] = {}

    async def __aenter__(self) -> Running:
        def ready(endpoints: dict[str, Any]) -> None:
            self.told = endpoints
            self.ready.set()

        self._task = asyncio.create_task(projector.run(self._settings, ready=ready, stop=self._stop))
        async with asyncio.timeout(30):
            await self.ready.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stop.set()
        async with asyncio.timeout(30):
            await self._task


async def test_a_commit_can_be_read_once_its_position_was_published(
    settings: Settings, client: Client, log: JetStreamLog
) -> None:
    async with Running(settings) as role, Reader(settings.database_url) as reader:
        assert {projection.name for projection in ALL} <= set(role.told["projections"])
        signals = await client.subscribe(progress_subject(settings.realm))
        await client.flush()
        made = commit("npc/John", NpcRegistered(Profile("guard")), realm=settings.realm)
        position = (await log.append(made, expected=0)).position
        signal = await signals.next_msg(timeout=10)
        assert from_json(signal.data)["npcs"] == position
        reader.advance(from_json(signal.data))
        state = await reader.run(npcs.state, "John", ["archetype"], at_least=position)
        assert state == {"npc_id": "John", "archetype": "guard"}


async def test_after_a_restart_and_a_rebuild_the_read_models_equal_a_fresh_fold(
    settings: Settings, log: JetStreamLog
) -> None:
    last: dict[str, int] = {}

    async def record(commits: Any) -> None:
        for made in commits:
            last[made.stream] = (await log.append(made, expected=last.get(made.stream, 0))).position

    history = History(settings.realm, npcs=5, seed=3)
    async with Running(settings):
        await record(history.commits(60))
    await record(history.commits(60))
    database = open_database(settings.database_url)
    async with Running(settings), Reader(settings.database_url) as reader:
        rebuilt = await rebuild(log, database, ALL)
        await record(history.commits(20))
        head = (await log.head()).position
        for projection in ALL:
            found = await reader.run(content_hash, projection, at_least=head, timeout=20)
            assert found.position == head
    assert rebuilt.finished
    with temporary_database() as fresh:
        verdicts = await verify_read_models(log, database, fresh, ALL)
    database.close()
    assert all(verdict.equal for verdict in verdicts)
    assert (await verify_log(log)).problems == ()


async def test_what_is_configured_can_be_read_with_sql(
    settings: Settings, client: Client, log: JetStreamLog
) -> None:
    models = book.load()
    database = open_database(settings.database_url)
    question = text("SELECT provider_name, api_key, status FROM ai_providers ORDER BY provider_id")
    async with Running(settings):
        async with asyncio.timeout(10):
            rows: list[Any] = []
            while not rows:
                with database.reader.connect() as connection:
                    rows = list(connection.execute(question).all())
                await asyncio.sleep(0.01)
    database.close()
    wanted = sorted(models.providers.values(), key=lambda entry: entry.id)
    assert rows == [(entry.name, None, int(entry.enabled)) for entry in wanted]
