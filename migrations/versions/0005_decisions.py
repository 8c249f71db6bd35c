"""Decisions of models, their attempts, how NPCs came by their answers, and the days' budgets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = ("decisions", "decision_attempts", "answer_methods", "budget_days", "budget_leases")


def upgrade() -> None:
    _table(
        "decisions",
        ("decision_id",),
        _name("decision_id"),
        _number("position"),
        _number("at"),
        _name("day", 10),
        _name("agent", 64),
        _name("purpose", 64),
        _name("npc_id"),
        _name("player_id"),
        _name("request_id"),
        _name("route", 16),
        _name("provider", 64),
        _name("model"),
        _name("template", 64),
        _name("prompt_version", 64),
        _name("prompt_hash", 64),
        _name("question", 64),
        _number("code"),
        _name("problem", 300),
        _name("finish", 32),
        _number("tokens_in"),
        _number("tokens_cached"),
        _number("tokens_out"),
        _number("tokens_reasoning"),
        _number("cost"),
        _number("latency"),
        _number("attempts"),
        _text("memories"),
        _name("verdict", 16),
        _text("verdicts"),
        _number("reruns"),
        _number("rerun_cost"),
        _name("correlation_id"),
        sa.Column("causation_id", _string(64), nullable=True),
        clustered=False,
    )
    op.create_index("ix_decisions_position", "decisions", ["position"], unique=False)
    op.create_index("ix_decisions_at", "decisions", ["at"], unique=False)
    op.create_index("ix_decisions_npc", "decisions", ["npc_id", "position"], unique=False)
    op.create_index("ix_decisions_player", "decisions", ["player_id", "position"], unique=False)
    _table(
        "decision_attempts",
        ("position", "ordinal"),
        _number("position"),
        _number("ordinal"),
        _number("at"),
        _name("agent", 64),
        _name("provider", 64),
        _name("model"),
        _name("outcome", 16),
        _number("status"),
        _name("error", 300),
        _number("latency"),
    )
    _table(
        "answer_methods",
        ("day", "method"),
        _name("day", 10),
        _name("method", 64),
        _number("answers"),
        clustered=False,
    )
    _table(
        "budget_days",
        ("day", "agent"),
        _name("day", 10),
        _name("agent", 64),
        _number("reserved"),
        _number("spent"),
        _number("calls"),
        clustered=False,
    )
    _table(
        "budget_leases",
        ("day", "lease"),
        _name("day", 10),
        _name("lease"),
        _name("agent", 64),
        _number("amount"),
        clustered=False,
    )


def downgrade() -> None:
    for title in TABLES:
        op.drop_table(title)


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
    return sa.Column(title, _string(length), autoincrement=False, nullable=False)


def _string(length: int) -> sa.String:
    return sa.String(length=length).with_variant(sa.String(length=length, collation="C"), "postgresql")


def _number(title: str) -> sa.Column[object]:
    return sa.Column(title, sa.BigInteger(), autoincrement=False, nullable=False)


def _text(title: str) -> sa.Column[object]:
    return sa.Column(title, sa.Text(), autoincrement=False, nullable=False)
