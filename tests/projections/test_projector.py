from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.sql.engine import writer_engine
from events.errors import CheckpointMoved
from events.npc import NpcInteracted, NpcPerceived, NpcRegistered, Profile
from projections import checkpoints, deadletters, npcs, relationships
from projections.catalogue import ALL
from projections.contenthash import content_hash
from projections.feed import EVENT_FEED
from projections.npc_fold import NPC_STATE
from projections.pipeline import Pipeline
from projections.projection import Entry
from projections.rows import Rows
from projections.store import Database
from tests.projections.conftest import World, until, until_waiting

JOHN = "npc/John"


def gift() -> NpcInteracted:
    return NpcInteracted("Aria", "gift", {}, True, {})


async def interactions(world: World) -> int:
    with world.reading() as connection:
        return int(relationships.relationship(connection, "John", "Aria")["interactions"])


async def test_a_crash_between_fold_and_commit_changes_nothing_and_the_next_start_applies_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(10):
        await world.append(JOHN, gift())
    messages = [message for page in [p async for p in world.log.read_all()] for message in page]
    pipeline = Pipeline(world.database, ALL)
    await pipeline.load()
    with monkeypatch.context() as broken:
        broken.setattr(deadletters, "record", _power_cut)
        with pytest.raises(CheckpointMoved):
            await pipeline.apply(messages)
            await pipeline.flush()
    await pipeline.close()
    assert await interactions(world) == 0

    await world.project()
    await world.project()
    assert await interactions(world) == 10


def _power_cut(*_: object) -> None:
    raise CheckpointMoved("the machine is gone")


async def test_a_second_projector_is_fenced_off_and_nothing_is_applied_twice(world: World) -> None:
    await world.append(JOHN, gift())
    page = [message for page in [p async for p in world.log.read_all()] for message in page]
    one, two = Pipeline(world.database, ALL), Pipeline(world.database, ALL)
    await one.load()
    await two.load()
    await one.apply(page)
    await one.flush()
    await two.apply(page)
    with pytest.raises(CheckpointMoved):
        await two.flush()
    await one.close()
    await two.close()
    assert await interactions(world) == 1


async def test_two_projectors_at_once_apply_everything_exactly_once(world: World) -> None:
    async with world.projecting(max_batch=3), world.projecting(max_batch=5):
        for _ in range(60):
            await world.append(JOHN, gift())
            await asyncio.sleep(0)
        await world.caught_up()
    assert await interactions(world) == 60


async def test_the_survivor_takes_over_when_the_other_projector_stops(world: World) -> None:
    async with world.projecting():
        async with world.projecting():
            await world.append(JOHN, gift())
            await world.caught_up()
        await world.append(JOHN, gift())
        await world.caught_up()
    assert await interactions(world) == 2


async def test_batches_are_single_when_idle_and_large_when_behind(world: World) -> None:
    batches: list[int] = []
    last, told = 0, asyncio.Event()

    async def note(positions: Mapping[str, int]) -> None:
        nonlocal last
        batches.append(positions["feed"] - last)
        last = positions["feed"]
        told.set()

    async def told_of(position: int) -> None:
        # The checkpoint is in the database a moment before anybody is told.
        async with asyncio.timeout(10):
            while last < position:
                told.clear()
                await told.wait()

    for _ in range(250):
        await world.append(JOHN, gift())
    async with world.projecting(on_progress=note, max_batch=100):
        await told_of(250)
        behind = list(batches)
        batches.clear()
        for number in range(3):
            await world.append(JOHN, gift())
            await told_of(251 + number)
            await asyncio.sleep(0.01)
    assert behind == [100, 100, 50]
    assert batches == [1, 1, 1]


async def test_poison_blocks_its_own_stream_and_nothing_else(world: World) -> None:
    await world.append(JOHN, NpcRegistered(Profile()))
    world.log.store("log.midgard.npc.Mary", b'{"not": "a commit"}')
    await world.append("npc/Mary", gift())
    await world.append(JOHN, gift())
    await world.project()

    assert await interactions(world) == 1
    with world.reading() as connection:
        letters = deadletters.listing(connection, projection="npcs")
        assert checkpoints.positions(connection)["npcs"] == 4
    assert [(letter.position, letter.stream, letter.status) for letter in letters] == [
        (2, "npc/Mary", "poison"),
        (3, "npc/Mary", "blocked"),
    ]
    assert letters[0].error is not None
    assert "MalformedCommit" in letters[0].error


async def test_a_fold_that_fails_is_a_dead_letter_of_that_read_model_only(world: World) -> None:
    def fold(rows: Rows, entry: Entry) -> None:
        NPC_STATE.fold(rows, entry)
        if entry.position == 2:
            raise ZeroDivisionError("a mistake in the fold")

    broken = (replace(NPC_STATE, fold=fold), EVENT_FEED)
    for name in ("John", "Mary", "John", "Zoe"):
        await world.append(f"npc/{name}", NpcRegistered(Profile()))
    await world.project(broken)
    with world.reading() as connection:
        letters = deadletters.listing(connection)
        assert [(letter.projection, letter.position, letter.status) for letter in letters] == [
            ("npcs", 2, "poison")
        ]
        assert not npcs.registered(connection, "Mary")
        assert npcs.registered(connection, "Zoe")
        assert connection.exec_driver_sql("SELECT count(*) FROM feed").scalar_one() == 4


async def test_a_value_no_column_can_hold_is_a_dead_letter_too(world: World) -> None:
    def fold(rows: Rows, entry: Entry) -> None:
        NPC_STATE.fold(rows, entry)
        key = (entry.entity,)
        if entry.entity == "Mary":
            rows.put(
                NPC_STATE.tables[0], key, {**(rows.get(NPC_STATE.tables[0], key) or {}), "health": 2**70}
            )

    broken = (replace(NPC_STATE, fold=fold), EVENT_FEED)
    for name in ("John", "Mary", "Zoe"):
        await world.append(f"npc/{name}", NpcRegistered(Profile()))
    await world.append("npc/Mary", gift())
    await world.project(broken)
    with world.reading() as connection:
        letters = deadletters.listing(connection)
        assert [(letter.position, letter.status) for letter in letters] == [(2, "poison"), (4, "blocked")]
        assert npcs.count(connection) == 2
        assert connection.exec_driver_sql("SELECT count(*) FROM feed").scalar_one() == 4


async def test_a_locked_database_is_waited_out_without_loss(world: World) -> None:
    await world.append(JOHN, gift())
    async with world.projecting() as projector:
        await world.caught_up()
        other = writer_engine(world.url).connect()
        other.begin()
        await world.append(JOHN, gift())
        await until_waiting(projector)
        assert (await projector.health()).problem is not None
        assert await interactions(world) == 1
        other.close()
        other.engine.dispose()
        await world.caught_up()
        assert await interactions(world) == 2


async def test_a_lost_log_is_waited_out(world: World) -> None:
    world.log.down = True
    await world.append(JOHN, gift())
    async with world.projecting() as projector:
        await until_waiting(projector)
        world.log.down = False
        await world.caught_up()
    assert await interactions(world) == 1


async def test_rows_that_left_the_cache_are_read_again(world: World) -> None:
    for number in range(3 * 40):
        await world.append(f"npc/n{number % 40}", gift())
    pipeline = Pipeline(world.database, ALL, cached_rows=4)
    await pipeline.load()
    async for page in world.log.read_all():
        for message in page:
            await pipeline.apply([message])
    await pipeline.flush()
    await pipeline.close()
    with world.reading() as connection:
        found = [relationships.relationship(connection, f"n{number}", "Aria") for number in range(40)]
    assert {row["interactions"] for row in found} == {3}


async def test_a_read_model_of_another_version_is_left_alone_and_named(world: World) -> None:
    await world.append(JOHN, NpcRegistered(Profile()))
    await world.project()
    newer = (replace(NPC_STATE, version=2), EVENT_FEED)
    async with world.projecting(newer) as projector:
        await world.append(JOHN, NpcPerceived("attacked", {"damage": 10}))
        await world.caught_up((EVENT_FEED,))
        assert projector.outdated == (newer[0],)
    with world.reading() as connection:
        assert checkpoints.positions(connection)["npcs"] == 1
        assert npcs.state(connection, "John", ["health"]) == {"npc_id": "John", "health": 100}


async def test_a_full_disk_is_waited_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    if world.database.writer.dialect.name != "sqlite":
        pytest.skip("only SQLite can be told to believe that its disk is full")
    await world.project()
    with world.database.writer.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    small = f"PRAGMA max_page_count = {pages}"
    full = Database(world.database.writer, world.database.reader)
    with full.writer.connect() as connection:
        connection.exec_driver_sql(small)
    for number in range(200):
        await world.append(f"npc/n{number}", NpcRegistered(Profile()))
    async with world.projecting() as projector:
        await until_waiting(projector)
        assert "full" in ((await projector.health()).problem or "")
        full.writer.dispose()
        await world.caught_up()
    with world.reading() as connection:
        assert npcs.count(connection) == 200


async def test_lag_is_told_in_events_and_seconds(world: World, tmp_path: Path) -> None:
    async with world.projecting() as projector:
        await world.append(JOHN, gift())
        await world.caught_up()

        async def level() -> bool:
            return (await projector.health()).lag_events == 0

        await until(level)
        health = await projector.health()
    assert (health.position, health.head, health.lag_seconds, health.stuck) == (1, 1, 0.0, False)
    with world.reading() as connection:
        assert content_hash(connection, NPC_STATE).position == 1
