"""PostgreSQL sorts names by their characters, as the other databases do, not by the words of a language."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _sort_by('"C"')


def downgrade() -> None:
    _sort_by('"default"')


def _sort_by(collation: str) -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    quote = connection.dialect.identifier_preparer.quote
    found = sa.inspect(connection)
    for table in found.get_table_names():
        for column in found.get_columns(table):
            kind = column["type"]
            if isinstance(kind, sa.String) and kind.length and table != "alembic_version":
                op.execute(
                    f"ALTER TABLE {quote(table)} ALTER COLUMN {quote(column['name'])} "
                    f"TYPE VARCHAR({kind.length}) COLLATE {collation}"
                )
