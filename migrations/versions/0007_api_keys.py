"""Keys of the compatible endpoint. Not a read model: they are not in the log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("name", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("hint", sa.String(length=16), autoincrement=False, nullable=False),
        sa.Column("profile", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("name"),
        sqlite_with_rowid=False,
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )


def downgrade() -> None:
    op.drop_table("api_keys")
