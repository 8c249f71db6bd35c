"""What only MariaDB needs; that read models fold the same on it is what `tests/projections` shows."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import insert, select, text
from sqlalchemy.exc import OperationalError

import adapters.completions.keys  # noqa: F401 - it defines a table
import projections.catalogue
import projections.checkpoints
import projections.deadletters  # noqa: F401 - they define the tables
from adapters.sql.engine import open_database, reader_engine, writer_engine
from adapters.sql.migrate import head_revision, migrate, stored_revision
from adapters.sql.reader import Reader
from events.errors import ProjectionUnavailable
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


def test_migrations_and_tables_agree(maria: str) -> None:
    engine = writer_engine(maria)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    assert stored_revision(engine) == head_revision()
    assert migrate(maria) is False
    engine.dispose()


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


def test_names_are_told_apart_and_sorted_by_their_characters(maria: str) -> None:
    names = ["Ähre", "Ahre", "Zoë", "anna", "Anna", "Anna ", "b", "-b", "🐉", "🐲"]
    engine = writer_engine(maria)
    with engine.begin() as connection:
        connection.execute(MEMBERS.insert(), [member(name) for name in names])
        found = connection.execute(select(MEMBERS.c.npc_id).order_by(MEMBERS.c.npc_id)).scalars().all()
        alike = connection.execute(select(MEMBERS.c.npc_id).where(MEMBERS.c.npc_id == "anna")).scalars().all()
    assert found == sorted(names)
    assert alike == ["anna"]
    engine.dispose()


def test_what_is_too_long_is_refused_even_where_the_server_cuts(maria: str) -> None:
    engine = writer_engine(maria)
    with pytest.raises(Exception, match="too long"), engine.begin() as connection:
        connection.execute(MEMBERS.insert(), [member("x" * 191)])
    engine.dispose()


async def test_a_reader_cannot_write(maria: str) -> None:
    async with Reader(maria) as reader:
        with pytest.raises(ProjectionUnavailable, match="READ ONLY"):
            await reader.run(lambda connection: connection.execute(text("DELETE FROM npcs")))


async def test_a_reader_whose_connection_is_cut_connects_again(maria: str) -> None:
    await register(maria, "John", 1)
    async with Reader(maria) as reader:
        assert await reader.run(npcs.registered, "John")
        cutter = writer_engine(maria)
        with cutter.connect() as connection:
            others = text(
                "SELECT id FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND db = DATABASE()"
            )
            for number in connection.execute(others).scalars().all():
                connection.execute(text(f"KILL {number}"))
        cutter.dispose()
        with pytest.raises(ProjectionUnavailable) as lost:
            await reader.run(npcs.registered, "John")
        assert "\n" not in str(lost.value)
        assert await reader.run(npcs.registered, "John")


def test_all_questions_of_a_transaction_see_the_same_rows(maria: str) -> None:
    database = open_database(maria)
    with database.reader.connect() as connection:
        before = connection.execute(select(MEMBERS)).all()
        with database.writer.begin() as writing:
            writing.execute(MEMBERS.insert(), member("John"))
        assert connection.execute(select(MEMBERS)).all() == before == []
        connection.rollback()
        assert len(connection.execute(select(MEMBERS)).all()) == 1
    database.close()


def test_of_two_writers_one_waits_before_it_has_read_anything(maria: str) -> None:
    engine = writer_engine(maria, busy_seconds=20)
    order: list[str] = []

    def second() -> None:
        with engine.begin():
            order.append("second")

    with engine.begin() as connection:
        other = threading.Thread(target=second)
        other.start()
        waiting = text("SELECT count(*) FROM information_schema.processlist WHERE state = 'User lock'")
        while not connection.execute(waiting).scalar_one():
            pass
        order.append("first")
    other.join()
    assert order == ["first", "second"]
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


def test_a_reader_gives_way_when_a_table_is_locked(maria: str) -> None:
    reader, writer = reader_engine(maria), writer_engine(maria)
    with writer.begin() as writing, reader.connect() as connection:
        writing.execute(text("LOCK TABLES npcs WRITE"))
        with pytest.raises(OperationalError, match="Lock wait timeout"):
            connection.execute(text("SELECT * FROM npcs"))
        writing.execute(text("UNLOCK TABLES"))
    reader.dispose()
    writer.dispose()


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
