"""Of which campaign another is a copy, as of when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from projections.schema import name

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign_forks",
        sa.Column("campaign_id", name(64), nullable=False),
        sa.Column("origin", name(64), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("elements", sa.BigInteger(), nullable=False),
        sa.Column("characters", sa.BigInteger(), nullable=False),
        sa.Column("state", name(16), nullable=False),
        sa.Column("problem", name(500), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("campaign_id"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_nopad_bin",
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("campaign_forks")
