"""A throw-away database for a fresh fold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.sql.engine import open_database
from adapters.sql.migrate import migrate
from projections.store import Database


@contextmanager
def temporary_database(directory: Path | None = None) -> Iterator[Database]:
    """An empty, migrated SQLite database that is gone afterwards; in `directory`, or where the system puts such."""
    with TemporaryDirectory(prefix="lorestream-", dir=directory) as place:
        url = f"sqlite:///{Path(place) / 'fresh.sqlite3'}"
        migrate(url)
        database = open_database(url)
        try:
            yield database
        finally:
            database.close()
