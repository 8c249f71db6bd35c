"""Alembic's environment: migrate over the connection `adapters.sql.migrate` hands in."""

from __future__ import annotations

from alembic import context

import projections.catalogue
import projections.checkpoints
import projections.configured
import projections.deadletters  # noqa: F401 - they define the tables
from migrations.mariadb import widen_texts
from migrations.sorting import sort_by_characters
from projections.schema import METADATA

connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit(
        "Run `lorestream up` or `adapters.sql.migrate.migrate(url)`; Alembic alone has no connection."
    )

context.configure(
    connection=connection,
    target_metadata=METADATA,
    # SQLite cannot alter columns in place; Alembic then copies the table.
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
    sort_by_characters(connection)
    widen_texts(connection)
