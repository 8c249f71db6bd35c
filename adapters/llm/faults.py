"""What may be logged of an error that a provider's library raised: where and of what kind, never its text."""

from __future__ import annotations

import traceback
from pathlib import Path

FRAMES = 8


def fault(error: BaseException) -> dict[str, str]:
    """Fields for a log line: `error`, the type's name, and `where`, the innermost frames as `file:line function`.

    Nobody knows what a library puts into an error's text; a key, perhaps, and a traceback ends with that text.
    """
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    places = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    return {"error": type(error).__name__, "where": " > ".join(places)}
