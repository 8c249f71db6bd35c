"""The port of the log. `adapters.nats.log` implements it on JetStream; tests run one suite against it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from events.commit import Commit, Recorded


@dataclass(frozen=True, slots=True)
class Appended:
    """Where a commit is. `duplicate` says that an earlier attempt had already put it there."""

    position: int
    duplicate: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the log: its last position (0 when empty) and when that was stored (µs since the epoch)."""

    position: int
    at: int | None


class RawMessage(NamedTuple):
    """A stored message before decoding: a reader that must survive poison decodes it itself.

    `stored_at` is the server's time in µs since the epoch.
    """

    position: int
    subject: str
    body: bytes
    stored_at: int


class Log(Protocol):
    """An append-only sequence of commits, totally ordered, one sub-sequence per stream."""

    @property
    def realm(self) -> str: ...

    async def append(self, commit: Commit, *, expected: int) -> Appended:
        """Store `commit` if `expected` is still the position of its stream's last commit (0: none yet).

        Returns when it is durable. Repeating the call with the same commit is harmless and returns the first
        attempt's position. Raises `VersionConflict`, `CommandIdReused`, `AppendOutcomeUnknown`,
        `LogUnavailable`.
        """

    def read(self, stream: str, *, after: int = 0, up_to: int | None = None) -> AsyncIterator[Recorded]:
        """One stream's commits in order, at positions in (`after`, `up_to`]. Raises `LogUnavailable`."""

    def read_all(self, *, after: int = 0, up_to: int | None = None) -> AsyncIterator[Sequence[RawMessage]]:
        """All messages of the realm in order, in pages, up to the head of now (or `up_to`)."""

    def follow(
        self, *, after: int = 0, filter_subject: str | None = None
    ) -> AsyncIterator[Sequence[RawMessage]]:
        """Like `read_all`, but waits for more at the end, for ever.

        A page holds whatever is there, at least one message: one at a time when idle, hundreds when behind.
        """

    async def at(self, position: int) -> RawMessage | None:
        """The message at one position, or None. Raises `LogUnavailable`."""

    async def head(self) -> Head:
        """The end of the log now. Raises `LogUnavailable`."""
