from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect

from adapters.sql.engine import open_database
from adapters.sql.temporary import temporary_database
from bench.history import History
from projections import checkpoints, deadletters, npcs
from projections.catalogue import ALL
from projections.contenthash import content_hash
from projections.feed import EVENT_FEED
from projections.feed_pages import Filters, page
from projections.npc_fold import NPC_STATE
from projections.pipeline import Pipeline
from projections.projection import Entry
from projections.rebuild import Progress, rebuild
from projections.redelivery import discard
from projections.rows import Rows
from projections.verify import verify_log, verify_read_models
from tests.memory_log import MemoryLog
from tests.projections.conftest import World

HISTORY = tuple(History("midgard", npcs=12, seed=7).commits(400))


async def record(world: World, start: int, end: int) -> None:
    for commit in HISTORY[start:end]:
        last = world._last.get(commit.stream, 0)
        world._last[commit.stream] = (await world.log.append(commit, expected=last)).position


def hashes(world: World) -> dict[str, tuple[int, str]]:
    with world.reading() as connection:
        found = [content_hash(connection, projection) for projection in ALL]
    return {content.projection: (content.position, content.digest) for content in found}


async def test_a_rebuild_gives_the_same_content_hash(world: World) -> None:
    await record(world, 0, 400)
    await world.project()
    before = hashes(world)
    result = await rebuild(world.log, world.database, ALL)
    assert result.finished
    assert hashes(world) == before
    with world.reading() as connection:
        assert set(checkpoints.load(connection)) == {projection.name for projection in ALL}


async def test_rebuilding_twice_gives_indexes_both_times(world: World) -> None:
    await record(world, 0, 50)
    await world.project()

    def indexes() -> set[str]:
        with world.reading() as connection:
            return {str(index["name"]) for index in inspect(connection).get_indexes("feed")}

    plain = indexes()
    await rebuild(world.log, world.database, ALL)
    assert indexes() == {f"{name}__b" for name in plain}
    await rebuild(world.log, world.database, ALL)
    assert indexes() == plain


async def test_a_live_projector_goes_on_without_a_gap_while_tables_change_places(world: World) -> None:
    await record(world, 0, 200)
    # As in a process of its own: it waits for the lock as long as a rebuild does, the live projector tries again.
    own = open_database(world.url)
    async with world.projecting(max_batch=7):
        rebuilding = asyncio.create_task(rebuild(world.log, own, ALL, batch=16))
        for position in range(200, 400):
            await record(world, position, position + 1)
            await asyncio.sleep(0.001)
        assert (await rebuilding).finished
        own.close()
        await world.caught_up()
        live = hashes(world)
    await rebuild(world.log, world.database, ALL)
    assert hashes(world) == live
    with temporary_database() as fresh:
        verdicts = await verify_read_models(world.log, world.database, fresh, ALL)
    assert [verdict.projection for verdict in verdicts if not verdict.equal] == []


async def test_an_interrupted_rebuild_is_resumed_where_it_stopped(world: World) -> None:
    await record(world, 0, 400)
    await world.project()
    before, stop = hashes(world), asyncio.Event()

    def interrupt(progress: Progress) -> None:
        if progress.done >= 100:
            stop.set()

    world.log._page = 50
    first = await rebuild(world.log, world.database, ALL, on_progress=interrupt, stop=stop, batch=50)
    assert not first.finished
    assert first.position == 100
    assert hashes(world) == before

    second = await rebuild(world.log, world.database, ALL, batch=50)
    assert (second.finished, second.commits) == (True, 300)
    assert hashes(world) == before


async def test_what_was_not_settled_when_a_process_died_is_applied_again(world: World) -> None:
    await record(world, 0, 400)
    killed = Pipeline(world.database, ALL, settle_after=250)
    await killed.load()
    for start in range(0, 400, 50):
        await killed.apply(world.log._messages[start : start + 50])
    await killed._written()
    await killed.close()
    with world.reading() as connection:
        assert set(checkpoints.positions(connection).values()) == {300}
        assert max(row["position"] for row in page(connection, Filters())["items"]) == 400
    await world.project()
    before = hashes(world)
    await rebuild(world.log, world.database, ALL)
    assert hashes(world) == before


async def test_a_commit_that_cannot_be_folded_is_found_among_many_that_are_not_settled(world: World) -> None:
    def fold(rows: Rows, entry: Entry) -> None:
        if entry.position == 333:
            raise ValueError("no")
        NPC_STATE.fold(rows, entry)

    broken = (replace(NPC_STATE, fold=fold), EVENT_FEED)
    await record(world, 0, 400)
    world.log._page = 50
    assert (await rebuild(world.log, world.database, broken, batch=50)).finished
    with world.reading() as connection:
        letters = deadletters.listing(connection)
        assert set(checkpoints.positions(connection).values()) == {400}
    assert [(each.position, each.projection) for each in letters if each.status == "poison"] == [
        (333, "npcs")
    ]


async def test_a_new_version_replaces_the_old_one_by_a_rebuild(world: World) -> None:
    def fold(rows: Rows, entry: Entry) -> None:
        NPC_STATE.fold(rows, entry)
        row = rows.get(NPC_STATE.tables[0], (entry.entity,))
        if row is not None:
            rows.put(NPC_STATE.tables[0], (entry.entity,), {**row, "health": 7})

    newer = replace(NPC_STATE, version=2, fold=fold)
    await record(world, 0, 100)
    await world.project()
    async with world.projecting((newer,)) as projector:
        await asyncio.sleep(0.05)
        await rebuild(world.log, world.database, projector.outdated)
        projector.refresh()
        await record(world, 100, 400)
        await world.caught_up((newer,))
        assert projector.outdated == ()
    with world.reading() as connection:
        assert checkpoints.load(connection)["npcs"].version == 2
        healths = {npc["health"] for npc in npcs.listing(connection)["npcs"]}
    assert healths == {7}


async def test_discarded_commits_stay_discarded_in_a_rebuild(world: World) -> None:
    world.log.store("log.midgard.npc.Mary", b"nonsense")
    await record(world, 0, 20)
    await world.project()
    await discard(world.log, world.database, "npcs", 1, reason="garbage")
    await rebuild(world.log, world.database, ALL)
    with world.reading() as connection:
        letters = deadletters.listing(connection, projection="npcs")
    assert [(letter.position, letter.status) for letter in letters] == [(1, "discarded")]


async def test_verify_finds_a_row_that_somebody_changed(world: World) -> None:
    await record(world, 0, 100)
    await world.project()
    with world.database.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE npcs SET health = 1 WHERE npc_id = (SELECT min(npc_id) FROM npcs)")
    with temporary_database() as fresh:
        verdicts = await verify_read_models(world.log, world.database, fresh, ALL)
    assert [verdict.projection for verdict in verdicts if not verdict.equal] == ["npcs"]


async def test_verify_names_gaps_and_unreadable_commits(world: World) -> None:
    await record(world, 0, 50)
    assert (await verify_log(world.log)).problems == ()
    world.log.store("log.midgard.npc.x", b"nonsense")
    repeated = (await world.log.at(1)) or pytest.fail("the log is empty")
    world.log.store(repeated.subject, repeated.body)
    verdict = await verify_log(world.log)
    assert len(verdict.problems) == 2
    assert "position 51 cannot be read" in verdict.problems[0]
    assert "has version 1, expected" in verdict.problems[1]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(1, 399), max_size=25, unique=True), rows=st.sampled_from([1, 5, 10_000]))
def test_any_split_into_batches_gives_the_same_content(cuts: list[int], rows: int) -> None:
    async def digest(edges: list[int], cached_rows: int) -> list[str]:
        log = MemoryLog()
        for commit in HISTORY:
            await log.append(commit, expected=log._last.get(f"log.midgard.{_subject(commit.stream)}", 0))
        with temporary_database() as database:
            pipeline = Pipeline(database, ALL, cached_rows=cached_rows)
            await pipeline.load()
            for start, end in zip([0, *edges], [*edges, 400], strict=True):
                await pipeline.apply(log._messages[start:end])
            await pipeline.flush()
            await pipeline.close()
            with database.reader.connect() as connection:
                return [content_hash(connection, projection).digest for projection in ALL]

    whole = _remembered.get("whole") or asyncio.run(digest([], 10_000))
    _remembered["whole"] = whole
    assert asyncio.run(digest(sorted(cuts), rows)) == whole


_remembered: dict[str, list[str]] = {}


def _subject(stream: str) -> str:
    from events.subjects import log_subject

    return log_subject("midgard", stream).removeprefix("log.midgard.")
