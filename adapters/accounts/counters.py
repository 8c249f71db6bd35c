"""Counters of limits in memory, without threads.

The storage of the package `limits` starts a thread for nearly every hit, to forget what has expired, and waits until it
runs: some milliseconds on the event loop for each request. Here a hit forgets by itself, once in a while.
"""

from __future__ import annotations

import threading
import time

from limits.storage import MemoryStorage

SWEEP_SECONDS = 10.0


class _Unneeded(threading.Timer):
    """A timer that looks as if it ran, so that none is started."""

    def is_alive(self) -> bool:
        return True


class Counters(MemoryStorage):
    """A `MemoryStorage` for one thread."""

    def __init__(self) -> None:
        super().__init__()
        self.timer.cancel()
        self.timer = _Unneeded(0, self._sweep)
        self._swept = time.time()

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count; see `MemoryStorage.incr`."""
        if time.time() - self._swept > SWEEP_SECONDS:
            self._sweep()
        return super().incr(key, expiry, amount)

    def _sweep(self) -> None:
        self._swept = now = time.time()
        for key in [key for key, expires in self.expirations.items() if expires <= now]:
            self.clear(key)
