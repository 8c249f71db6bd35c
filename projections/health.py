"""How far the read models are behind, and whether anything moves at all.

Three numbers, because each alone deceives: a lag of zero also shows when the head is dead, and a small constant
lag may be a projector that stands still.
"""

from __future__ import annotations

from dataclasses import dataclass

from events.log import Head

STUCK_SECONDS = 30.0
QUIET_SECONDS = 60.0
_MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Health:
    """The state of the projector at one moment.

    `lag_events` counts log positions between checkpoint and head (an upper bound: positions of other realms
    count too); `lag_seconds` is the head's age minus the last applied commit's. `head_moves` says whether the
    log grew within the last minute; `stuck` that there was something to apply for 30 s and none of it was.
    """

    state: str
    position: int
    head: int
    lag_events: int
    lag_seconds: float
    head_moves: bool
    stuck: bool
    problem: str | None = None


class LagWatch:
    """Compares successive observations of head and checkpoint; times are µs since the epoch."""

    def __init__(self) -> None:
        self._head, self._head_since = -1, 0
        self._position, self._position_since = -1, 0

    def observe(
        self, *, now: int, head: Head, position: int, applied_at: int, state: str, problem: str | None
    ) -> Health:
        """Judge one observation against the earlier ones."""
        if head.position != self._head:
            self._head, self._head_since = head.position, now
        lag = max(head.position - position, 0)
        if position != self._position or lag == 0:
            self._position, self._position_since = position, now
        behind = max((head.at or 0) - applied_at, 0) if lag and applied_at else 0
        return Health(
            state=state,
            position=position,
            head=head.position,
            lag_events=lag,
            lag_seconds=behind / _MICROSECONDS,
            head_moves=now - self._head_since < QUIET_SECONDS * _MICROSECONDS,
            stuck=lag > 0 and now - self._position_since >= STUCK_SECONDS * _MICROSECONDS,
            problem=problem,
        )
