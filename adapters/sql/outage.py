"""What a database says when it cannot be used, as one error of ours."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from events.errors import ProjectionUnavailable


def unavailable(error: SQLAlchemyError) -> ProjectionUnavailable:
    """The error to raise or to show for `error`: one line, without the statement and its values."""
    made = ProjectionUnavailable(f"the database of the read models: {reason(error)}")
    made.__cause__ = error
    return made


def reason(error: SQLAlchemyError) -> str:
    """What the driver says, on one line; it knows nothing of game data."""
    return " ".join(str(getattr(error, "orig", None) or error).split())
