"""The minds of NPCs for deciders, read from the read model."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.sql.reader import Reader
from commands.mind.rulebooks import RuleBooks
from commands.mind.view import MindView
from projections import minds

TIMEOUT_SECONDS = 2.0


class SqlMinds:
    """Reads `MindView`s off the event loop; `rules` must be those the read model is folded with."""

    def __init__(self, reader: Reader, rules: RuleBooks, *, timeout: float = TIMEOUT_SECONDS) -> None:
        self._reader, self._rules, self._timeout = reader, rules, timeout

    async def view(
        self, npc_id: str, others: Sequence[str] = (), *, at_least: int | None = None, at_us: int
    ) -> MindView | None:
        """The mind of `npc_id` at the moment `at_us`, with its relations to at most 256 `others`.

        With `at_least` it holds what the log held at that position. None when no such NPC is registered. Raises
        `PositionNotReached` or `ProjectionUnavailable`, as `Reader.run`.
        """
        return await self._reader.run(
            minds.view, npc_id, tuple(others), at_us, self._rules, at_least=at_least, timeout=self._timeout
        )
