from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import Table

from adapters.sql.companion import launch
from adapters.sql.read_models import read_models
from bench.history import History
from events.codec import encode
from events.commit import Commit
from events.errors import CompanionLost
from projections import deadletters, rebuild
from projections.checkpoints import Checkpoint
from projections.companion import Companion
from projections.contenthash import content_hash
from projections.folding import Member
from projections.pipeline import Pipeline
from projections.rebuild import Progress
from projections.rows import Values
from tests.projections.conftest import World

HISTORY = tuple(History("midgard", npcs=12, seed=11).commits(600))
MODELS = read_models()


@pytest.fixture(autouse=True)
def _every_log_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuild, "LONG", 1)


async def record(world: World, commits: Sequence[Commit]) -> None:
    for commit in commits:
        last = world._last.get(commit.stream, 0)
        world._last[commit.stream] = (await world.log.append(commit, expected=last)).position


@pytest.fixture
async def lived(world: World) -> World:
    """A world with a history, projected as it happened."""
    await record(world, HISTORY)
    await world.project(MODELS)
    world.log._page = 50
    return world


def hashes(world: World) -> dict[str, tuple[int, str]]:
    with world.reading() as connection:
        found = [content_hash(connection, projection) for projection in MODELS]
    return {content.projection: (content.position, content.digest) for content in found}


class Launches:
    """Starts companions and remembers them."""

    def __init__(self) -> None:
        self.started: list[Companion] = []

    def __call__(self) -> Companion:
        self.started.append(launch())
        return self.started[-1]


def after(position: int, act: Callable[[], None]) -> Callable[[Progress], None]:
    """Do something once, when a rebuild has come that far."""
    todo = [act]

    def look(progress: Progress) -> None:
        if progress.done >= position and todo:
            todo.pop()()

    return look


async def test_two_processes_build_what_one_does(lived: World) -> None:
    before, launches = hashes(lived), Launches()
    done = await rebuild.rebuild(lived.log, lived.database, MODELS, launch=launches, batch=50)
    assert (done.finished, done.commits) == (True, 600)
    assert hashes(lived) == before
    assert [companion._process.returncode for companion in launches.started] == [0]


async def test_a_rebuild_goes_on_alone_when_its_companion_is_killed(lived: World) -> None:
    before, launches = hashes(lived), Launches()
    kill = after(200, lambda: os.kill(launches.started[0].pid, signal.SIGKILL))
    done = await rebuild.rebuild(
        lived.log, lived.database, MODELS, launch=launches, batch=50, on_progress=kill
    )
    assert done.finished
    assert launches.started[0]._process.returncode == -signal.SIGKILL
    assert hashes(lived) == before


async def test_a_rebuild_goes_on_alone_when_no_companion_can_be_started(lived: World) -> None:
    def refuse() -> Companion:
        raise OSError("too many processes")

    before = hashes(lived)
    assert (await rebuild.rebuild(lived.log, lived.database, MODELS, launch=refuse)).finished
    assert hashes(lived) == before


async def test_an_interrupted_rebuild_of_two_processes_is_resumed(lived: World) -> None:
    before, stop = hashes(lived), asyncio.Event()
    first = await rebuild.rebuild(
        lived.log,
        lived.database,
        MODELS,
        launch=launch,
        batch=50,
        stop=stop,
        on_progress=after(200, stop.set),
    )
    assert (first.finished, first.position) == (False, 200)
    second = await rebuild.rebuild(lived.log, lived.database, MODELS, launch=launch, batch=50)
    assert (second.finished, second.commits) == (True, 400)
    assert hashes(lived) == before


async def test_poison_becomes_a_dead_letter_of_the_read_models_of_both_processes(world: World) -> None:
    await record(world, HISTORY[:100])
    npc = next(commit for commit in HISTORY if commit.stream.startswith("npc/"))
    world.log.store("log.midgard.npc.Mary", b"nonsense")
    world.log.store("log.midgard.request.Mary", encode(npc))
    await world.project(MODELS)
    with world.reading() as connection:
        live, before = deadletters.listing(connection), hashes(world)
    await rebuild.rebuild(world.log, world.database, MODELS, launch=launch)
    with world.reading() as connection:
        rebuilt = deadletters.listing(connection)
    assert [(each.projection, each.position, each.status) for each in rebuilt] == [
        (each.projection, each.position, each.status) for each in live
    ]
    assert {each.projection for each in rebuilt if each.position == 101} == {
        model.name for model in MODELS if not model.categories or "npc" in model.categories
    }
    assert {each.projection for each in rebuilt if each.position == 102} == {"feed", "requests"}
    assert hashes(world) == before


@pytest.mark.parametrize("rows", [1, 10_000])
async def test_a_companion_gets_rows_it_has_forgotten_from_the_database(world: World, rows: int) -> None:
    await record(world, HISTORY)
    pipeline = Pipeline(world.database, MODELS, cached_rows=rows)
    await pipeline.load(launch())
    for start in range(0, 600, 20):
        await pipeline.apply(world.log._messages[start : start + 20])
    await pipeline.flush()
    assert set(pipeline.checkpoints) == {model.name for model in MODELS}
    assert pipeline.position == 600
    await pipeline.close()
    folded = hashes(world)
    await rebuild.rebuild(world.log, world.database, MODELS)
    assert hashes(world) == folded


async def test_a_companion_with_other_rule_books_is_not_listened_to(world: World) -> None:
    minds = next(model for model in MODELS if model.apart)
    world.log.store("log.midgard.npc.Mary", encode(HISTORY[0]))
    companion = launch()

    def nothing_stored(_: object) -> dict[Table, list[Values]]:
        return {}

    try:
        await companion.begin([Member(minds, Checkpoint(minds.name, minds.version + 1))], 10)
        with pytest.raises(CompanionLost):
            await companion.send(world.log._messages, world.log._messages[-1], now=0)
            await companion.receive(nothing_stored)
    finally:
        await companion.close()
