"""A migrated database with one registered NPC."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.sql.engine import open_database
from adapters.sql.migrate import migrate
from events.codec import encode
from events.npc import NpcRegistered, Profile
from events.subjects import log_subject
from projections.catalogue import ALL
from projections.pipeline import Pipeline
from tests.commits import commit
from tests.memory_log import MemoryLog


@pytest.fixture
async def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'read-models.sqlite3'}"
    migrate(url)
    await register(url, "John", 1)
    return url


async def register(url: str, npc_id: str, position: int) -> None:
    """Fold the registration of an NPC at a log position into the database."""
    log, database = MemoryLog(), open_database(url)
    for _ in range(position - 1):
        log.store("log.midgard.other.x", b"{}")
    made = commit(f"npc/{npc_id}", NpcRegistered(Profile("guard")))
    log.store(log_subject("midgard", made.stream), encode(made))
    pipeline = Pipeline(database, ALL)
    await pipeline.load()
    await pipeline.apply(log._messages[-1:])
    await pipeline.flush()
    await pipeline.close()
    database.close()
