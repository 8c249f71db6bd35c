"""The circuit breaker of one provider: who failed again and again is left alone for a while (Nygard, Release It!)."""

from __future__ import annotations

from typing import Literal

from adapters.llm.clock import Clock

State = Literal["closed", "open", "half-open"]

THRESHOLD = 5
COOLDOWN_SECONDS = 5.0
LONGEST_SECONDS = 120.0


class Breaker:
    """Closed: everything passes. Open: nothing does. Half-open: one call at a time tries whether it works again.

    `threshold` failures in a row open it for `cooldown` seconds, twice as long each time the try fails, `longest` at
    most. Every admitted call must be followed by `succeeded`, `failed` or `abandoned`.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        threshold: int = THRESHOLD,
        cooldown: float = COOLDOWN_SECONDS,
        longest: float = LONGEST_SECONDS,
    ) -> None:
        self._clock = clock
        self._threshold = threshold
        self._cooldown = cooldown
        self._longest = longest
        self._failures = 0
        self._openings = 0
        self._open_until: float | None = None
        self._trying = False

    @property
    def state(self) -> State:
        if self._open_until is None:
            return "closed"
        return "open" if self._clock.monotonic() < self._open_until else "half-open"

    @property
    def retry_in(self) -> float:
        """Seconds until a call may pass again."""
        return 0.0 if self._open_until is None else max(0.0, self._open_until - self._clock.monotonic())

    def admit(self) -> bool:
        """Whether a call may go out now."""
        state = self.state
        if state == "closed":
            return True
        if state == "open" or self._trying:
            return False
        self._trying = True
        return True

    def succeeded(self) -> None:
        """The provider works. What was sent before it was cut off and comes home late proves nothing."""
        if self.state != "open":
            self._failures, self._openings, self._open_until, self._trying = 0, 0, None, False

    def failed(self, *, hopeless: bool = False) -> None:
        """The provider failed. `hopeless`: it will until somebody changes something (a wrong key), so do not wait for
        more failures."""
        state = self.state
        if state == "open":
            return
        self._failures += 1
        if hopeless or state == "half-open" or self._failures >= self._threshold:
            rest = self._longest if hopeless else min(self._longest, self._cooldown * 2**self._openings)
            self._open_until = self._clock.monotonic() + rest
            self._openings, self._failures, self._trying = min(self._openings + 1, 16), 0, False

    def abandoned(self) -> None:
        """The call ended without saying anything about the provider: cancelled, or never sent."""
        self._trying = False
