"""The SQL store of memories answers exactly like the one in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, insert, select

from bench.memory_rows import MEMORIES, METADATA, SqlMemoryStore, TableRows, memory_of, row_of
from bench.memory_scale import Life, sqlite
from commands.mind.memory.recall import TYPES, Query, recall
from commands.mind.memory.record import Memory, Source
from commands.mind.memory.store import InMemoryStore
from projections.memory_tables import SEGMENTS

LIFE = Life(7)
LIVED = list(LIFE.memories("Anna", 1_500))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = sqlite(tmp_path / "memories.db")
    METADATA.create_all(engine)
    yield engine
    engine.dispose()


def write(engine: Engine, memories: list[Memory]) -> None:
    with engine.begin() as connection:
        connection.execute(insert(MEMORIES), [row_of(memory) for memory in memories])


def blocks(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(SEGMENTS)).scalar_one()


def questions() -> list[Query]:
    asked = [Query("Anna", "search", LIFE.question(), limit=20) for _ in range(10)]
    asked += [Query("Anna", "search", LIFE.question(), as_of=700) for _ in range(3)]
    asked += [Query("Anna", kind, player_id="Player_7", event_type="gift", query="a") for kind in TYPES]
    return asked


@pytest.mark.parametrize("steps", [(1_500,), (100, 128, 900, 1_500), (1, 2, 1_023, 1_024, 1_499, 1_500)])
def test_sql_answers_like_memory_however_the_index_grew(engine: Engine, steps: tuple[int, ...]) -> None:
    store, expected = SqlMemoryStore(engine), InMemoryStore(LIVED)
    done = 0
    for step in steps:
        write(engine, LIVED[done:step])
        done = step
        assert store.catch_up("Anna") == done
    for query in questions():
        assert recall(store, query) == recall(expected, query)


def test_without_any_index_the_answers_are_the_same(engine: Engine) -> None:
    write(engine, LIVED)
    for query in questions():
        assert recall(SqlMemoryStore(engine), query) == recall(InMemoryStore(LIVED), query)
    assert blocks(engine) == 0


def test_a_new_memory_is_found_at_once(engine: Engine) -> None:
    store = SqlMemoryStore(engine)
    write(engine, LIVED[:300])
    store.catch_up("Anna")
    query = Query("Anna", "search", "zanzibar")
    assert recall(store, query) == []
    write(engine, [Memory("Anna", 9_000, 0, 0, "zanzibar at last", "said")])
    assert [one.memory.position for one in recall(store, query)] == [9_000]


def test_full_runs_are_merged_into_larger_segments(engine: Engine) -> None:
    store = SqlMemoryStore(engine)
    for end in range(0, 1_100, 100):
        write(engine, LIVED[end : end + 100])
        store.catch_up("Anna")
    assert [len(segment) for segment in store.segments("Anna")] == [1_024, 76]


def test_an_index_of_another_generation_is_not_used(engine: Engine) -> None:
    write(engine, LIVED[:200])
    SqlMemoryStore(engine, TableRows("old")).catch_up("Anna")
    new = SqlMemoryStore(engine, TableRows("new"))
    assert new.catch_up("Anna") == 200
    query = Query("Anna", "search", LIFE.question())
    assert recall(new, query) == recall(InMemoryStore(LIVED[:200]), query)
    assert sum(len(segment) for segment in new.segments("Anna")) == 200


def test_the_index_can_be_dropped_and_comes_back(engine: Engine) -> None:
    write(engine, LIVED[:400])
    store, query = SqlMemoryStore(engine), Query("Anna", "search", LIFE.question())
    store.catch_up("Anna")
    before = recall(store, query)
    store.forget_index()
    assert blocks(engine) == 0
    assert recall(store, query) == before


def test_the_cache_stays_within_its_bound(engine: Engine) -> None:
    store = SqlMemoryStore(engine, cache_bytes=1)
    for npc in ("Anna", "Bert", "Carl"):
        write(engine, list(Life(1).memories(npc, 150)))
        store.catch_up(npc)
        assert store.segments(npc)
    assert store.index.cached == ("Carl",)


def test_superseded_facts_are_hidden(engine: Engine) -> None:
    write(
        engine,
        [
            Memory(
                "Anna",
                number,
                0,
                number,
                f"the king: {place}",
                "said",
                subject="king",
                predicate="home",
                value=place,
            )
            for number, place in ((1, "castle"), (2, "tower"))
        ],
    )
    found = recall(SqlMemoryStore(engine), Query("Anna", "search", "king"))
    assert [one.memory.position for one in found] == [2]


def test_a_row_keeps_everything_of_a_memory() -> None:
    memory = Memory(
        "Anna", 5, 2, 77, "heard", "stole", 123_456, "fear", "Tom", ("P1",), ("Bert",), "prontera",
        Source.TOLD, ("Bert", "Carl"), (3, 1), 400_000, "scene", (3, 4),
        "king", "home", "tower", 12, None, (1, 2),
    )  # fmt: skip
    row = row_of(memory)
    assert memory_of([row[column.name] for column in MEMORIES.c]) == memory
