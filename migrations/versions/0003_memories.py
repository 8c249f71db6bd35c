"""Memories as they are perceived: places, listeners, reflections, and the index of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The rows follow from the log: the projector notices the new version and builds them again.
    for title in ("memory_listeners", "memory_listed", "memories"):
        op.drop_table(title)
    _table(
        "memories",
        ("position", "ordinal"),
        _number("position"),
        _number("ordinal"),
        _name("scope"),
        _number("at"),
        _name("source", 16),
        _name("event_type", 64),
        _number("importance"),
        _name("emotion", 64),
        _name("content", 500),
        sa.Column("area", sa.String(length=190), nullable=True),
        sa.Column("x", sa.BigInteger(), nullable=True),
        sa.Column("y", sa.BigInteger(), nullable=True),
        sa.Column("details", sa.Text(), autoincrement=False, nullable=False),
    )
    op.create_index("ix_memories_scope", "memories", ["scope", "position"], unique=False)
    op.create_index("ix_memories_area", "memories", ["area", "position"], unique=False)
    _history("memory_listed")
    _history("memory_listening", _name("scope"), _number("begins"))
    _history(
        "memory_places",
        sa.Column("map", sa.String(length=190), nullable=True),
        sa.Column("x", sa.BigInteger(), nullable=True),
        sa.Column("y", sa.BigInteger(), nullable=True),
    )
    _table(
        "memory_pending",
        ("npc_id",),
        _name("npc_id"),
        _number("since"),
        _number("count"),
        _number("total"),
        _number("most"),
    )
    _table(
        "memory_segments",
        ("npc_id", "first"),
        _name("npc_id"),
        _number("first"),
        _name("generation", 32),
        sa.Column("block", sa.LargeBinary(length=1 << 26), autoincrement=False, nullable=False),
        clustered=False,
    )


def downgrade() -> None:
    for title in (
        "memory_segments",
        "memory_pending",
        "memory_places",
        "memory_listening",
        "memory_listed",
        "memories",
    ):
        op.drop_table(title)
    _table(
        "memories",
        ("position", "ordinal"),
        _number("position"),
        _number("ordinal"),
        _name("scope"),
        _number("at"),
        _name("source", 16),
        _name("event_type", 64),
        sa.Column("other_id", sa.String(length=190), nullable=True),
        _number("importance"),
        _name("emotion", 64),
        _name("content", 280),
    )
    op.create_index("ix_memories_importance", "memories", ["scope", "importance", "position"], unique=False)
    op.create_index("ix_memories_other", "memories", ["scope", "other_id", "position"], unique=False)
    op.create_index("ix_memories_scope", "memories", ["scope", "position"], unique=False)
    _history("memory_listed")
    _table("memory_listeners", ("npc_id",), _name("npc_id"), _name("periods", 4000))


def _history(title: str, *columns: sa.Column[object]) -> None:
    keys = ("npc_id", "position", "ordinal")
    _table(title, keys, _name("npc_id"), _number("position"), _number("ordinal"), *columns)


def _table(title: str, keys: tuple[str, ...], *columns: sa.Column[object], clustered: bool = True) -> None:
    op.create_table(
        title,
        *columns,
        sa.PrimaryKeyConstraint(*keys),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_with_rowid=not clustered,
    )


def _name(title: str, length: int = 190) -> sa.Column[object]:
    return sa.Column(title, sa.String(length=length), autoincrement=False, nullable=False)


def _number(title: str) -> sa.Column[object]:
    return sa.Column(title, sa.BigInteger(), autoincrement=False, nullable=False)
