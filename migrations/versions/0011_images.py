"""Images of campaigns, and which bytes they need."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from projections.schema import LongText, name

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _table(
        "images",
        ("image_id",),
        _name("image_id", 64),
        _name("campaign_id", 64),
        _name("element_id", 128),
        _name("status", 12),
        _name("route", 16),
        _text("alt"),
        _text("prompt"),
        _text("problem"),
        _name("sha256", 64),
        _number("width"),
        _number("height"),
        _name("mime", 32),
        _number("bytes"),
        _text("sizes"),
        _text("provenance"),
        _name("by_account", 64),
        _name("by_name", 120),
        _number("created_at"),
        _number("changed_at"),
        _number("position"),
    )
    op.create_index("ix_images_campaign", "images", ["campaign_id", "status", "position"], unique=False)
    _table("image_files", ("sha256", "image_id"), _name("sha256", 64), _name("image_id", 64))
    op.create_index("ix_elements_image", "elements", ["campaign_id", "image_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_elements_image", "elements")
    op.drop_table("image_files")
    op.drop_table("images")


def _table(title: str, keys: tuple[str, ...], *columns: sa.Column[object]) -> None:
    op.create_table(
        title,
        *columns,
        sa.PrimaryKeyConstraint(*keys),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_nopad_bin",
        sqlite_with_rowid=False,
    )


def _name(title: str, length: int) -> sa.Column[object]:
    return sa.Column(title, name(length), autoincrement=False, nullable=False)


def _number(title: str) -> sa.Column[object]:
    return sa.Column(title, sa.BigInteger(), autoincrement=False, nullable=False)


def _text(title: str) -> sa.Column[object]:
    return sa.Column(title, LongText(), autoincrement=False, nullable=False)
