"""Alembic migrations of the read models' tables."""
