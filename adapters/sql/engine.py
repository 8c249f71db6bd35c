"""Engines for the read models on SQLite, PostgreSQL and MariaDB: one writer at a time, readers that cannot write."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from adapters.sql import mariadb
from adapters.sql.crash import mark_open
from events.errors import ConfigurationError
from projections.store import Database

MARIADB = {"mariadb", "mysql"}
BUSY_SECONDS = 5.0
CACHE_KILOBYTES = 16_384
CHECKPOINT_PAGES = 4_000
CONNECT_SECONDS = 5
GIVE_WAY_MILLISECONDS = 300
SILENCE_MILLISECONDS = 15_000
WRITE_LOCK = 0x6C6F7265
"""PostgreSQL's advisory lock that stands for SQLite's write lock; locks of this kind are per database."""
EXTRAS = {"postgresql", "mariadb"}
"""Databases whose driver is an optional dependency of that name."""


def writer_engine(url: str, *, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """An engine whose transactions hold the write lock from their start.

    SQLite: WAL and `BEGIN IMMEDIATE`; PostgreSQL and MariaDB: an advisory lock.

    Raises `ConfigurationError` when `url` is not a database URL or its driver is not installed.
    """
    return _engine(url, begin="BEGIN IMMEDIATE", busy_seconds=busy_seconds, read_only=False)


def reader_engine(url: str, *, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """An engine that cannot write and reads one snapshot per transaction.

    Raises `ConfigurationError` as `writer_engine`.
    """
    return _engine(url, begin="BEGIN", busy_seconds=busy_seconds, read_only=True)


def durable_engine(url: str, *, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """An engine for what does not follow from the log: SQLite flushes each transaction, and the lock of the read
    models' one writer is not asked for.

    Raises `ConfigurationError` as `writer_engine`.
    """
    parsed = _parse(url)
    kind = parsed.get_backend_name()
    if kind == "sqlite":
        arguments = {"timeout": busy_seconds, "check_same_thread": False}
        engine = create_engine(parsed, connect_args=arguments)
        _tune_sqlite(engine, "BEGIN IMMEDIATE", None, synchronous="FULL")
        return engine
    options: dict[str, Any] = {"pool_pre_ping": True}
    if kind == "postgresql":
        options |= _postgresql(False, busy_seconds)
    elif kind in MARIADB:
        options |= mariadb.options(read_only=False)
    return create_engine(parsed, **options)


def sqlite_path(url: str) -> Path | None:
    """The file of a SQLite URL, or None for other databases."""
    parsed = _parse(url)
    is_file = parsed.get_backend_name() == "sqlite" and parsed.database not in {None, "", ":memory:"}
    return Path(str(parsed.database)) if is_file else None


def _engine(url: str, *, begin: str, busy_seconds: float, read_only: bool) -> Engine:
    parsed = _parse(url)
    kind = parsed.get_backend_name()
    options: dict[str, Any] = {"pool_pre_ping": kind != "sqlite"}
    if kind == "sqlite":
        options["connect_args"] = {"timeout": busy_seconds, "check_same_thread": False}
    elif kind == "postgresql":
        options |= _postgresql(read_only, busy_seconds)
    elif kind in MARIADB:
        options |= mariadb.options(read_only=read_only)
    try:
        engine = create_engine(parsed, **options)
    except (ImportError, ArgumentError) as error:
        extra = f", in our environment `pip install -e '.[{kind}]'`" if kind in EXTRAS else ""
        raise ConfigurationError(
            "settings",
            "database.url",
            str(error),
            f"Install the driver{extra}, or leave it empty for SQLite",
        ) from None
    if kind == "sqlite":
        _tune_sqlite(engine, begin, None if read_only else sqlite_path(url))
    elif kind == "postgresql" and not read_only:
        event.listen(engine, "begin", _lock_for_writing)
    elif kind in MARIADB and read_only:
        mariadb.forbid_writing(engine, GIVE_WAY_MILLISECONDS / 1000)
    elif kind in MARIADB:
        mariadb.lock_writing(engine, busy_seconds)
    return engine


def _postgresql(read_only: bool, busy_seconds: float) -> dict[str, Any]:
    # Readers give way when tables change places: they could otherwise hold one table while they wait for another
    # one that the writer holds.
    patience = GIVE_WAY_MILLISECONDS if read_only else round(busy_seconds * 1000)
    arguments: dict[str, Any] = {
        "connect_timeout": CONNECT_SECONDS,
        # A server that is gone without a word must not be waited for until the kernel gives up, after minutes.
        "tcp_user_timeout": SILENCE_MILLISECONDS,
        "options": f"-c lock_timeout={patience}",
    }
    # Positional parameters are what `projections.store` writes many rows at once with.
    options: dict[str, Any] = {"paramstyle": "format", "connect_args": arguments}
    if read_only:
        options["isolation_level"] = "REPEATABLE READ"
        arguments["options"] += " -c default_transaction_read_only=on"
    return options


def _lock_for_writing(connection: Any) -> None:
    """What `BEGIN IMMEDIATE` does in SQLite: of two writers, one waits before it has read anything."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITE_LOCK})")


def _parse(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError:
        raise ConfigurationError(
            "settings",
            "database.url",
            "not a database URL",
            "Use for example sqlite:////var/lib/lorestream.db",
        ) from None


def _tune_sqlite(engine: Engine, begin: str, written: Path | None, *, synchronous: str = "OFF") -> None:
    """`written` is the file when the engine may write read models to it."""

    def connected(connection: Any, _: Any) -> None:
        if written is not None:
            mark_open(written)
        # Python's sqlite3 would begin by itself, and only before the first write: too late for a fence.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode = WAL",
            # Flushing makes the log wait for the same disk; what a machine's crash may tear, `crash` finds out.
            f"synchronous = {synchronous}",
            "foreign_keys = ON",
            f"cache_size = -{CACHE_KILOBYTES}",
            f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
            "temp_store = MEMORY",
            *(["query_only = ON"] if begin == "BEGIN" else []),
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def begun(connection: Any) -> None:
        # By the driver itself: through SQLAlchemy it takes longer than most of the queries that follow.
        try:
            connection.connection.driver_connection.execute(begin)
        except sqlite3.Error as error:
            raise OperationalError(begin, None, error) from error

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)


def open_database(url: str, *, busy_seconds: float = BUSY_SECONDS) -> Database:
    """Both engines of one database. Connects on first use. Raises `ConfigurationError` as `writer_engine`."""
    return Database(
        writer_engine(url, busy_seconds=busy_seconds), reader_engine(url, busy_seconds=busy_seconds)
    )
