"""Questions asked hundreds of times a second: compiled once, then put to the driver itself.

A lookup by key takes SQLite 3 µs; SQLAlchemy's execution and result objects around it take ten times as long. The
statements stay SQLAlchemy's, so that they run on every database; only what happens on each execution is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Connection, Select, bindparam
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

Row = tuple[Any, ...]


class _Statement(NamedTuple):
    """`order` are the parameters' names where the driver counts them; `constants` those the query itself gives."""

    text: str
    order: tuple[str, ...] | None
    constants: Mapping[str, Any]


class Prepared:
    """One query with named bind parameters, none of them expanding. Safe to use from several threads."""

    def __init__(self, query: Select[Any]) -> None:
        self._query = query
        self._compiled: dict[str, _Statement] = {}

    def all(self, connection: Connection, values: Mapping[str, Any]) -> list[Row]:
        """All rows, as plain tuples in the order of the query's columns.

        It sees what other queries of the connection's transaction see. Raises `sqlalchemy.exc.DBAPIError` as
        `Connection.execute` does.
        """
        statement = self._compiled.get(connection.dialect.name) or self._compile(connection)
        if not connection.in_transaction():
            connection.begin()
        named = {**statement.constants, **values}
        order = statement.order
        given = named if order is None else tuple([named[name] for name in order])
        cursor = connection.connection.cursor()
        try:
            cursor.execute(statement.text, given)
            return list(cursor.fetchall())
        except connection.dialect.loaded_dbapi.Error as error:
            raise DBAPIError.instance(
                statement.text, None, error, connection.dialect.loaded_dbapi.Error
            ) from error
        finally:
            cursor.close()

    def first(self, connection: Connection, values: Mapping[str, Any]) -> Row | None:
        """The first of `all`, or None; for queries by key."""
        rows = self.all(connection, values)
        return rows[0] if rows else None

    def _compile(self, connection: Connection) -> _Statement:
        compiled = self._query.compile(dialect=connection.dialect)
        order = None if compiled.positiontup is None else tuple(compiled.positiontup)
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        made = self._compiled[connection.dialect.name] = _Statement(str(compiled), order, constants)
        return made


class PreparedList:
    """A query about a list of values: one statement for each power of two, the last value repeated to fill it."""

    def __init__(
        self, query: Callable[[list[BindParameter[Any]]], Select[Any]], kind: TypeEngine[Any]
    ) -> None:
        """`query` is given the parameters, which are of SQL type `kind`, for its `in_`."""
        self._query, self._kind = query, kind
        self._sizes: dict[int, Prepared] = {}

    def all(
        self, connection: Connection, items: Sequence[Any], values: Mapping[str, Any] | None = None
    ) -> list[Row]:
        """As `Prepared.all` for these `items`, of which there may be none; `values` are the other parameters."""
        if not items:
            return []
        size = 1 << (len(items) - 1).bit_length()
        prepared = self._sizes.get(size)
        if prepared is None:
            wanted = [bindparam(f"item_{n}", type_=self._kind) for n in range(size)]
            prepared = self._sizes[size] = Prepared(self._query(wanted))
        last = len(items) - 1
        return prepared.all(
            connection, {**(values or {}), **{f"item_{n}": items[min(n, last)] for n in range(size)}}
        )
