"""The read models of the first release, checkpoints and dead letters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "checkpoints",
        sa.Column("name", sa.String(length=190), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("applied_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("name"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "dead_letters",
        sa.Column("projection", sa.String(length=190), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stream", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("status", sa.String(length=16), autoincrement=False, nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_seen", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_seen", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("projection", "position"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_dead_letters_stream", "dead_letters", ["projection", "stream", "position"], unique=False
    )
    op.create_table(
        "feed",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ordinal", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stream", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("type", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("actor", sa.String(length=250), autoincrement=False, nullable=False),
        sa.Column("correlation_id", sa.String(length=190), autoincrement=False, nullable=False),
        sa.Column("causation_id", sa.String(length=64), nullable=True),
        sa.Column("commit_id", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("summary", sa.String(length=160), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("position", "ordinal"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_with_rowid=False,
    )
    op.create_index("ix_feed_actor", "feed", ["actor", "position"], unique=False)
    op.create_index("ix_feed_correlation", "feed", ["correlation_id", "position"], unique=False)
    op.create_index("ix_feed_stream", "feed", ["stream", "position"], unique=False)
    op.create_index("ix_feed_type", "feed", ["type", "position"], unique=False)
    op.create_table(
        "memories",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ordinal", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("scope", sa.String(length=190), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source", sa.String(length=16), autoincrement=False, nullable=False),
        sa.Column("event_type", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("other_id", sa.String(length=190), nullable=True),
        sa.Column("importance", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("emotion", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("content", sa.String(length=280), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("position", "ordinal"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_with_rowid=False,
    )
    op.create_index("ix_memories_importance", "memories", ["scope", "importance", "position"], unique=False)
    op.create_index("ix_memories_other", "memories", ["scope", "other_id", "position"], unique=False)
    op.create_index("ix_memories_scope", "memories", ["scope", "position"], unique=False)
    op.create_table(
        "memory_listed",
        sa.Column("npc_id", sa.String(length=190), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ordinal", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("npc_id", "position", "ordinal"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "memory_listeners",
        sa.Column("npc_id", sa.String(length=190), autoincrement=False, nullable=False),
        sa.Column("periods", sa.String(length=4000), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("npc_id"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "npc_members",
        sa.Column("faction_id", sa.String(length=190), autoincrement=False, nullable=False),
        sa.Column("npc_id", sa.String(length=190), autoincrement=False, nullable=False),
        sa.Column("rank", sa.String(length=190), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("faction_id", "npc_id"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_with_rowid=False,
    )
    op.create_index("ix_npc_members_npc", "npc_members", ["npc_id"], unique=False)
    op.create_table(
        "npc_profiles",
        sa.Column("npc_id", sa.String(length=190), autoincrement=False, nullable=False),
        sa.Column("archetype", sa.String(length=190), autoincrement=False, nullable=False),
        sa.Column("mood", sa.String(length=190), nullable=True),
        sa.Column("current_goal", sa.Text(), nullable=True),
        sa.Column("goals", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("factions", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("personality", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("schedule", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("extra", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("registered_position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("npc_id"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_with_rowid=True,
    )
    op.create_table(
        "npcs",
        sa.Column("npc_id", sa.String(length=190), autoincrement=False, nullable=False),
        sa.Column("emotion", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("health", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("map", sa.String(length=64), nullable=True),
        sa.Column("x", sa.BigInteger(), nullable=True),
        sa.Column("y", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("updated_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("npc_id"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "relationships",
        sa.Column("npc_id", sa.String(length=190), autoincrement=False, nullable=False),
        sa.Column("target_id", sa.String(length=190), autoincrement=False, nullable=False),
        sa.Column("interactions", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kinds", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("first_contact", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_contact", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("npc_id", "target_id"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_with_rowid=False,
    )
    op.create_index("ix_relationships_target", "relationships", ["target_id", "npc_id"], unique=False)
    op.create_table(
        "requests",
        sa.Column("request_id", sa.String(length=190), autoincrement=False, nullable=False),
        sa.Column("npc_id", sa.String(length=190), autoincrement=False, nullable=False),
        sa.Column("operation", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("status", sa.String(length=16), autoincrement=False, nullable=False),
        sa.Column("error_code", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("deadline_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("opened_position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("finished_position", sa.BigInteger(), nullable=True),
        sa.Column("correlation_id", sa.String(length=190), autoincrement=False, nullable=False),
        sa.Column("actor", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("gateway", sa.String(length=190), nullable=True),
        sa.Column("connection", sa.String(length=190), nullable=True),
        sa.Column("server", sa.String(length=190), nullable=True),
        sa.Column("label", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("request_id"),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        sqlite_with_rowid=True,
    )
    op.create_index("ix_requests_finished", "requests", ["server", "finished_position"], unique=False)
    op.create_index("ix_requests_pending", "requests", ["status", "server", "opened_position"], unique=False)


def downgrade() -> None:
    for name in (
        "requests",
        "relationships",
        "npc_profiles",
        "npc_members",
        "npcs",
        "memory_listeners",
        "memory_listed",
        "memories",
        "feed",
        "dead_letters",
        "checkpoints",
    ):
        op.drop_table(name)
