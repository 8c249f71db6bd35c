"""What only PostgreSQL needs; that read models fold the same on it is what `tests/projections` shows."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, text

import adapters.completions.keys  # noqa: F401 - it defines a table
import projections.catalogue
import projections.checkpoints
import projections.deadletters  # noqa: F401 - they define the tables
from adapters.sql.engine import open_database, reader_engine, writer_engine
from adapters.sql.migrate import head_revision, migrate, stored_revision
from adapters.sql.reader import Reader
from events.errors import ConfigurationError, ProjectionUnavailable
from projections import npcs
from projections.npc_tables import MEMBERS
from projections.schema import METADATA
from tests import databases
from tests.adapters.sql.conftest import register


@pytest.fixture(scope="module")
def fresh() -> Iterator[databases.Fresh]:
    with databases.postgresql() as fresh:
        yield fresh


@pytest.fixture
def postgres(fresh: databases.Fresh) -> str:
    return fresh()


def test_migrations_and_tables_agree(postgres: str) -> None:
    engine = writer_engine(postgres)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    assert stored_revision(engine) == head_revision()
    assert migrate(postgres) is False
    engine.dispose()


def test_no_table_sorts_by_the_words_of_a_language(postgres: str) -> None:
    engine = writer_engine(postgres)
    others = text(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' "
        "AND data_type = 'character varying' AND collation_name IS DISTINCT FROM 'C'"
    )
    with engine.connect() as connection:
        assert set(connection.execute(others).scalars()) <= {"alembic_version"}
    engine.dispose()


def test_names_are_sorted_by_their_characters(postgres: str) -> None:
    names = ["Ähre", "Zoë", "anna", "b", "B", "-b"]
    engine = writer_engine(postgres)
    with engine.begin() as connection:
        rows = [{"faction_id": "f", "npc_id": name, "rank": "member", "position": 1} for name in names]
        connection.execute(MEMBERS.insert(), rows)
        found = connection.execute(select(MEMBERS.c.npc_id).order_by(MEMBERS.c.npc_id)).scalars().all()
    assert found == sorted(names)
    engine.dispose()


async def test_a_reader_cannot_write(postgres: str) -> None:
    async with Reader(postgres) as reader:
        with pytest.raises(ProjectionUnavailable, match="read-only"):
            await reader.run(lambda connection: connection.execute(text("DELETE FROM npcs")))


async def test_a_reader_whose_connection_is_cut_connects_again(postgres: str) -> None:
    await register(postgres, "John", 1)
    async with Reader(postgres) as reader:
        assert await reader.run(npcs.registered, "John")
        cutter = writer_engine(postgres)
        with cutter.begin() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE pid <> pg_backend_pid() AND datname = current_database()"
                )
            )
        cutter.dispose()
        with pytest.raises(ProjectionUnavailable) as lost:
            await reader.run(npcs.registered, "John")
        assert "\n" not in str(lost.value)
        assert await reader.run(npcs.registered, "John")


def test_all_questions_of_a_transaction_see_the_same_rows(postgres: str) -> None:
    database = open_database(postgres)
    member = {"faction_id": "f", "npc_id": "John", "rank": "member", "position": 1}
    with database.reader.connect() as connection:
        before = connection.execute(select(MEMBERS)).all()
        with database.writer.begin() as writing:
            writing.execute(MEMBERS.insert(), member)
        assert connection.execute(select(MEMBERS)).all() == before == []
        connection.rollback()
        assert len(connection.execute(select(MEMBERS)).all()) == 1
    database.close()


def test_of_two_writers_one_waits_before_it_has_read_anything(postgres: str) -> None:
    engine = writer_engine(postgres, busy_seconds=20)
    order: list[str] = []

    def second() -> None:
        with engine.begin():
            order.append("second")

    with engine.begin() as connection:
        other = threading.Thread(target=second)
        other.start()
        waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        while not connection.execute(waiting).scalar_one():
            pass
        order.append("first")
    other.join()
    assert order == ["first", "second"]
    engine.dispose()


def test_a_reader_gives_way_when_a_table_is_locked(postgres: str) -> None:
    reader, writer = reader_engine(postgres), writer_engine(postgres)
    with writer.begin() as writing, reader.connect() as connection:
        writing.execute(text("LOCK TABLE npcs IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(Exception, match="lock timeout"):
            connection.execute(text("SELECT * FROM npcs"))
    reader.dispose()
    writer.dispose()


def test_a_driver_that_is_not_installed_is_named_with_the_remedy() -> None:
    with pytest.raises(
        ConfigurationError, match=r"database\.url.*asyncpg|database\.url.*psycopg2"
    ) as missing:
        writer_engine("postgresql+psycopg2://lore@db/lore")
    assert "pip install -e '.[postgresql]'" in str(missing.value)
