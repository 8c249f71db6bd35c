"""PostgreSQL sorts names by their characters: `migrations.sorting`, which the environment calls for all tables."""

from __future__ import annotations

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing: tables of later revisions need it as well."""


def downgrade() -> None:
    """Nothing."""
