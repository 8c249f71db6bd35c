"""What each database server must do alike; that read models fold the same on it is what `tests/projections` shows."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

import adapters.completions.keys  # noqa: F401 - it defines a table
import projections.catalogue
import projections.checkpoints
import projections.deadletters  # noqa: F401 - they define the tables
from adapters.sql.engine import open_database, reader_engine, writer_engine
from adapters.sql.migrate import head_revision, migrate, stored_revision
from adapters.sql.reader import Reader
from events.errors import ProjectionUnavailable
from projections import npcs
from projections.npc_tables import MEMBERS
from projections.schema import METADATA
from tests import databases
from tests.adapters.sql.conftest import register
from tests.adapters.sql.servers import MARIADB, POSTGRESQL, Dialect


@dataclass(frozen=True, slots=True)
class Server:
    """A server and a fresh database on it."""

    dialect: Dialect
    url: str


@pytest.fixture(scope="module", params=[MARIADB, POSTGRESQL], ids=lambda dialect: dialect.name)
def fresh(request: pytest.FixtureRequest) -> Iterator[tuple[Dialect, databases.Fresh]]:
    dialect: Dialect = request.param
    opened = databases.mariadb() if dialect is MARIADB else databases.postgresql()
    with opened as fresh:
        yield dialect, fresh


@pytest.fixture
def server(fresh: tuple[Dialect, databases.Fresh]) -> Server:
    dialect, database = fresh
    return Server(dialect, database())


def member(npc_id: str) -> dict[str, object]:
    return {"faction_id": "f", "npc_id": npc_id, "rank": "member", "position": 1}


def test_migrations_and_tables_agree(server: Server) -> None:
    engine = writer_engine(server.url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    assert stored_revision(engine) == head_revision()
    assert migrate(server.url) is False
    engine.dispose()


def test_names_are_told_apart_and_sorted_by_their_characters(server: Server) -> None:
    names = ["Ähre", "Ahre", "Zoë", "anna", "Anna", "Anna ", "b", "B", "-b", "🐉", "🐲"]
    engine = writer_engine(server.url)
    with engine.begin() as connection:
        connection.execute(MEMBERS.insert(), [member(name) for name in names])
        found = connection.execute(select(MEMBERS.c.npc_id).order_by(MEMBERS.c.npc_id)).scalars().all()
        alike = connection.execute(select(MEMBERS.c.npc_id).where(MEMBERS.c.npc_id == "anna")).scalars().all()
    assert found == sorted(names)
    assert alike == ["anna"]
    engine.dispose()


def test_what_is_too_long_is_refused_even_where_the_server_cuts(server: Server) -> None:
    engine = writer_engine(server.url)
    with pytest.raises(Exception, match="too long"), engine.begin() as connection:
        connection.execute(MEMBERS.insert(), [member("x" * 191)])
    engine.dispose()


async def test_a_reader_cannot_write(server: Server) -> None:
    async with Reader(server.url) as reader:
        with pytest.raises(ProjectionUnavailable, match=server.dialect.read_only):
            await reader.run(lambda connection: connection.execute(text("DELETE FROM npcs")))


async def test_a_reader_whose_connection_is_cut_connects_again(server: Server) -> None:
    await register(server.url, "John", 1)
    async with Reader(server.url) as reader:
        assert await reader.run(npcs.registered, "John")
        cutter = writer_engine(server.url)
        with cutter.connect() as connection:
            others = connection.execute(text(server.dialect.cut)).scalars().all()
            for number in others if server.dialect.each else ():
                connection.execute(text(server.dialect.each.format(number)))
        cutter.dispose()
        with pytest.raises(ProjectionUnavailable) as lost:
            await reader.run(npcs.registered, "John")
        assert "\n" not in str(lost.value)
        assert await reader.run(npcs.registered, "John")


def test_all_questions_of_a_transaction_see_the_same_rows(server: Server) -> None:
    database = open_database(server.url)
    with database.reader.connect() as connection:
        before = connection.execute(select(MEMBERS)).all()
        with database.writer.begin() as writing:
            writing.execute(MEMBERS.insert(), member("John"))
        assert connection.execute(select(MEMBERS)).all() == before == []
        connection.rollback()
        assert len(connection.execute(select(MEMBERS)).all()) == 1
    database.close()


def test_of_two_writers_one_waits_before_it_has_read_anything(server: Server) -> None:
    engine = writer_engine(server.url, busy_seconds=20)
    order: list[str] = []

    def second() -> None:
        with engine.begin():
            order.append("second")

    with engine.begin() as connection:
        other = threading.Thread(target=second)
        other.start()
        while not connection.execute(text(server.dialect.waiting)).scalar_one():
            pass
        order.append("first")
    other.join()
    assert order == ["first", "second"]
    engine.dispose()


def test_a_reader_gives_way_when_a_table_is_locked(server: Server) -> None:
    reader, writer = reader_engine(server.url), writer_engine(server.url)
    with writer.begin() as writing, reader.connect() as connection:
        writing.execute(text(server.dialect.lock))
        with pytest.raises(DBAPIError, match=server.dialect.lock_timeout):
            connection.execute(text("SELECT * FROM npcs"))
        if server.dialect.unlock:
            writing.execute(text(server.dialect.unlock))
    reader.dispose()
    writer.dispose()
