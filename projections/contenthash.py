"""The content hash of a read model: equal rows give equal hashes, whatever order they were written in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection, Table, select

from projections import checkpoints
from projections.projection import Projection
from projections.schema import to_text
from projections.store import Targets

_BYTES = 32
_PAGE = 5000


@dataclass(frozen=True, slots=True)
class ContentHash:
    """A read model's hash at a log position. Comparable only at equal position and version."""

    projection: str
    version: int
    position: int
    rows: int
    digest: str


def content_hash(
    connection: Connection, projection: Projection, targets: Targets | None = None
) -> ContentHash:
    """Hash what a read model holds, as seen in the connection's transaction.

    The sum of the rows' BLAKE2b hashes modulo 2²⁵⁶ per table: no sorting, because databases sort text
    differently. It detects errors; it is no proof against somebody who crafts rows.
    """
    stored = checkpoints.load(connection).get(projection.name)
    whole, count = hashlib.blake2b(digest_size=_BYTES), 0
    for table in sorted(projection.tables, key=lambda table: table.name):
        total, rows = _sum(connection, table, table if targets is None else targets[table])
        whole.update(to_text([table.name, rows, f"{total:x}"]).encode())
        count += rows
    return ContentHash(
        projection.name,
        stored.version if stored else projection.version,
        stored.position if stored else 0,
        count,
        whole.hexdigest(),
    )


def _sum(connection: Connection, table: Table, stored_as: Table) -> tuple[int, int]:
    columns = sorted(column.name for column in table.columns)
    query = select(*(stored_as.c[name] for name in columns)).execution_options(yield_per=_PAGE)
    total = count = 0
    for row in connection.execute(query):
        digest = hashlib.blake2b(to_text(list(row)).encode(), digest_size=_BYTES).digest()
        total = (total + int.from_bytes(digest, "big")) % (1 << (8 * _BYTES))
        count += 1
    return total, count
