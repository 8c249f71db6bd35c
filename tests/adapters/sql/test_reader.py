from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from adapters.sql.reader import Reader
from events.errors import PositionNotReached, ProjectionUnavailable
from projections import checkpoints, npcs, requests
from tests.adapters.sql.conftest import register


async def test_queries_run_off_the_event_loop_and_return_their_answers(url: str) -> None:
    def where(_: Connection) -> str:
        return threading.current_thread().name

    async with Reader(url) as reader:
        state = await reader.run(npcs.state, "John", ["archetype"])
        assert state == {"npc_id": "John", "archetype": "guard"}
        assert await reader.run(where) != threading.current_thread().name


async def test_queries_asked_together_leave_in_one_hop(url: str) -> None:
    hops: list[int] = []

    def hop(connection: Connection) -> None:
        hops.append(connection.info.setdefault("asked", 0))

    async with Reader(url) as reader:
        answers = await asyncio.gather(
            *(reader.run(npcs.registered, name) for name in ("John", "Mary") * 200)
        )
        await reader.run(hop)
    assert answers == [True, False] * 200
    assert hops == [0]


async def test_an_error_of_one_query_is_its_own(url: str) -> None:
    def broken(_: Connection) -> None:
        raise LookupError("mine")

    async with Reader(url) as reader:
        found = await asyncio.gather(
            reader.run(broken), reader.run(npcs.registered, "John"), return_exceptions=True
        )
    assert isinstance(found[0], LookupError)
    assert found[1] is True


async def test_a_read_waits_for_the_position_it_names(url: str) -> None:
    async with Reader(url) as reader:
        waiting = asyncio.create_task(reader.run(npcs.registered, "Mary", at_least=2, timeout=10))
        await asyncio.sleep(0.02)
        assert not waiting.done()
        await register(url, "Mary", 2)
        reader.advance({"npcs": 2})
        assert await waiting


async def test_only_the_read_models_a_query_needs_are_waited_for(url: str) -> None:
    async with Reader(url) as reader:
        reader.advance({"npcs": 5, "requests": 1})
        assert await reader.run(npcs.registered, "John", at_least=5, timeout=1)
        with pytest.raises(PositionNotReached, match="requests did not reach position 5"):
            await reader.run(requests.request, "r1", at_least=5, timeout=0.05)


async def test_a_lost_signal_is_replaced_by_looking_at_the_checkpoints(url: str) -> None:
    async with Reader(url) as reader:
        assert await reader.run(npcs.registered, "John", at_least=1, timeout=10)
        assert reader.positions["npcs"] == 1


async def test_a_position_that_is_not_reached_in_time_is_an_error(url: str) -> None:
    async with Reader(url) as reader:
        with pytest.raises(PositionNotReached, match="position 99"):
            await reader.run(npcs.state, "John", at_least=99, timeout=0.05)


async def test_too_many_waiting_queries_are_refused(url: str) -> None:
    async with Reader(url, max_waiting=3) as reader:
        found = await asyncio.gather(
            *(reader.run(npcs.registered, "John") for _ in range(5)), return_exceptions=True
        )
    assert found[:3] == [True] * 3
    assert all(isinstance(refused, ProjectionUnavailable) for refused in found[3:])


async def test_a_reader_cannot_write(url: str) -> None:
    async with Reader(url) as reader:
        with pytest.raises(ProjectionUnavailable, match="readonly"):
            await reader.run(lambda connection: connection.execute(text("DELETE FROM npcs")))
        assert await reader.run(npcs.registered, "John")


async def test_a_slow_query_times_out_and_the_next_ones_are_served(url: str) -> None:
    go = threading.Event()

    def slow(_: Connection) -> None:
        go.wait(10)

    async with Reader(url) as reader:
        with pytest.raises(ProjectionUnavailable, match="within"):
            await reader.run(slow, timeout=0.05)
        go.set()
        assert await reader.run(npcs.registered, "John")


async def test_a_database_that_comes_back_is_used_again(tmp_path: Path, url: str) -> None:
    missing = f"sqlite:///{tmp_path / 'later' / 'read-models.sqlite3'}"
    async with Reader(missing) as reader:
        with pytest.raises(ProjectionUnavailable):
            await reader.run(npcs.registered, "John")
        (tmp_path / "later").mkdir()
        source = sqlite3.connect(url.removeprefix("sqlite:///"))
        target = sqlite3.connect(missing.removeprefix("sqlite:///"))
        source.backup(target)
        source.close()
        target.close()
        assert await reader.run(npcs.registered, "John")
        assert (await reader.run(checkpoints.positions))["npcs"] == 1


async def test_a_closed_reader_refuses(url: str) -> None:
    reader = Reader(url)
    await reader.close()
    with pytest.raises(ProjectionUnavailable, match="closed"):
        await reader.run(npcs.registered, "John")
