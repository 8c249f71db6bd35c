"""The database servers that may hold the read models, and how each is told what tests want of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """`cut` ends all other connections to the database: with `each`, once for each id that `cut` finds.

    `waiting` counts who waits for the write lock; `read_only` and `lock_timeout` are the server's words.
    """

    name: str
    cut: str
    waiting: str
    lock: str
    read_only: str
    lock_timeout: str
    each: str = ""
    unlock: str = ""


MARIADB = Dialect(
    "mariadb",
    cut="SELECT id FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND db = DATABASE()",
    each="KILL {}",
    waiting="SELECT count(*) FROM information_schema.processlist WHERE state = 'User lock'",
    lock="LOCK TABLES npcs WRITE",
    unlock="UNLOCK TABLES",
    read_only="READ ONLY",
    lock_timeout="Lock wait timeout",
)
POSTGRESQL = Dialect(
    "postgresql",
    cut="SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE pid <> pg_backend_pid() AND datname = current_database()",
    waiting="SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted",
    lock="LOCK TABLE npcs IN ACCESS EXCLUSIVE MODE",
    read_only="read-only",
    lock_timeout="lock timeout",
)
