"""What every text of a MariaDB database needs, whichever revision made it: room, and an order by characters."""

from __future__ import annotations

from sqlalchemy import Connection, text

COLLATION = "utf8mb4_nopad_bin"
_TABLES = text(
    "SELECT DISTINCT c.table_name FROM information_schema.columns c JOIN information_schema.tables t "
    "ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE' "
    "WHERE c.table_schema = DATABASE() AND c.collation_name <> :collation"
)
_SHORT = text(
    "SELECT c.table_name, c.column_name, c.is_nullable FROM information_schema.columns c "
    "JOIN information_schema.tables t "
    "ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE' "
    "WHERE c.table_schema = DATABASE() AND c.data_type IN ('tinytext', 'text', 'mediumtext')"
)


def widen_texts(connection: Connection) -> None:
    """Give every text the collation that tells all characters apart, and every long one the room it has elsewhere.

    MariaDB's TEXT ends after 64 KB, and `utf8mb4_bin` takes "Ann" and "Ann " for the same id. Nothing to do on other
    databases.
    """
    if connection.dialect.name not in {"mariadb", "mysql"}:
        return
    quote = connection.dialect.identifier_preparer.quote
    for (table,) in connection.execute(_TABLES, {"collation": COLLATION}).all():
        statement = f"ALTER TABLE {quote(table)} CONVERT TO CHARACTER SET utf8mb4 COLLATE {COLLATION}"
        connection.execute(text(statement))
    for table, column, nullable in connection.execute(_SHORT).all():
        null = "NULL" if nullable == "YES" else "NOT NULL"
        connection.execute(text(f"ALTER TABLE {quote(table)} MODIFY {quote(column)} LONGTEXT {null}"))
