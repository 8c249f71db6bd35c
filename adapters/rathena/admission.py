"""How much may be in flight at once, shared fairly between connections."""

from __future__ import annotations

from adapters.rathena.connections import FEWEST_IN_FLIGHT, Connection
from commands.codes import Code
from commands.rejection import Rejected

RETRY_MS = 50


class Admission:
    """Counts requests that were accepted and not yet answered."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._holders = 0
        self.in_flight = 0

    def enter(self, connection: Connection, requests: int = 1) -> None:
        """Accept `requests`. Raises `Rejected` -503 when the gateway, or this connection's share of it, is full.

        A lone connection may use everything; once half is in use, nobody may hold more than an equal share.
        """
        total = self.in_flight + requests
        if total > self._capacity:
            raise _full(f"{self._capacity} requests are in progress")
        if total * 2 > self._capacity:
            others = self._holders + (connection.in_flight == 0)
            share = max(FEWEST_IN_FLIGHT, self._capacity // others)
            if connection.in_flight + requests > share:
                raise _full(
                    f"this connection has {connection.in_flight} requests in progress, its share is {share}"
                )
        self._holders += connection.in_flight == 0
        connection.in_flight += requests
        self.in_flight = total

    def leave(self, connection: Connection, requests: int = 1) -> None:
        connection.in_flight -= requests
        self._holders -= connection.in_flight == 0
        self.in_flight -= requests


def _full(problem: str) -> Rejected:
    return Rejected(Code.RATE_LIMITED, f"{problem}; wait and retry", retry_after_ms=RETRY_MS)
