"""Queries put to the driver itself: the same rows, the same transaction, the same errors."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import bindparam, select
from sqlalchemy.exc import SQLAlchemyError

from adapters.sql.engine import open_database
from adapters.sql.migrate import migrate
from projections.checkpoints import CHECKPOINTS
from projections.prepared import Prepared, PreparedList
from projections.store import Database

NAMES = [f"model {number}" for number in range(20)]
_ONE = Prepared(
    select(CHECKPOINTS.c.position, CHECKPOINTS.c.name)
    .where(CHECKPOINTS.c.name == bindparam("of"), CHECKPOINTS.c.version == 7)
    .limit(bindparam("most"))
)
_SOME = PreparedList(
    lambda names: select(CHECKPOINTS.c.name).where(
        CHECKPOINTS.c.name.in_(names), CHECKPOINTS.c.position < bindparam("before")
    ),
    CHECKPOINTS.c.name.type,
)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    url = f"sqlite:///{tmp_path / 'prepared.sqlite3'}"
    migrate(url)
    made = open_database(url)
    rows = [
        {"name": name, "version": 7, "position": number, "applied_at": 0, "epoch": 0}
        for number, name in enumerate(NAMES)
    ]
    with made.writer.begin() as connection:
        connection.execute(CHECKPOINTS.insert(), rows)
    return made


def test_rows_are_tuples_in_the_order_of_the_columns_and_constants_of_the_query_count(
    database: Database,
) -> None:
    with database.reader.connect() as connection:
        assert _ONE.all(connection, {"of": "model 3", "most": 5}) == [(3, "model 3")]
        assert _ONE.first(connection, {"of": "model 4", "most": 5}) == (4, "model 4")
        assert _ONE.first(connection, {"of": "nobody", "most": 5}) is None


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 8, 20])
def test_any_number_of_values_may_be_asked_for(database: Database, count: int) -> None:
    with database.reader.connect() as connection:
        found = _SOME.all(connection, NAMES[:count], {"before": 18})
    assert sorted(found) == sorted((name,) for name in NAMES[: min(count, 18)])


def test_questions_of_one_transaction_see_one_state(database: Database) -> None:
    with database.reader.connect() as connection:
        assert _ONE.first(connection, {"of": "model 1", "most": 1}) == (1, "model 1")
        with database.writer.begin() as writing:
            writing.execute(CHECKPOINTS.update().values(position=99))
        assert _ONE.first(connection, {"of": "model 1", "most": 1}) == (1, "model 1")
        assert connection.execute(select(CHECKPOINTS.c.position)).scalars().first() != 99
        connection.rollback()
        assert _ONE.first(connection, {"of": "model 1", "most": 1}) == (99, "model 1")


def test_what_the_driver_refuses_is_an_error_of_sqlalchemy(database: Database) -> None:
    with database.writer.begin() as connection:
        connection.exec_driver_sql("DROP TABLE checkpoints")
    with database.reader.connect() as connection, pytest.raises(SQLAlchemyError, match="no such table"):
        _ONE.all(connection, {"of": "model 1", "most": 1})
