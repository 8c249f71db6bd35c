"""Where in the log this gateway's own writes are, so that its readers see them without asking."""

from __future__ import annotations

from collections import OrderedDict

CAPACITY = 65_536


class Positions:
    """The last position written through this gateway, by stream; bounded, the oldest are forgotten.

    Forgetting is harmless: a projection is behind by milliseconds, the memory reaches back much further.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._written: OrderedDict[str, int] = OrderedDict()
        self._everywhere = 0

    def wrote(self, stream: str, position: int) -> None:
        """Remember a write. A world's or a faction's event may touch any NPC, so all reads wait for it."""
        if stream.startswith(("world/", "faction/")):
            self._everywhere = max(self._everywhere, position)
        if position > self._written.get(stream, 0):
            self._written[stream] = position
            self._written.move_to_end(stream)
            if len(self._written) > self._capacity:
                self._written.popitem(last=False)

    def needed(self, stream: str) -> int:
        """The position a read of `stream` must have reached."""
        return max(self._written.get(stream, 0), self._everywhere)
