"""What only PostgreSQL needs; what all servers must do alike is in `test_servers.py`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text

import adapters.completions.keys  # noqa: F401 - it defines a table
import projections.catalogue
import projections.checkpoints
import projections.deadletters  # noqa: F401 - they define the tables
from adapters.sql.engine import writer_engine
from events.errors import ConfigurationError
from tests import databases


@pytest.fixture(scope="module")
def fresh() -> Iterator[databases.Fresh]:
    with databases.postgresql() as fresh:
        yield fresh


@pytest.fixture
def postgres(fresh: databases.Fresh) -> str:
    return fresh()


def test_no_table_sorts_by_the_words_of_a_language(postgres: str) -> None:
    engine = writer_engine(postgres)
    others = text(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' "
        "AND data_type = 'character varying' AND collation_name IS DISTINCT FROM 'C'"
    )
    with engine.connect() as connection:
        assert set(connection.execute(others).scalars()) <= {"alembic_version"}
    engine.dispose()


def test_a_driver_that_is_not_installed_is_named_with_the_remedy() -> None:
    with pytest.raises(
        ConfigurationError, match=r"database\.url.*asyncpg|database\.url.*psycopg2"
    ) as missing:
        writer_engine("postgresql+psycopg2://lore@db/lore")
    assert "pip install -e '.[postgresql]'" in str(missing.value)
