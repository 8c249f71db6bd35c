"""What `lorestream doctor` says about a real MariaDB."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from adapters.diagnosis import mariadb
from adapters.settings import ChronicleSettings, DatabaseSettings, Settings
from tests import databases


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with databases.mariadb_server() as url:
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in (
                "CREATE TABLE chatlog (id bigint NOT NULL auto_increment PRIMARY KEY)",
                "CREATE TABLE npclog (id bigint NOT NULL auto_increment PRIMARY KEY)",
                "CREATE USER poor@'127.0.0.1' IDENTIFIED BY 'secret'",
                "GRANT SELECT, INSERT ON lore.chatlog TO poor@'127.0.0.1'",
                "CREATE DATABASE `other_one`",
                r"GRANT SELECT, INSERT, UPDATE ON `other\_one`.* TO poor@'127.0.0.1'",
            ):
                connection.execute(text(statement))
        engine.dispose()
        yield url


def settings(tmp_path: Path, database: str = "", chronicle: str = "") -> Settings:
    return Settings(
        state=tmp_path,
        database=DatabaseSettings(url=database),
        chronicle=ChronicleSettings(url=chronicle, tables=("chatlog", "npclog")),
    )


def poor(server: str, database: str) -> str:
    url = make_url(server).set(username="poor", password="secret", database=database)
    return url.render_as_string(hide_password=False)


def test_nothing_is_said_where_mariadb_is_not_used(tmp_path: Path) -> None:
    assert mariadb.examine(settings(tmp_path)) == []


def test_the_server_and_its_driver_are_told(server: str, tmp_path: Path) -> None:
    (found,) = mariadb.examine(settings(tmp_path, server))
    assert found.verdict == "ok"
    assert "MariaDB" in found.detail and "pymysql" in found.detail and "REPEATABLE-READ" in found.detail


def test_missing_privileges_are_named(server: str, tmp_path: Path) -> None:
    told = mariadb.examine(settings(tmp_path, poor(server, "other_one")))
    assert [finding.verdict for finding in told] == ["ok", "warning"]
    assert "may not DELETE, CREATE, DROP, ALTER, INDEX, CREATE VIEW" in told[1].detail


def test_tables_of_the_chronicle_that_cannot_be_read_are_named_with_what_to_do(
    server: str, tmp_path: Path
) -> None:
    (well,) = mariadb.examine(settings(tmp_path, chronicle=server))
    assert (well.verdict, "all 2 tables" in well.detail) == ("ok", True)
    (found,) = mariadb.examine(settings(tmp_path, chronicle=poor(server, "lore")))
    assert found.verdict == "warning"
    assert "npclog" in found.detail and "chatlog:" not in found.detail and "GRANT SELECT" in found.remedy
    assert "secret" not in found.detail


def test_a_game_servers_database_that_is_away_is_no_problem_of_the_platform(tmp_path: Path) -> None:
    (found,) = mariadb.examine(settings(tmp_path, chronicle="mariadb+pymysql://x:secret@127.0.0.1:1/x"))
    assert found.verdict == "warning"
    assert "secret" not in found.detail
