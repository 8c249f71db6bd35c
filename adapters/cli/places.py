"""Places in the log on the command line: what is none is a mistake in its use."""

from __future__ import annotations

from adapters import places
from adapters.cli.status import UsageError
from events.log import Log


async def position_of(log: Log, place: str) -> int:
    """See `adapters.places.position_of`. Raises `UsageError`, `LogUnavailable`."""
    try:
        return await places.position_of(log, place)
    except ValueError as error:
        raise UsageError(str(error)) from None


def time_of(place: str) -> int:
    """µs since the epoch of a time or an age. Raises `UsageError`."""
    try:
        return places.time_of(place)
    except ValueError as error:
        raise UsageError(str(error)) from None
