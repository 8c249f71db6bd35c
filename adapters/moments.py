"""Moments as people name them: a time, or so long ago."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime

from events.commit import microseconds

_AGO = re.compile(r"([0-9]{1,9})([smhd])\Z")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def moment_of(text: str) -> int:
    """µs since the epoch of an age before now (`15m`; s, m, h, d) or an RFC 3339 time (UTC if bare).

    What is longer ago than the epoch is the epoch. Raises `ValueError` when `text` is neither.
    """
    if ago := _AGO.match(text):
        return max(0, time.time_ns() // 1000 - int(ago[1]) * _SECONDS[ago[2]] * 1_000_000)
    moment = datetime.fromisoformat(text)
    return microseconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
