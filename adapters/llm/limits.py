"""How much of a provider may be used at once and per minute: calls in flight, requests, tokens."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from adapters.llm.book import ProviderEntry
from adapters.llm.clock import Clock
from events.errors import ModelRateLimited

MINUTE = 60.0
MAX_WAITING = 1024
"""Calls that may stand in line for one provider; more are told at once that it is busy."""
LONGEST_PAUSE_SECONDS = 120.0


@dataclass(slots=True)
class Taken:
    """What one call took of a window, and when."""

    at: float
    amount: int


class Window:
    """At most `limit` in any `seconds`; 0 means no limit."""

    def __init__(self, limit: int, clock: Clock, *, seconds: float = MINUTE) -> None:
        self._limit = limit
        self._clock = clock
        self._seconds = seconds
        self._taken: deque[Taken] = deque()

    def wait(self, amount: int) -> float:
        """Seconds until `amount` fits. More than the whole limit fits when nothing else is in the window."""
        if not self._limit:
            return 0.0
        now = self._clock.monotonic()
        while self._taken and self._taken[0].at + self._seconds <= now:
            self._taken.popleft()
        if not self._taken:
            return 0.0
        room = self._limit - sum(each.amount for each in self._taken)
        if amount <= room:
            return 0.0
        for each in self._taken:
            room += each.amount
            if amount <= room:
                return each.at + self._seconds - now
        return self._taken[-1].at + self._seconds - now

    def take(self, amount: int) -> Taken:
        """Take `amount` now; correct `amount` of what is returned when the real one is known."""
        taken = Taken(self._clock.monotonic(), amount)
        if self._limit:
            self._taken.append(taken)
        return taken


@dataclass(frozen=True, slots=True)
class Permit:
    """One call may go out. `Limits.leave` it when the call has ended."""

    request: Taken
    tokens: Taken


class Limits:
    """The limits of one provider within this process."""

    def __init__(self, entry: ProviderEntry, clock: Clock) -> None:
        self._entry = entry
        self._clock = clock
        self._slots = asyncio.Semaphore(entry.max_concurrent)
        self._requests = Window(entry.requests_per_minute, clock)
        self._tokens = Window(entry.tokens_per_minute, clock)
        self._paused_until = 0.0
        self.waiting = 0
        self.in_flight = 0

    async def enter(self, tokens: int, *, patience: float) -> Permit:
        """Wait for a place for a call of `tokens` tokens, `patience` seconds at most.

        Raises `ModelRateLimited` at once when no place can be free in time.
        """
        give_up = self._clock.monotonic() + patience
        if self.waiting >= MAX_WAITING:
            raise self._busy(f"{MAX_WAITING} calls stand in line", 1.0)
        self._check(tokens, patience)
        self.waiting += 1
        try:
            async with asyncio.timeout(patience if self._slots.locked() else None):
                await self._slots.acquire()
        except TimeoutError:
            raise self._busy(f"{self._entry.max_concurrent} calls are in flight", None) from None
        finally:
            self.waiting -= 1
        try:
            while (wait := self._check(tokens, give_up - self._clock.monotonic())) > 0:
                await self._clock.sleep(wait)
        except BaseException:
            self._slots.release()
            raise
        self.in_flight += 1
        return Permit(self._requests.take(1), self._tokens.take(tokens))

    def leave(self, permit: Permit, used: int | None) -> None:
        """The call has ended and took `used` tokens; None when nobody knows."""
        if used is not None:
            permit.tokens.amount = used
        self.in_flight -= 1
        self._slots.release()

    def pause(self, seconds: float) -> None:
        """The provider asked to be left alone for so long."""
        until = self._clock.monotonic() + min(seconds, LONGEST_PAUSE_SECONDS)
        self._paused_until = max(self._paused_until, until)

    def _check(self, tokens: int, patience: float) -> float:
        """Seconds to wait now. Raises `ModelRateLimited` when that is longer than `patience`."""
        pause = self._paused_until - self._clock.monotonic()
        requests, spent = self._requests.wait(1), self._tokens.wait(tokens)
        wait = max(pause, requests, spent, 0.0)
        if wait > patience:
            why = "it asked for a pause" if wait == pause else "its rate per minute is used up"
            raise self._busy(why, wait)
        return wait

    def _busy(self, why: str, wait: float | None) -> ModelRateLimited:
        told = "" if wait is None else f", free in {wait:.1f} s"
        return ModelRateLimited(self._entry.key, why + told, status=None, retry_after=wait)
