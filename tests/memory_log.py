"""An in-memory `events.log.Log`: small and honest, for tests of what stands behind the log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from events import codec
from events.commit import Commit, Recorded
from events.errors import CommandIdReused, LogUnavailable, VersionConflict
from events.log import Appended, Head, RawMessage
from events.subjects import log_subject


class MemoryLog:
    """Keeps encoded commits in a list. `page` bounds how many a page holds; `down` makes reads fail."""

    def __init__(self, realm: str = "midgard", *, page: int = 1000) -> None:
        self._realm, self._page = realm, page
        self._messages: list[RawMessage] = []
        self._last: dict[str, int] = {}
        self._ids: dict[str, int] = {}
        self._grown = asyncio.Event()
        self.down = False

    @property
    def realm(self) -> str:
        return self._realm

    async def append(self, commit: Commit, *, expected: int) -> Appended:
        subject = log_subject(self._realm, commit.stream)
        earlier = self._ids.get(commit.message_id)
        if earlier is not None:
            stored = codec.decode(self._messages[earlier - 1].body)
            if (stored.stream, stored.command) != (commit.stream, commit.command):
                raise CommandIdReused(commit.command.id, earlier)
            return Appended(earlier, duplicate=True)
        if self._last.get(subject, 0) != expected:
            raise VersionConflict(commit.stream, expected)
        position = self.store(subject, codec.encode(commit), commit.at)
        self._last[subject] = self._ids[commit.message_id] = position
        return Appended(position)

    def store(self, subject: str, body: bytes, stored_at: int = 0) -> int:
        """Put any bytes at the end, as a stranger with the server's password could; returns the position."""
        position = len(self._messages) + 1
        self._messages.append(RawMessage(position, subject, body, stored_at))
        self._grown.set()
        self._grown = asyncio.Event()
        return position

    async def read(self, stream: str, *, after: int = 0, up_to: int | None = None) -> AsyncIterator[Recorded]:
        subject = log_subject(self._realm, stream)
        async for page in self.read_all(after=after, up_to=up_to):
            for message in page:
                if message.subject == subject:
                    yield Recorded(message.position, codec.decode(message.body))

    async def read_all(
        self, *, after: int = 0, up_to: int | None = None
    ) -> AsyncIterator[Sequence[RawMessage]]:
        end = min(len(self._messages) if up_to is None else up_to, len(self._messages))
        while after < end:
            self._check()
            page = self._messages[after : min(after + self._page, end)]
            after += len(page)
            await asyncio.sleep(0)
            yield page

    async def follow(
        self, *, after: int = 0, filter_subject: str | None = None
    ) -> AsyncIterator[Sequence[RawMessage]]:
        while True:
            self._check()
            grown = self._grown
            page = self._messages[after : after + self._page]
            after += len(page)
            if filter_subject is not None:
                prefix = filter_subject.removesuffix(">")
                page = [message for message in page if message.subject.startswith(prefix)]
            if page:
                yield page
            elif after >= len(self._messages):
                await grown.wait()

    async def at(self, position: int) -> RawMessage | None:
        self._check()
        return self._messages[position - 1] if 0 < position <= len(self._messages) else None

    async def head(self) -> Head:
        self._check()
        return Head(len(self._messages), self._messages[-1].stored_at) if self._messages else Head(0, None)

    def _check(self) -> None:
        if self.down:
            raise LogUnavailable("the log is down")
