"""What MariaDB needs to serve as SQLite and PostgreSQL do: one writer at a time, snapshots, nothing cut silently."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

COLLATION = "utf8mb4_nopad_bin"
STRICT = "STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO"
"""rAthena's operators often run with an empty sql_mode, which cuts what is too long without a word."""
CONNECT_SECONDS = 5
READER_SECONDS = 15
WRITER_SECONDS = 600
"""How long a statement may take: making an index of a large table takes minutes."""

_LOCK = "SELECT GET_LOCK(CONCAT('lorestream/', DATABASE()), %s)"
_RELEASE = "DO RELEASE_LOCK(CONCAT('lorestream/', DATABASE()))"


def options(*, read_only: bool) -> dict[str, Any]:
    """Arguments for `create_engine`.

    Without `isolation_level` a transaction reads the snapshot of its first question (REPEATABLE READ, said
    explicitly because servers may have another default).
    """
    arguments = {
        "charset": "utf8mb4",
        "collation": COLLATION,
        "sql_mode": STRICT,
        "connect_timeout": CONNECT_SECONDS,
        # A server that is gone without a word must not be waited for until the kernel gives up.
        "read_timeout": READER_SECONDS if read_only else WRITER_SECONDS,
        "write_timeout": READER_SECONDS,
    }
    return {"connect_args": arguments, "isolation_level": "REPEATABLE READ"}


def forbid_writing(engine: Engine, patience: float) -> None:
    """Let every transaction of `engine` only read; tables that change places are waited for `patience` seconds."""

    def connected(connection: Any, _: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION TRANSACTION READ ONLY")
            cursor.execute("SET SESSION lock_wait_timeout = %s", (max(1, round(patience)),))

    event.listen(engine, "connect", connected)


def lock_writing(engine: Engine, patience: float) -> None:
    """Let a transaction of `engine` begin with the write lock of its database, as `BEGIN IMMEDIATE` does in SQLite.

    The lock is the session's, not the transaction's: statements that change tables end transactions in MariaDB, and
    a switch of read models must not lose its lock half-way. So it is given back after the commit or the rollback.
    """
    dialect: Any = engine.dialect
    committed, rolled_back = dialect.do_commit, dialect.do_rollback
    held: set[int] = set()

    def connected(connection: Any, _: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION lock_wait_timeout = %s", (max(1, round(patience)),))

    def begun(connection: Any) -> None:
        got = connection.exec_driver_sql(_LOCK, (patience,)).scalar_one()
        if got != 1:
            told = TimeoutError(f"the database is locked: another writer did not end within {patience:g} s")
            raise OperationalError(_LOCK, None, told)
        held.add(connection.connection.driver_connection.thread_id())

    def release(connection: Any) -> None:
        number = connection.thread_id()
        if number in held:
            held.discard(number)
            with connection.cursor() as cursor:
                cursor.execute(_RELEASE)

    def do_commit(connection: Any) -> None:
        committed(connection)
        release(connection)

    def do_rollback(connection: Any) -> None:
        rolled_back(connection)
        release(connection)

    dialect.do_commit, dialect.do_rollback = do_commit, do_rollback
    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
