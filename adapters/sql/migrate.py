"""Bringing the database's tables to this release's shape, and finding out quickly that they already are.

Importing Alembic costs a quarter of a second; a start that has nothing to migrate does without.
"""

from __future__ import annotations

import time
from pathlib import Path

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

import migrations
from adapters.sql.engine import sqlite_path, writer_engine
from adapters.sql.outage import unavailable
from events.errors import ConfigurationError
from projections import views

ATTEMPTS = 10
RETRY_SECONDS = 0.2


def head_revision() -> str:
    """The newest revision of this release: the last file of `migrations/versions`, named in order."""
    return _revisions()[-1]


def _revisions() -> list[str]:
    return sorted(path.stem.partition("_")[0] for path in _versions().glob("[0-9]*.py"))


def stored_revision(engine: Engine) -> str | None:
    """The revision the database is at, or None if it has no tables of ours."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
        return None if found is None else str(found)


def migrate(url: str) -> bool:
    """Upgrade the database at `url` to `head_revision`; whether there was anything to do.

    Creates the directory of a SQLite file. Raises `ProjectionUnavailable` when the database cannot be used,
    `ConfigurationError` when `url` is wrong, or a newer release has been at work there.
    """
    path = sqlite_path(url)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    for attempt in range(ATTEMPTS):
        engine = writer_engine(url)
        try:
            stored = stored_revision(engine)
            if stored == head_revision():
                return False
            if stored is not None and stored not in _revisions():
                raise ConfigurationError(
                    "settings",
                    "database.url",
                    f"the tables are of another release: revision {stored}; this one knows up to {head_revision()}",
                    "Run that release, or name another database: all of it is folded anew from the log.",
                )
            _upgrade(engine)
        except SQLAlchemyError as error:
            # Two processes that switch a new file to WAL refuse each other at once, whatever the busy timeout.
            if "locked" in str(error) and attempt + 1 < ATTEMPTS:
                time.sleep(RETRY_SECONDS)
                continue
            raise unavailable(error) from error
        finally:
            engine.dispose()
        return True
    raise AssertionError("the last attempt returns or raises")


def _upgrade(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    # One transaction with the write lock from its start: of two processes that start at once, one waits.
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        # Views are made anew with every migration, so a change of theirs needs one, too.
        views.drop(connection)
        command.upgrade(config, "head")
        views.create(connection)


def _versions() -> Path:
    return Path(migrations.__file__).parent / "versions"
