"""Places in the log as people name them: a position, a time, or so long ago."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime

from adapters.cli.status import UsageError
from events.commit import microseconds
from events.log import Log

_AGO = re.compile(r"(\d+)([smhd])\Z")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


async def position_of(log: Log, place: str) -> int:
    """The last position at or before `place`: a number, `10m` ago (s, m, h, d) or an RFC 3339 time (UTC if bare).

    Raises `UsageError` when `place` is none of these, `LogUnavailable`.
    """
    if place.isdecimal():
        return int(place)
    return await last_stored_by(log, _moment(place))


def _moment(place: str) -> int:
    if ago := _AGO.match(place):
        return time.time_ns() // 1000 - int(ago[1]) * _SECONDS[ago[2]] * 1_000_000
    try:
        moment = datetime.fromisoformat(place)
    except ValueError:
        raise UsageError(
            f"{place!r} is no place in the log. "
            "Give a position (1042), a time (2026-03-01T12:00:00Z) or an age (15m)."
        ) from None
    return microseconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


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
