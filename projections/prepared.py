"""Questions asked hundreds of times a second: compiled once, then put to the driver itself.

A lookup by key takes SQLite 3 µs; SQLAlchemy's execution and result objects around it take ten times as long. The
statements stay SQLAlchemy's, so that they run on every database; only what happens on each execution is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Select
from sqlalchemy.exc import DBAPIError

Row = tuple[Any, ...]


class Prepared:
    """One query with named bind parameters, none of them expanding. Safe to use from several threads."""

    def __init__(self, query: Select[Any]) -> None:
        self._query = query
        self._texts: dict[str, tuple[str, tuple[str, ...] | None]] = {}

    def all(self, connection: Connection, values: Mapping[str, Any]) -> list[Row]:
        """All rows, as plain tuples in the order of the query's columns.

        It sees what other queries of the connection's transaction see. Raises `sqlalchemy.exc.DBAPIError` as
        `Connection.execute` does.
        """
        text, order = self._texts.get(connection.dialect.name) or self._compiled(connection)
        if not connection.in_transaction():
            connection.begin()
        given = values if order is None else tuple([values[name] for name in order])
        cursor = connection.connection.cursor()
        try:
            cursor.execute(text, given)
            return list(cursor.fetchall())
        except connection.dialect.loaded_dbapi.Error as error:
            raise DBAPIError.instance(text, None, error, connection.dialect.loaded_dbapi.Error) from error
        finally:
            cursor.close()

    def first(self, connection: Connection, values: Mapping[str, Any]) -> Row | None:
        """The first of `all`, or None; for queries by key."""
        rows = self.all(connection, values)
        return rows[0] if rows else None

    def _compiled(self, connection: Connection) -> tuple[str, tuple[str, ...] | None]:
        compiled = self._query.compile(dialect=connection.dialect)
        order = compiled.positiontup
        made = str(compiled), None if order is None else tuple(order)
        self._texts[connection.dialect.name] = made
        return made
