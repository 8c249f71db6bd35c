"""The tables of the older server-side specification (`rathena-server-side.md` §4.1) as views of the read models.

Their columns have the names and the meanings they have there; times are UTC. `api_key` is always null: no key is ever
in the database. A view depends on tables that a migration changes and a rebuild exchanges, which SQLite and PostgreSQL
refuse under its feet, so it is taken away before and made again after, in the same transaction. MariaDB finds the
tables of a view by their names whenever it is asked, so a rebuild leaves it alone there.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, inspect, text

BY_NAME = frozenset({"mariadb", "mysql"})
"""Databases whose views need not be made again when tables change places."""
DIALECTS = {"mysql": "mariadb"}
TIMES: dict[str, Callable[[str], str]] = {
    "sqlite": lambda column: f"datetime({column} / 1000000, 'unixepoch')",
    "postgresql": lambda column: (
        f"date_trunc('second', to_timestamp({column} / 1000000) AT TIME ZONE 'UTC')::timestamp(0)"
    ),
    # FROM_UNIXTIME would answer in the time zone of whoever asks.
    "mariadb": lambda column: f"TIMESTAMP('1970-01-01') + INTERVAL ({column} DIV 1000000) SECOND",
}
JOINED: dict[str, Callable[[str, str], str]] = {
    "sqlite": lambda one, other: f"{one} || '/' || {other}",
    "postgresql": lambda one, other: f"{one} || '/' || {other}",
    "mariadb": lambda one, other: f"CONCAT({one}, '/', {other})",
}
PER_COMMIT = 4096
"""Numbers for the events of one commit; no command makes as many. What lies beyond are reflections, whose words are
made only when they are asked for."""


def definitions(dialect: str) -> dict[str, str]:
    """The query of each view in SQL of `dialect` (`sqlite`, `postgresql`, `mariadb` or `mysql`)."""
    dialect = DIALECTS.get(dialect, dialect)
    moment, joined = TIMES[dialect], JOINED[dialect]
    return {
        "ai_providers": (
            "SELECT p.provider_id, p.title AS provider_name, p.type AS provider_type, NULL AS api_key, "
            "p.model, p.config, COALESCE(s.enabled, p.enabled) AS status, p.priority "
            "FROM configured_providers p "
            "LEFT JOIN switches s ON s.category = 'provider' AND s.name = p.name"
        ),
        "ai_agents": (
            "SELECT a.agent_id, a.title AS agent_name, a.type AS agent_type, a.provider_id, a.config, "
            "COALESCE(s.enabled, a.enabled) AS status, a.memory_prefix "
            "FROM configured_agents a LEFT JOIN switches s ON s.category = 'agent' AND s.name = a.name"
        ),
        "ai_memories": _with(
            "SELECT m.position * {per_commit} + m.ordinal AS memory_id, {key} AS memory_key, "
            "m.content AS memory_data, {at} AS created_at, NULL AS expires_at, m.details AS metadata "
            "FROM memories m WHERE m.ordinal < {per_commit}",
            per_commit=str(PER_COMMIT),
            key=joined(joined("m.scope", "m.position"), "m.ordinal"),
            at=moment("m.at"),
        ),
        "ai_events": _with(
            "SELECT e.event_id, e.event_type, e.event_data, {created_at} AS created_at, e.processed, "
            "{processed_at} AS processed_at, NULLIF(e.agent_id, 0) AS agent_id FROM script_events e",
            created_at=moment("e.created_at"),
            processed_at=moment("e.processed_at"),
        ),
    }


def _with(query: str, **parts: str) -> str:
    return query.format_map(parts)


def create(connection: Connection) -> None:
    """Make the views, which must not be there."""
    for name, query in definitions(connection.dialect.name).items():
        connection.execute(text(f"CREATE VIEW {name} AS {query}"))


def drop(connection: Connection) -> None:
    """Take the views away, those that are there."""
    there = set(inspect(connection).get_view_names())
    for name in definitions(connection.dialect.name):
        if name in there:
            connection.execute(text(f"DROP VIEW {name}"))
