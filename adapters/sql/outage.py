"""What a database says when it cannot be used, as one error of ours."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from events.errors import ProjectionUnavailable

_DAMAGED = ("file is not a database", "disk image is malformed")
"""What SQLite says of a file that it did not write, or that was torn."""


def unavailable(error: SQLAlchemyError) -> ProjectionUnavailable:
    """The error to raise or to show for `error`: one line, without the statement and its values."""
    told = reason(error)
    if any(sign in told for sign in _DAMAGED):
        told += "; the file is damaged: stop the platform and move it away, and all of it is folded anew from the log"
    made = ProjectionUnavailable(f"the database of the read models: {told}")
    made.__cause__ = error
    return made


def reason(error: SQLAlchemyError) -> str:
    """What the driver says, on one line; it knows nothing of game data."""
    return " ".join(str(getattr(error, "orig", None) or error).split())
