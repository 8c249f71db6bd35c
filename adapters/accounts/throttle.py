"""How often one may try: sign-ins by address and by account, requests by account. Counted in this process.

Sliding windows of the package `limits`. Several gateways count each for themselves.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.strategies import SlidingWindowCounterRateLimiter

from adapters.accounts.counters import Counters
from adapters.accounts.names import key

ADDRESS = RateLimitItemPerMinute(60, 5, namespace="address")
"""Failed sign-ins from one address, whatever the name."""
ACCOUNT = RateLimitItemPerMinute(30, 15, namespace="account")
"""Failed sign-ins to one name, from wherever."""
BOTH = RateLimitItemPerMinute(8, 2, namespace="both")
"""Failed sign-ins to one name from one address: strict, so that nobody else is locked out by them."""
RENEWALS = RateLimitItemPerMinute(120, 1, namespace="renewals")
"""Renewals of tokens from one address."""
RECORDED = RateLimitItemPerMinute(6, 1, namespace="recorded")
"""Refused sign-ins that go into the log, for one account."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a limit: `reset` seconds until it is whole again."""

    limit: int
    remaining: int
    reset: int
    window: int

    def headers(self) -> dict[str, str]:
        """As the older drafts of RateLimit header fields write them, which clients read."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
            "RateLimit-Policy": f"{self.limit};w={self.window}",
        }


class TooOften(Exception):
    """A limit is used up; try again after `retry_after` seconds."""

    def __init__(self, allowance: Allowance) -> None:
        super().__init__(f"too often; try again in {max(1, allowance.reset)} s")
        self.allowance = allowance
        self.retry_after = max(1, allowance.reset)


class Throttle:
    """All limits of one gateway."""

    def __init__(self, requests_per_minute: int) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(Counters())
        self._requests = RateLimitItemPerMinute(requests_per_minute, 1, namespace="requests")

    def check_sign_in(self, address: str, name: str) -> None:
        """Before a password is looked at. Raises `TooOften`."""
        for item, who in self._of(address, name):
            if not self._limiter.test(item, *who):
                raise TooOften(self._left(item, *who))

    def failed(self, address: str, name: str) -> None:
        """Count a sign-in that failed."""
        for item, who in self._of(address, name):
            self._limiter.hit(item, *who)

    def succeeded(self, address: str, name: str) -> None:
        """Who knows the password is forgiven what he mistyped."""
        self._limiter.clear(BOTH, address, key(name))

    def count(self, item: RateLimitItem, who: str) -> None:
        """Count one of whatever `item` limits. Raises `TooOften`."""
        if not self._limiter.hit(item, who):
            raise TooOften(self._left(item, who))

    def may(self, item: RateLimitItem, who: str) -> bool:
        """As `count`, without raising."""
        return self._limiter.hit(item, who)

    def request(self, account_id: str) -> Allowance:
        """Count a request; what is left. Raises `TooOften`."""
        self.count(self._requests, account_id)
        return self._left(self._requests, account_id)

    @staticmethod
    def _of(address: str, name: str) -> tuple[tuple[RateLimitItem, tuple[str, ...]], ...]:
        return (ADDRESS, (address,)), (ACCOUNT, (key(name),)), (BOTH, (address, key(name)))

    def _left(self, item: RateLimitItem, *who: str) -> Allowance:
        stats = self._limiter.get_window_stats(item, *who)
        reset = max(0, -(-int((stats.reset_time - time.time()) * 1000) // 1000))
        return Allowance(item.amount, stats.remaining, reset, item.get_expiry())
