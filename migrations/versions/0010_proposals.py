"""Proposals for campaigns, and what models cost a campaign."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proposals",
        _name("proposal_id"),
        _name("campaign_id", 64),
        _name("kind", 16),
        _name("status", 16),
        _text("brief"),
        _name("language", 8),
        _name("seed", 64),
        _name("target", 64),
        _text("drafts"),
        _text("considered"),
        _text("left_out"),
        _name("account_id", 64),
        _name("account_name", 64),
        _number("at"),
        _number("position"),
        _number("version"),
        _number("cost"),
        _number("tokens"),
        sa.Column("accepted_draft", sa.BigInteger(), nullable=True),
        sa.Column("element_id", sa.String(length=64), nullable=True),
        _text("edited"),
        _name("reason", 500),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("proposal_id"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )
    op.create_index("ix_proposals_campaign", "proposals", ["campaign_id", "position"], unique=False)
    op.create_index("ix_proposals_status", "proposals", ["campaign_id", "status", "position"], unique=False)
    op.create_table(
        "campaign_spending",
        _name("campaign_id", 64),
        _name("account_id", 64),
        _name("purpose", 64),
        *map(_number, ("decisions", "unusable", "cost", "input_tokens", "output_tokens", "last_at")),
        sa.PrimaryKeyConstraint("campaign_id", "account_id", "purpose"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("campaign_spending")
    op.drop_table("proposals")


def _name(title: str, length: int = 190) -> sa.Column[object]:
    return sa.Column(title, sa.String(length=length), autoincrement=False, nullable=False)


def _number(title: str) -> sa.Column[object]:
    return sa.Column(title, sa.BigInteger(), autoincrement=False, nullable=False)


def _text(title: str) -> sa.Column[object]:
    return sa.Column(title, sa.Text(), autoincrement=False, nullable=False)
