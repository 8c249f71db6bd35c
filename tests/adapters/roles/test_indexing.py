from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from adapters.roles.indexing import LEAST, Upkeep
from adapters.sql.migrate import migrate
from events.npc import NpcPerceived, NpcRegistered, Profile
from projections.memories import NPC_MEMORIES
from projections.memory_tables import SEGMENTS
from projections.rebuild import rebuild
from tests.projections.conftest import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    url = f"sqlite:///{tmp_path / 'world.sqlite3'}"
    migrate(url)
    return World(url)


def sealed(world: World) -> dict[str, int]:
    with world.reading() as connection:
        query = select(SEGMENTS.c.npc_id, func.count().label("blocks")).group_by(SEGMENTS.c.npc_id)
        return {row.npc_id: row.blocks for row in connection.execute(query)}


def work_off(upkeep: Upkeep, up_to: int) -> None:
    while upkeep.step(up_to):
        pass


async def test_whoever_lived_through_much_is_indexed_in_idle_moments_also_after_a_rebuild(
    world: World,
) -> None:
    for name, count in (("Busy", LEAST), ("Quiet", 3)):
        await world.append(f"npc/{name}", NpcRegistered(Profile()))
        for number in range(count):
            await world.append(f"npc/{name}", NpcPerceived("said", {"text": f"tale {number}"}, "Bob"))
    await world.project()
    head = (await world.log.head()).position
    upkeep = Upkeep(world.database)
    work_off(upkeep, head)
    assert sealed(world) == {"Busy": 1}

    with world.database.writer.begin() as connection:
        connection.execute(SEGMENTS.delete())
    await rebuild(world.log, world.database, (NPC_MEMORIES,))
    work_off(upkeep, head)
    assert sealed(world) == {"Busy": 1}
    world.database.close()
