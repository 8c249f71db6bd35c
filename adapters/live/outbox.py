"""What waits to be sent to one socket: bounded, in order, and never waited for by anybody else."""

from __future__ import annotations

import asyncio
from collections import deque


class Outbox:
    """Takes messages at once or not at all; one reader takes them out."""

    def __init__(self, most: int, most_bytes: int) -> None:
        self._waiting: deque[str] = deque()
        self._bytes, self._most, self._most_bytes = 0, most, most_bytes
        self._some = asyncio.Event()
        self._closed = False

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, message: str) -> bool:
        """Whether there was room for it."""
        if self._closed or len(self._waiting) >= self._most or self._bytes + len(message) > self._most_bytes:
            return False
        self._waiting.append(message)
        self._bytes += len(message)
        self._some.set()
        return True

    async def take(self) -> str | None:
        """The next message; None when the outbox is closed and empty."""
        while not self._waiting:
            if self._closed:
                return None
            self._some.clear()
            await self._some.wait()
        message = self._waiting.popleft()
        self._bytes -= len(message)
        return message

    def close(self) -> None:
        """Take no more; what waits can still be taken out."""
        self._closed = True
        self._some.set()
