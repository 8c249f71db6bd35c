"""Legends and the world: bloodlines, syntheses, weather, festivals, seasons and how factions stand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for title, id_column in (("bloodlines", "bloodline_id"), ("syntheses", "synthesis_id")):
        numbers = (id_column, "level", "total_exp", "exp", "max_exp", "stirred")
        _table(
            title,
            ("char_id", id_column),
            _name("char_id"),
            *map(_number, numbers),
            _text("skills"),
            _text("narrative"),
            sa.Column("unlocked_at", sa.BigInteger(), nullable=True),
            _number("changed_at"),
            _number("position"),
        )
    _table(
        "world_weather",
        ("map",),
        _name("map"),
        _name("weather", 64),
        _number("intensity"),
        _number("since"),
        _number("until"),
        _number("position"),
    )
    _table(
        "world_festivals",
        ("festival",),
        _name("festival", 64),
        _name("title", 64),
        _text("maps"),
        _number("since"),
        _number("until"),
        _number("position"),
    )
    _table(
        "world_season",
        ("name",),
        _name("name", 16),
        _name("season", 64),
        _number("since"),
        _number("position"),
    )
    _table(
        "world_history",
        ("position",),
        _number("position"),
        _number("number"),
        _name("kind", 16),
        _name("event", 64),
        _number("event_id"),
        _name("title", 64),
        _text("description"),
        _text("maps"),
        _number("intensity"),
        _number("importance"),
        _number("since"),
        _number("until"),
        _name("reason", 64),
    )
    _table("world_factions", ("faction_id",), _name("faction_id"), _name("name", 64), _number("position"))
    _table(
        "world_standings",
        ("faction_id", "other"),
        _name("faction_id"),
        _name("other"),
        _number("standing"),
        _number("position"),
    )
    op.create_index("ix_world_standings_standing", "world_standings", ["standing"], unique=False)


def downgrade() -> None:
    for title in (
        "world_standings",
        "world_factions",
        "world_history",
        "world_season",
        "world_festivals",
        "world_weather",
        "syntheses",
        "bloodlines",
    ):
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
