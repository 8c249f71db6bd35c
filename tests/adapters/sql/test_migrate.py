from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

import adapters.completions.keys  # noqa: F401 - it defines a table
import projections.catalogue
import projections.checkpoints
import projections.deadletters  # noqa: F401 - they define the tables
from adapters.sql.engine import writer_engine
from adapters.sql.migrate import head_revision, migrate, stored_revision
from events.errors import ConfigurationError, ProjectionUnavailable
from projections.schema import METADATA


def test_migrations_and_tables_agree(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.sqlite3'}"
    migrate(url)
    engine = writer_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    assert stored_revision(engine) == head_revision()
    engine.dispose()


def test_migrating_twice_does_nothing_and_does_not_import_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'deep' / 'er' / 'a.sqlite3'}"
    assert migrate(url)
    script = f"""
import sys
from adapters.sql.migrate import migrate
assert not migrate({url!r})
assert not any(name.startswith("alembic") for name in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=Path(__file__).parents[3], capture_output=True, text=True
    )
    assert done.stderr == ""
    assert done.returncode == 0


def test_a_file_that_is_no_database_is_named_with_the_remedy(tmp_path: Path) -> None:
    file = tmp_path / "a.sqlite3"
    file.write_text("garbage " * 100)
    with pytest.raises(ProjectionUnavailable, match="move it away"):
        migrate(f"sqlite:///{file}")
    assert file.read_text().startswith("garbage")


def test_tables_of_a_newer_release_are_left_alone_and_named_with_the_remedy(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.sqlite3'}"
    migrate(url)
    engine = writer_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigurationError, match="Run that release"):
        migrate(url)
    assert stored_revision(engine) == "9999"
    engine.dispose()


def test_two_processes_that_migrate_at_once_both_succeed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.sqlite3'}"
    with ThreadPoolExecutor(2) as both:
        done = list(both.map(migrate, [url, url]))
    assert True in done


def test_a_url_that_is_none_is_a_configuration_error() -> None:
    with pytest.raises(ConfigurationError, match=r"database\.url"):
        migrate("not a url")


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite3"
    path.write_text("hello " * 1000)
    with pytest.raises(ProjectionUnavailable, match="not a database"):
        migrate(f"sqlite:///{path}")
