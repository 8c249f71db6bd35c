"""Time and chance as the gateway sees them: given from outside, so that tests are fast and always the same."""

from __future__ import annotations

import asyncio
import random
import time
from typing import Protocol


class Clock(Protocol):
    def monotonic(self) -> float:
        """Seconds as the event loop counts them; deadlines are moments of this time."""

    def microseconds(self) -> int:
        """Now, in µs since the epoch."""

    async def sleep(self, seconds: float) -> None: ...

    def jitter(self, most: float) -> float:
        """A random number of seconds between 0 and `most`."""


class SystemClock:
    """The real one."""

    def monotonic(self) -> float:
        # The same clock as the loop's own, which uvloop reads only once per turn and in whole milliseconds.
        return time.monotonic()

    def microseconds(self) -> int:
        return time.time_ns() // 1000

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def jitter(self, most: float) -> float:
        return random.uniform(0, most)
