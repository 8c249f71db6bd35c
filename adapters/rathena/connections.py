"""The connections that talk to this gateway: what is known of each, and its fair share."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from time import monotonic

MAX_CONNECTIONS = 16_384
BURST_SECONDS = 1.0
FEWEST_IN_FLIGHT = 8
"""What a connection may always have in flight, however many others there are."""


@dataclass(slots=True, eq=False)
class Connection:
    """One peer.

    `key` names it in the log (`<gateway run>.<identity>`); `route` are the frames that lead to it. `pushable` is
    false for REQ sockets and HTTP callers, which cannot take a message they did not ask for. `server` is the game
    server's name, learnt from `source.server`. `labels` are default callback labels by operation ("" for any).
    """

    key: str
    route: tuple[bytes, ...] = ()
    pushable: bool = False
    vouched: bool = True
    transport: str = "zmq"
    server: str = ""
    greeted: bool = False
    in_flight: int = 0
    labels: dict[str, str] = field(default_factory=dict)
    allowance: float = 0.0
    refilled: float = field(default_factory=monotonic)

    def learn_server(self, server: str) -> None:
        if server:
            self.server = server


class Connections:
    """All connections, bounded: the longest silent ones are forgotten first."""

    def __init__(self, *, per_second: int = 0, capacity: int = MAX_CONNECTIONS) -> None:
        self._per_second = per_second
        self._capacity = capacity
        self._known: OrderedDict[bytes, Connection] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def get(self, identity: bytes) -> Connection | None:
        """The connection, which thereby counts as having just spoken."""
        found = self._known.get(identity)
        if found is not None:
            self._known.move_to_end(identity)
        return found

    def add(self, identity: bytes, connection: Connection) -> None:
        connection.allowance = self._per_second * BURST_SECONDS
        self._known[identity] = connection
        while len(self._known) > self._capacity:
            self._known.popitem(last=False)

    def forget(self, connection: Connection) -> None:
        if connection.route:
            self._known.pop(connection.route[0], None)

    def of_server(self, server: str) -> list[Connection]:
        """Connections of a game server that can be pushed to, the most recently heard first."""
        return [c for c in reversed(self._known.values()) if c.pushable and c.server == server]

    def throttle(self, connection: Connection, requests: int = 1) -> int:
        """Take `requests` from the connection's allowance; 0 when granted, else milliseconds to wait."""
        if not self._per_second:
            return 0
        now = monotonic()
        burst = max(self._per_second * BURST_SECONDS, 1.0)
        refill = (now - connection.refilled) * self._per_second
        connection.allowance = min(burst, connection.allowance + refill)
        connection.refilled = now
        # A batch larger than the burst must still be able to pass once the bucket is full.
        needed = min(requests, burst)
        if connection.allowance >= needed:
            connection.allowance -= requests
            return 0
        return max(1, round((needed - connection.allowance) / self._per_second * 1000))
