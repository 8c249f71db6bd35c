"""Conversations with the game master's assistant."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chat_messages",
        _name("chat_id", 400),
        _number("number"),
        _name("campaign_id", 64),
        _name("account_id", 128),
        _name("message_id", 128),
        _name("role", 16),
        _name("speaks", 16),
        _name("character_id", 128),
        _text("text"),
        _text("cites"),
        _text("proposals"),
        _name("route", 16),
        _name("model", 128),
        _name("decision_id", 128),
        _number("prompt_tokens"),
        _number("answer_tokens"),
        _number("cost"),
        _text("problem"),
        _number("at"),
        _number("position"),
        sa.PrimaryKeyConstraint("chat_id", "number"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_with_rowid=False,
    )
    op.create_index("ix_chat_messages_message", "chat_messages", ["message_id"], unique=False)
    op.create_index("ix_chat_messages_campaign", "chat_messages", ["campaign_id", "position"], unique=False)


def downgrade() -> None:
    op.drop_table("chat_messages")


def _name(title: str, length: int = 190) -> sa.Column[object]:
    return sa.Column(title, sa.String(length=length), autoincrement=False, nullable=False)


def _number(title: str) -> sa.Column[object]:
    return sa.Column(title, sa.BigInteger(), autoincrement=False, nullable=False)


def _text(title: str) -> sa.Column[object]:
    return sa.Column(title, sa.Text(), autoincrement=False, nullable=False)
