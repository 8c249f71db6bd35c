"""What one socket, one account and all of them together may cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Times in seconds.

    `tick` is the least time between two messages of a topic; `rows` the positions read in one, `behind` how far the log
    may run ahead before the rest is left to be read by REST. `stalled` is how long a message may take to leave,
    `waiting` how many may wait meanwhile, and `waiting_bytes` how long they may be together.
    """

    tick: float = 0.1
    hello: float = 5.0
    recheck: float = 3.0
    ping: float = 20.0
    stalled: float = 20.0
    health: float = 2.0
    poll: float = 1.0
    rows: int = 500
    behind: int = 5000
    waiting: int = 128
    waiting_bytes: int = 2**20
    unsent: int = 1000
    message: int = 32 * 1024
    messages_per_second: int = 100
    subscriptions: int = 64
    sockets_per_account: int = 40
    sockets: int = 500
