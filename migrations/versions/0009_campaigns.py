"""Campaigns: members, evenings, characters, elements with every revision and reference, and dice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from projections.schema import LongText, name

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _table(
        "campaigns",
        ("campaign_id",),
        _name("campaign_id", 64),
        _name("name", 120),
        _name("ruleset", 8),
        _name("language", 8),
        _name("theme", 300),
        _number("level"),
        _name("status", 16),
        _number("archived"),
        _number("version"),
        _number("created_at"),
        _number("changed_at"),
        _number("position"),
        _number("session"),
        _name("session_title", 120),
        _number("session_started_at", nullable=True),
        _number("sessions"),
        _number("last_ended"),
        _text("roster"),
        _text("description"),
    )
    _table(
        "campaign_details",
        (
            "campaign_id",
            "since",
        ),
        _name("campaign_id", 64),
        _number("since"),
        _text("details"),
    )
    _table(
        "campaign_members",
        (
            "campaign_id",
            "account_id",
        ),
        _name("campaign_id", 64),
        _name("account_id", 128),
        _name("role", 16),
        _name("name", 120),
        _number("since"),
        _number("joined_at"),
    )
    op.create_index(
        "ix_campaign_members_account", "campaign_members", ["account_id", "campaign_id"], unique=False
    )
    _table(
        "campaign_member_history",
        (
            "campaign_id",
            "account_id",
            "since",
        ),
        _name("campaign_id", 64),
        _name("account_id", 128),
        _number("since"),
        _number("until"),
        _name("role", 16),
        _name("name", 120),
        _number("joined_at"),
    )
    _table(
        "campaign_sessions",
        (
            "campaign_id",
            "number",
        ),
        _name("campaign_id", 64),
        _number("number"),
        _name("title", 120),
        _number("started_at"),
        _number("started_position"),
        _number("ended_at", nullable=True),
        _number("ended_position"),
        _text("recap"),
        _text("recap_players"),
    )
    _table(
        "campaign_characters",
        (
            "campaign_id",
            "character_id",
        ),
        _name("campaign_id", 64),
        _name("character_id", 64),
        _name("player", 128),
        _name("name", 120),
        _number("version"),
        _number("since"),
        _number("changed_at"),
        _text("fields"),
    )
    _table(
        "campaign_character_history",
        (
            "campaign_id",
            "character_id",
            "since",
        ),
        _name("campaign_id", 64),
        _name("character_id", 64),
        _number("since"),
        _number("until"),
        _name("player", 128),
        _name("name", 120),
        _number("version"),
        _number("changed_at"),
        _text("fields"),
    )
    _table(
        "campaign_changes",
        (
            "campaign_id",
            "position",
            "ordinal",
        ),
        _name("campaign_id", 64),
        _number("position"),
        _number("ordinal"),
        _number("at"),
        _name("actor", 200),
        _name("actor_name", 120),
        _name("what", 64),
        _name("subject", 128),
        _name("kind", 16),
        _name("name", 120),
        _text("fields"),
        _name("visibility", 8),
        _text("members"),
        _text("field_visibility"),
    )
    op.create_index("ix_campaign_changes_at", "campaign_changes", ["campaign_id", "at"], unique=False)
    _table(
        "elements",
        ("element_id",),
        _name("element_id", 64),
        _name("campaign_id", 64),
        _name("kind", 16),
        _name("status", 8),
        _name("visibility", 8),
        _name("sort", 120),
        _name("name", 120),
        _number("version"),
        _number("version_players"),
        _number("position"),
        _number("changed_at"),
        _number("changed_at_players"),
        _number("created_at"),
        _name("image_id", 64),
        _name("npc_id", 128),
        _name("summary", 300),
        _text("tags"),
        _text("members"),
        _text("field_visibility"),
        _text("origin"),
        _text("links"),
        _text("blame"),
        _text("fields"),
    )
    op.create_index(
        "ix_elements_count", "elements", ["campaign_id", "status", "visibility", "kind"], unique=False
    )
    op.create_index(
        "ix_elements_kind", "elements", ["campaign_id", "status", "kind", "sort", "element_id"], unique=False
    )
    op.create_index(
        "ix_elements_sort", "elements", ["campaign_id", "status", "sort", "element_id"], unique=False
    )
    _table(
        "element_spans",
        (
            "element_id",
            "version",
        ),
        _name("element_id", 64),
        _number("version"),
        _name("campaign_id", 64),
        _number("since"),
        _number("until"),
        _name("kind", 16),
        _name("status", 8),
        _name("visibility", 8),
        _name("sort", 120),
        _name("name", 120),
        _number("version_players"),
        _number("changed_at"),
        _number("changed_at_players"),
        _name("image_id", 64),
        _name("npc_id", 128),
        _name("summary", 300),
        _text("tags"),
        _text("members"),
        _text("field_visibility"),
    )
    op.create_index(
        "ix_element_spans_sort",
        "element_spans",
        ["campaign_id", "sort", "element_id", "since", "until"],
        unique=False,
    )
    _table(
        "element_revisions",
        (
            "element_id",
            "version",
        ),
        _name("element_id", 64),
        _number("version"),
        _name("campaign_id", 64),
        _name("kind", 16),
        _number("position"),
        _number("at"),
        _name("actor", 200),
        _name("actor_name", 120),
        _text("what"),
        _text("changed"),
        _text("origin"),
        _name("status", 8),
        _name("visibility", 8),
        _text("members"),
        _text("field_visibility"),
        _number("version_players"),
        _number("changed_at_players"),
        _text("blame"),
        _text("fields"),
    )
    _table(
        "element_references",
        (
            "from_id",
            "field",
            "to_id",
            "label",
            "since",
        ),
        _name("from_id", 64),
        _name("field", 64),
        _name("to_id", 64),
        _name("label", 80),
        _number("since"),
        _number("until"),
        _name("campaign_id", 64),
        _number("weight"),
    )
    op.create_index(
        "ix_element_references_to", "element_references", ["to_id", "campaign_id", "until"], unique=False
    )
    _table(
        "element_words",
        (
            "campaign_id",
            "element_id",
        ),
        _name("campaign_id", 64),
        _name("element_id", 64),
        _text("words"),
        _text("words_masters"),
        clustered=False,
    )
    _table(
        "dice_rolls",
        ("position",),
        _number("position"),
        _name("campaign_id", 64),
        _number("at"),
        _name("account_id", 128),
        _name("name", 120),
        _name("label", 120),
        _name("visibility", 8),
        _name("expression", 120),
        _name("mode", 16),
        _name("seed", 200),
        _text("faces"),
        _number("total"),
    )
    op.create_index("ix_dice_rolls_campaign", "dice_rolls", ["campaign_id", "position"], unique=False)


def downgrade() -> None:
    for title in (
        "dice_rolls",
        "element_words",
        "element_references",
        "element_revisions",
        "element_spans",
        "elements",
        "campaign_changes",
        "campaign_character_history",
        "campaign_characters",
        "campaign_sessions",
        "campaign_member_history",
        "campaign_members",
        "campaign_details",
        "campaigns",
    ):
        op.drop_table(title)


def _table(title: str, keys: tuple[str, ...], *columns: sa.Column[object], clustered: bool = True) -> None:
    op.create_table(
        title,
        *columns,
        sa.PrimaryKeyConstraint(*keys),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_nopad_bin",
        sqlite_with_rowid=not clustered,
    )


def _name(title: str, length: int) -> sa.Column[object]:
    return sa.Column(title, name(length), autoincrement=False, nullable=False)


def _number(title: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(title, sa.BigInteger(), autoincrement=False, nullable=nullable)


def _text(title: str) -> sa.Column[object]:
    return sa.Column(title, LongText(), autoincrement=False, nullable=False)
