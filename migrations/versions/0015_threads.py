"""What is open or marked in a campaign."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from projections.schema import name

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign_threads",
        sa.Column("element_id", name(64), nullable=False),
        sa.Column("campaign_id", name(64), nullable=False),
        sa.Column("kind", name(16), nullable=False),
        sa.Column("state", name(16), nullable=False),
        sa.Column("marked", sa.BigInteger(), nullable=False),
        sa.Column("live", sa.BigInteger(), nullable=False),
        sa.Column("waiting", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("element_id"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_nopad_bin",
        sqlite_with_rowid=False,
    )
    op.create_index("ix_campaign_threads", "campaign_threads", ["campaign_id", "waiting", "changed_at"])


def downgrade() -> None:
    op.drop_table("campaign_threads")
