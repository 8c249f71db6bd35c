"""Order: what one connection sends about one NPC takes effect in the order it was sent."""

from __future__ import annotations

import asyncio

Lane = tuple[str, str]
"""A connection's key and the name of a stream."""


class Lanes:
    """Commands of one lane follow each other; reads wait for the commands sent before them.

    Without it a game server that sends `register` and, not waiting, `event` could see the second one fail,
    because different workers may take them up.
    """

    def __init__(self) -> None:
        self._last: dict[Lane, asyncio.Future[None]] = {}

    def before(self, lane: Lane) -> asyncio.Future[None] | None:
        """What has to be over before a read of this lane may begin."""
        return self._last.get(lane)

    def join(self, lane: Lane) -> tuple[asyncio.Future[None] | None, asyncio.Future[None]]:
        """Queue up: `(what to wait for, what to hand to leave)`."""
        place = asyncio.get_running_loop().create_future()
        predecessor = self._last.get(lane)
        self._last[lane] = place
        return predecessor, place

    def leave(self, lane: Lane, place: asyncio.Future[None]) -> None:
        if not place.done():
            place.set_result(None)
        if self._last.get(lane) is place:
            del self._last[lane]

    def __len__(self) -> int:
        return len(self._last)
