from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import text

from adapters.sql.crash import discard_torn, mark_closed
from adapters.sql.engine import open_database


def written(path: Path) -> None:
    database = open_database(f"sqlite:///{path}")
    with database.writer.begin() as connection:
        connection.execute(text("create table kept (x integer)"))
        connection.execute(text("insert into kept values (1)"))
    database.close()


def marker(path: Path) -> Path:
    return path.with_name(path.name + ".open")


def test_read_models_open_when_the_machine_went_down_are_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "read.sqlite3"
    written(path)
    marker(path).write_text("another boot")
    assert discard_torn(path)
    assert list(tmp_path.iterdir()) == []


def test_a_killed_process_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "read.sqlite3"
    written(path)
    assert marker(path).exists()
    assert not discard_torn(path)
    with sqlite3.connect(path) as connection:
        assert connection.execute("select x from kept").fetchall() == [(1,)]
    connection.close()


def test_a_clean_end_leaves_no_doubt(tmp_path: Path) -> None:
    path = tmp_path / "read.sqlite3"
    written(path)
    mark_closed(path)
    assert not marker(path).exists()
    assert not discard_torn(path)
    assert path.exists()


def test_reading_marks_nothing(tmp_path: Path) -> None:
    path = tmp_path / "read.sqlite3"
    written(path)
    mark_closed(path)
    database = open_database(f"sqlite:///{path}")
    with database.reader.connect() as connection:
        assert connection.execute(text("select x from kept")).scalar_one() == 1
    database.close()
    assert not marker(path).exists()
