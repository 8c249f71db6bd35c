"""What only MariaDB needs; what all servers must do alike is in `test_servers.py`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import OperationalError

import adapters.completions.keys  # noqa: F401 - it defines a table
import projections.catalogue
import projections.checkpoints
import projections.deadletters  # noqa: F401 - they define the tables
from adapters.sql.engine import open_database, writer_engine
from projections import checkpoints, npcs
from projections.catalogue import ALL
from projections.npc_tables import MEMBERS
from projections.rebuild import UNFINISHED, rebuild
from projections.schema import METADATA
from tests import databases
from tests.adapters.sql.conftest import register
from tests.memory_log import MemoryLog


@pytest.fixture(scope="module")
def fresh() -> Iterator[databases.Fresh]:
    with databases.mariadb() as fresh:
        yield fresh


@pytest.fixture
def maria(fresh: databases.Fresh) -> str:
    return fresh()


def member(npc_id: str) -> dict[str, object]:
    return {"faction_id": "f", "npc_id": npc_id, "rank": "member", "position": 1}


def test_every_text_tells_characters_apart_and_has_room(maria: str) -> None:
    engine = writer_engine(maria)
    odd = text(
        "SELECT table_name, column_name, data_type, collation_name FROM information_schema.columns "
        "WHERE table_schema = DATABASE() AND collation_name IS NOT NULL "
        "AND (collation_name <> 'utf8mb4_nopad_bin' OR data_type NOT IN ('varchar', 'longtext'))"
    )
    with engine.connect() as connection:
        assert connection.execute(odd).all() == []
    engine.dispose()


def test_the_write_lock_outlives_statements_that_end_the_transaction(maria: str) -> None:
    engine, impatient = writer_engine(maria), writer_engine(maria, busy_seconds=0.05)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE something (a BIGINT)"))
        connection.execute(text("DROP TABLE something"))
        with pytest.raises(OperationalError, match="locked"), impatient.begin():
            pass
    with impatient.begin() as connection:
        connection.execute(MEMBERS.insert(), member("John"))
    for writer in (engine, impatient):
        writer.dispose()


def test_databases_of_one_server_have_a_write_lock_each(fresh: databases.Fresh) -> None:
    one, other = writer_engine(fresh()), writer_engine(fresh(), busy_seconds=0.05)
    with one.begin(), other.begin():
        pass
    with pytest.raises(RuntimeError), one.begin():
        raise RuntimeError
    with one.begin():
        pass
    for writer in (one, other):
        writer.dispose()


async def test_a_switch_of_tables_that_was_cut_short_is_seen_and_done_again(maria: str) -> None:
    await register(maria, "John", 1)
    database, log = open_database(maria), MemoryLog()
    with database.writer.begin() as connection:
        # A crash between the renaming and the checkpoints: shadows gone, nothing to be trusted.
        for projection in ALL:
            checkpoints.replace(
                connection, projection.name, checkpoints.Checkpoint(projection.name, UNFINISHED)
            )
    with database.reader.connect() as connection:
        assert {found.version for found in checkpoints.load(connection).values()} == {UNFINISHED}
    assert (await rebuild(log, database, ALL)).finished
    with database.reader.connect() as connection:
        assert {found.version for found in checkpoints.load(connection).values()} == {p.version for p in ALL}
        assert not npcs.registered(connection, "John")
    database.close()


async def test_a_rebuild_leaves_no_table_behind(maria: str) -> None:
    database = open_database(maria)
    query = text("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()")
    with database.reader.connect() as connection:
        before = set(connection.execute(query).scalars())
    for _ in range(2):
        assert (await rebuild(MemoryLog(), database, ALL)).finished
    with database.reader.connect() as connection:
        assert set(connection.execute(query).scalars()) == before
    database.close()


def test_a_text_may_be_longer_than_mariadbs_text(maria: str) -> None:
    engine, long = writer_engine(maria), "x" * 200_000
    with engine.begin() as connection:
        dead = METADATA.tables["dead_letters"]
        row = {
            "projection": "p",
            "position": 1,
            "stream": "s",
            "status": "dead",
            "error": long,
            "attempts": 1,
        }
        connection.execute(insert(dead), row | {"first_seen": 1, "last_seen": 1})
        assert connection.execute(select(dead.c.error)).scalar_one() == long
    engine.dispose()
