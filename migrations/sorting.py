"""How PostgreSQL sorts names: by their characters, as the other databases do, not by the words of a language."""

from __future__ import annotations

from sqlalchemy import Connection, text

_OTHERS = text(
    "SELECT table_name, column_name, character_maximum_length FROM information_schema.columns "
    "WHERE table_schema = current_schema() AND data_type = 'character varying' "
    "AND character_maximum_length IS NOT NULL AND collation_name IS DISTINCT FROM 'C' "
    "AND table_name <> 'alembic_version'"
)


def sort_by_characters(connection: Connection) -> None:
    """Give every bounded text column the collation `C`. Nothing to do on other databases."""
    if connection.dialect.name != "postgresql":
        return
    quote = connection.dialect.identifier_preparer.quote
    for table, column, length in connection.execute(_OTHERS).all():
        connection.execute(
            text(
                f'ALTER TABLE {quote(table)} ALTER COLUMN {quote(column)} TYPE VARCHAR({length}) COLLATE "C"'
            )
        )
