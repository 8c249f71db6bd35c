"""Minds: feelings, outlooks, relationships, the news of the world and how factions stand to each other."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _table("minds", _name("npc_id"), _number("felt"), _number("position"), _long("affect"), _long("untold"))
    _table(
        "mind_outlooks",
        _name("npc_id"),
        _number("life"),
        sa.Column("profile", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("factions", sa.Text(), autoincrement=False, nullable=False),
    )
    _table(
        "mind_relations",
        _name("npc_id"),
        _name("target_id"),
        _number("life"),
        _number("position"),
        _long("state"),
    )
    _table("mind_tidings", _name("realm"), _number("position"), _long("tidings"))
    _table("mind_standings", _name("realm"), _number("position"), _long("standings"))


def downgrade() -> None:
    for title in ("mind_standings", "mind_tidings", "mind_relations", "mind_outlooks", "minds"):
        op.drop_table(title)


def _table(title: str, *columns: sa.Column[object]) -> None:
    keys = [column.name for column in columns if isinstance(column.type, sa.String) and column.type.length]
    op.create_table(
        title,
        *columns,
        sa.PrimaryKeyConstraint(*keys),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_with_rowid=True,
    )


def _name(title: str) -> sa.Column[object]:
    return sa.Column(title, sa.String(length=190), autoincrement=False, nullable=False)


def _number(title: str) -> sa.Column[object]:
    return sa.Column(title, sa.BigInteger(), autoincrement=False, nullable=False)


def _long(title: str) -> sa.Column[object]:
    text = sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")
    return sa.Column(title, text, autoincrement=False, nullable=False)
