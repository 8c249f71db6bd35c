"""Engines for the read models: SQLite tuned for one writer and many readers, others as they come."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from adapters.sql.crash import mark_open
from events.errors import ConfigurationError
from projections.store import Database

BUSY_SECONDS = 5.0
CACHE_KILOBYTES = 16_384
CHECKPOINT_PAGES = 4_000


def writer_engine(url: str, *, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """An engine whose transactions hold the write lock from their start (SQLite: WAL, `BEGIN IMMEDIATE`).

    Raises `ConfigurationError` when `url` is not a database URL or its driver is not installed.
    """
    return _engine(url, begin="BEGIN IMMEDIATE", busy_seconds=busy_seconds, read_only=False)


def reader_engine(url: str, *, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """An engine that cannot write. Raises `ConfigurationError` as `writer_engine`."""
    return _engine(url, begin="BEGIN", busy_seconds=busy_seconds, read_only=True)


def sqlite_path(url: str) -> Path | None:
    """The file of a SQLite URL, or None for other databases."""
    parsed = _parse(url)
    is_file = parsed.get_backend_name() == "sqlite" and parsed.database not in {None, "", ":memory:"}
    return Path(str(parsed.database)) if is_file else None


def _engine(url: str, *, begin: str, busy_seconds: float, read_only: bool) -> Engine:
    parsed = _parse(url)
    options: dict[str, Any] = {"pool_pre_ping": parsed.get_backend_name() != "sqlite"}
    if parsed.get_backend_name() == "sqlite":
        options["connect_args"] = {"timeout": busy_seconds, "check_same_thread": False}
    try:
        engine = create_engine(parsed, **options)
    except (ImportError, ArgumentError) as error:
        raise ConfigurationError(
            "settings", "database.url", str(error), "Install the driver, or leave it empty for SQLite"
        ) from None
    if parsed.get_backend_name() == "sqlite":
        _tune_sqlite(engine, begin, None if read_only else sqlite_path(url))
    elif read_only:
        return engine.execution_options(isolation_level="AUTOCOMMIT")
    return engine


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


def _tune_sqlite(engine: Engine, begin: str, written: Path | None) -> None:
    """`written` is the file when the engine may write to it."""

    def connected(connection: Any, _: Any) -> None:
        if written is not None:
            mark_open(written)
        # Python's sqlite3 would begin by itself, and only before the first write: too late for a fence.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode = WAL",
            # Flushing makes the log wait for the same disk; what a machine's crash may tear, `crash` finds out.
            "synchronous = OFF",
            "foreign_keys = ON",
            f"cache_size = -{CACHE_KILOBYTES}",
            f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
            "temp_store = MEMORY",
            *(["query_only = ON"] if begin == "BEGIN" else []),
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def begun(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)


def open_database(url: str, *, busy_seconds: float = BUSY_SECONDS) -> Database:
    """Both engines of one database. Connects on first use. Raises `ConfigurationError` as `writer_engine`."""
    return Database(
        writer_engine(url, busy_seconds=busy_seconds), reader_engine(url, busy_seconds=busy_seconds)
    )
