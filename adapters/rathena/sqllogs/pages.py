"""Reading one table of a game server's SQL logs page by page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pydantic_core import to_json
from sqlalchemy import Connection, text

from adapters.rathena.sqllogs.privacy import Privacy
from adapters.rathena.sqllogs.tables import TEXTS, LogTable
from commands.chronicle import MAX_ROWS, Row

PAGE = 1000
PAGE_BYTES = 600_000
"""A commit holds every row twice, in its command and in its events, and may have 2 MB."""


@dataclass(frozen=True, slots=True)
class Page:
    """`rows` are what is kept of the rows up to `cursor`; `full` says that more may be waiting."""

    rows: tuple[Row, ...]
    cursor: int
    left_out: int
    full: bool


def end(connection: Connection, table: LogTable, settle_ms: int) -> int:
    """The cursor of the newest settled row; 0 for an empty table."""
    found = connection.execute(
        text(f"SELECT MAX({table.cursor}) FROM `{table.name}` WHERE {_settled(table)}"),  # noqa: S608 (our own names)
        {"settle": _settle(table, settle_ms)},
    ).scalar()
    return int(found or 0)


def read_page(
    connection: Connection,
    table: LogTable,
    after: int,
    privacy: Privacy,
    settle_ms: int,
    *,
    encoding: str = "cp1252",
    limit: int = PAGE,
) -> Page | None:
    """The rows behind `after` that are older than `settle_ms`; None when there are none.

    Texts that are no UTF-8 are read in `encoding`, the code page of the game's client.

    Rows that share a cursor (those of one second) are never torn apart. Raises SQLAlchemy's errors.
    """
    beyond = f"{table.time} > FROM_UNIXTIME(:after)" if table.by_second else f"{table.cursor} > :after"
    columns = ", ".join(
        f"CAST(`{column}` AS BINARY) AS `{column}`" if column in TEXTS else f"`{column}`"
        for column in table.columns
    )
    found = connection.execute(
        text(
            f"SELECT {table.cursor} AS _row, CAST(UNIX_TIMESTAMP({table.time}) * 1000000 AS SIGNED) AS _at, {columns} "  # noqa: S608
            f"FROM `{table.name}` WHERE {beyond} AND {_settled(table)} ORDER BY {table.cursor} LIMIT :limit"
        ),
        {"after": after, "settle": _settle(table, settle_ms), "limit": limit},
    )
    rows: list[Mapping[str, Any]] = [_decoded(row, encoding) for row in found.mappings()]
    if not rows:
        return None
    full = len(rows) == limit
    groups = [list(group) for _, group in groupby(rows, key=lambda row: int(row["_row"]))]
    if full and table.by_second:
        if len(groups) == 1:
            return read_page(connection, table, after, privacy, settle_ms, encoding=encoding, limit=limit * 4)
        groups.pop()
    return _page(table, groups, privacy, full=full)


def _page(
    table: LogTable, groups: Sequence[Sequence[Mapping[str, Any]]], privacy: Privacy, *, full: bool
) -> Page:
    kept: list[Row] = []
    cursor, left_out, size = 0, 0, 0
    for group in groups:
        made = [row for row in (privacy.kept(to_row(table, found)) for found in group) if row is not None]
        size += sum(200 + len(to_json(row.data)) for row in made)
        if cursor and (size > PAGE_BYTES or len(kept) + len(made) > MAX_ROWS):
            return Page(tuple(kept), cursor, left_out, full=True)
        # More rows in one second than a commit may hold: the rest is counted, not kept.
        room = MAX_ROWS - len(kept)
        kept += made[:room]
        left_out += len(group) - len(made[:room])
        cursor = int(group[0]["_row"])
    return Page(tuple(kept), cursor, left_out, full)


def to_row(table: LogTable, found: Mapping[str, Any]) -> Row:
    """A table's row in the words of the log."""
    kind, data = table.read(found)
    who = {name: found[column] for name, column in table.who.items()}
    where = {name: found[column] for name, column in table.where.items()}
    if table.of_monsters and found["type"] in table.of_monsters:
        data = {**data, "monster_id": who.pop("char_id")}
    return Row(
        kind=re.sub(r"[^a-z0-9_.]", "_", kind.lower())[:64],
        row=int(found["_row"]),
        at=int(found["_at"]),
        char_id=who.get("char_id") or None,
        account_id=who.get("account_id") or None,
        name=str(who.get("name") or "")[:128],
        map=str(where["map"])[:64] if where.get("map") else None,
        x=where.get("x"),
        y=where.get("y"),
        data=data,
    )


def _decoded(row: Mapping[Any, Any], encoding: str) -> dict[str, Any]:
    return {
        name: _text(value, encoding) if isinstance(value, bytes) else value for name, value in row.items()
    }


def _text(value: bytes, encoding: str) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode(encoding, errors="replace")


def _settled(table: LogTable) -> str:
    return f"{table.time} <= NOW(3) - INTERVAL :settle MICROSECOND"


def _settle(table: LogTable, settle_ms: int) -> int:
    # A second is only over when the next one has begun.
    return (max(settle_ms, 1000) if table.by_second else settle_ms) * 1000
