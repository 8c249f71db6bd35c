"""What models may cost a campaign, and what each day's calls did cost."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from projections.schema import name

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _table(
        "campaign_allowance_days",
        ("campaign_id", "day"),
        sa.Column("campaign_id", name(64), nullable=False),
        sa.Column("day", name(10), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
    )
    _table(
        "campaign_spending_limits",
        ("campaign_id",),
        sa.Column("campaign_id", name(64), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("period", name(8), nullable=False),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.Column("set_by", name(64), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("campaign_spending_limits")
    op.drop_table("campaign_allowance_days")


def _table(title: str, keys: tuple[str, ...], *columns: sa.Column[object]) -> None:
    op.create_table(
        title,
        *columns,
        sa.PrimaryKeyConstraint(*keys),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_nopad_bin",
        sqlite_with_rowid=False,
    )
