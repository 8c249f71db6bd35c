"""Events of scripts, switches, and what is configured: what the views of the older specification are made of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _table(
        "script_events",
        ("event_id",),
        _number("event_id"),
        _name("event_type", 64),
        _text("event_data"),
        _number("created_at"),
        _number("processed"),
        sa.Column("processed_at", sa.BigInteger(), nullable=True),
        _name("agent", 64),
        _number("agent_id"),
        _name("char_id", 32),
        _name("map", 128),
        _number("position"),
    )
    _table(
        "switches",
        ("category", "name"),
        _name("category", 16),
        _name("name"),
        _number("enabled"),
        _text("reason"),
        _number("changed_at"),
        _number("position"),
    )
    _table(
        "configured_providers",
        ("provider_id",),
        _number("provider_id"),
        _name("name", 64),
        _name("title", 64),
        _name("type", 64),
        _name("model"),
        _text("config"),
        _number("enabled"),
        _number("priority"),
    )
    _table(
        "configured_agents",
        ("agent_id",),
        _number("agent_id"),
        _name("name", 64),
        _name("title", 64),
        _name("type", 64),
        sa.Column("provider_id", sa.BigInteger(), nullable=True),
        _text("config"),
        _number("enabled"),
        _name("memory_prefix", 64),
    )


def downgrade() -> None:
    for title in ("configured_agents", "configured_providers", "switches", "script_events"):
        op.drop_table(title)


def _table(title: str, keys: tuple[str, ...], *columns: sa.Column[object]) -> None:
    op.create_table(
        title,
        *columns,
        sa.PrimaryKeyConstraint(*keys),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_with_rowid=False,
    )


def _name(title: str, length: int = 190) -> sa.Column[object]:
    return sa.Column(title, sa.String(length=length), autoincrement=False, nullable=False)


def _number(title: str) -> sa.Column[object]:
    return sa.Column(title, sa.BigInteger(), autoincrement=False, nullable=False)


def _text(title: str) -> sa.Column[object]:
    return sa.Column(title, sa.Text(), autoincrement=False, nullable=False)
