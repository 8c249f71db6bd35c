"""The history of minds: what each NPC felt, how it stood to others and who it was, commit by commit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from projections.schema import LongText, name

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_TABLES = (
    "mind_history",
    "mind_relation_history",
    "mind_outlook_history",
    "mind_tiding_history",
    "mind_standing_history",
)


def upgrade() -> None:
    _table(
        "mind_history",
        ("position", "npc_id"),
        _number("position"),
        _name("npc_id"),
        _number("whole"),
        _number("felt"),
        _text("affect"),
        _text("untold"),
    )
    op.create_index("ix_mind_history_npc", "mind_history", ["npc_id", "position"], unique=False)
    _table(
        "mind_relation_history",
        ("position", "npc_id", "target_id"),
        _number("position"),
        _name("npc_id"),
        _name("target_id"),
        _number("life"),
        _text("state"),
    )
    op.create_index(
        "ix_mind_relation_history_pair",
        "mind_relation_history",
        ["npc_id", "target_id", "position"],
        unique=False,
    )
    _table(
        "mind_outlook_history",
        ("npc_id", "position"),
        _name("npc_id"),
        _number("position"),
        _number("life"),
        _text("profile"),
        _text("factions"),
    )
    _table(
        "mind_tiding_history",
        ("position", "ordinal"),
        _number("position"),
        _number("ordinal"),
        _text("tiding"),
    )
    _table(
        "mind_standing_history",
        ("faction_id", "position"),
        _name("faction_id"),
        _number("position"),
        _text("towards"),
    )


def downgrade() -> None:
    for title in reversed(_TABLES):
        op.drop_table(title)


def _table(title: str, keys: tuple[str, ...], *columns: sa.Column[object]) -> None:
    op.create_table(
        title,
        *columns,
        sa.PrimaryKeyConstraint(*keys),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_nopad_bin",
        sqlite_with_rowid=False,
    )


def _name(title: str) -> sa.Column[object]:
    return sa.Column(title, name(), autoincrement=False, nullable=False)


def _number(title: str) -> sa.Column[object]:
    return sa.Column(title, sa.BigInteger(), autoincrement=False, nullable=False)


def _text(title: str) -> sa.Column[object]:
    return sa.Column(title, LongText(), autoincrement=False, nullable=False)
