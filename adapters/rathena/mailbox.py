"""Outcomes whose connection is gone, waiting for another one of the same game server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from adapters.rathena.outcomes import Outcome

KEEP_SECONDS = 600.0
"""How long a callback may be late; `check_result` has the result for longer."""
CAPACITY = 2000
"""Far below what the consumer may have unacknowledged, so that a full mailbox never stops deliveries."""


@dataclass(frozen=True, slots=True)
class Letter:
    """An outcome that could not be pushed; `since` is `time.monotonic()`."""

    outcome: Outcome
    since: float

    @property
    def request_id(self) -> str:
        return self.outcome.request_id


class Mailbox:
    """Letters by game server, oldest first, one per request."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._letters: dict[str, dict[str, Letter]] = {}
        self._servers: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._servers)

    def put(self, server: str, letter: Letter) -> Letter | None:
        """Keep a letter. When the mailbox is full, the oldest one of the fullest server is returned to be given up."""
        self._letters.setdefault(server, {})[letter.request_id] = letter
        self._servers[letter.request_id] = server
        if len(self) <= self._capacity:
            return None
        return self.take(max(self._letters, key=lambda name: len(self._letters[name])))

    def take(self, server: str) -> Letter | None:
        """The oldest letter for a server, or None."""
        waiting = self._letters.get(server)
        return self.find(next(iter(waiting))) if waiting else None

    def find(self, request_id: str) -> Letter | None:
        """Take out the letter about one request, whoever it is for."""
        server = self._servers.pop(request_id, None)
        if server is None:
            return None
        letter = self._letters[server].pop(request_id)
        if not self._letters[server]:
            del self._letters[server]
        return letter

    def expired(self, now: float) -> list[Letter]:
        """Take out every letter that has waited for `KEEP_SECONDS`."""
        late = [letter.request_id for letter in self if now - letter.since >= KEEP_SECONDS]
        return [letter for request_id in late if (letter := self.find(request_id)) is not None]

    def __iter__(self) -> Iterator[Letter]:
        for waiting in self._letters.values():
            yield from waiting.values()
