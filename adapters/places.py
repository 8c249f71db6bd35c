"""Places in the log as people name them: a position, a time, or so long ago."""

from __future__ import annotations

from adapters.moments import moment_of
from events.log import Log

TOLD = "Give a position (1042), a time (2026-03-01T12:00:00Z) or an age (15m)."
MAX_DIGITS = 18


async def position_of(log: Log, place: str) -> int:
    """The last position at or before `place`: a number, `10m` ago (s, m, h, d) or an RFC 3339 time (UTC if bare).

    Raises `ValueError` when `place` is none of these, `LogUnavailable`.
    """
    if place.isdecimal() and place.isascii() and len(place) <= MAX_DIGITS:
        return int(place)
    return await last_stored_by(log, time_of(place))


def time_of(place: str) -> int:
    """µs since the epoch of a time or an age. Raises `ValueError` that names the remedy."""
    try:
        return moment_of(place)
    except (ValueError, OverflowError):
        raise ValueError(f"{place[:60]!r} is no place in the log. {TOLD}") from None


async def last_stored_by(log: Log, at: int) -> int:
    """Binary search: positions are stored in the order of the server's clock."""
    low, high = 0, (await log.head()).position
    while low < high:
        middle = (low + high + 1) // 2
        found = await log.at(middle)
        if found is None or found.stored_at > at:
            high = middle - 1
        else:
            low = middle
    return low
