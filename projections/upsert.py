"""Insert-or-replace, the one statement every database spells differently."""

from __future__ import annotations

from sqlalchemy import Insert, Table


def upsert(table: Table, dialect: str) -> Insert:
    """An INSERT of whole rows that overwrites the row with the same primary key.

    `dialect` is SQLAlchemy's name: `sqlite`, `postgresql`, `mysql` or `mariadb`. Raises `NotImplementedError`
    for any other.
    """
    # Importing a dialect costs up to 300 ms at every start of every role; one of the three is needed.
    keys = [column.name for column in table.primary_key]
    others = [column.name for column in table.columns if not column.primary_key]
    if dialect in {"mysql", "mariadb"}:
        from sqlalchemy.dialects import mysql

        made = mysql.insert(table)
        # A table of keys only has nothing to overwrite; MariaDB then needs a harmless assignment.
        return made.on_duplicate_key_update({key: made.inserted[key] for key in others or keys[:1]})
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite

        lite = sqlite.insert(table)
        if not others:
            return lite.on_conflict_do_nothing(index_elements=keys)
        return lite.on_conflict_do_update(
            index_elements=keys, set_={key: lite.excluded[key] for key in others}
        )
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        post = postgresql.insert(table)
        if not others:
            return post.on_conflict_do_nothing(index_elements=keys)
        return post.on_conflict_do_update(
            index_elements=keys, set_={key: post.excluded[key] for key in others}
        )
    raise NotImplementedError(f"read models cannot be stored in {dialect}: use sqlite, postgresql or mariadb")
