"""Counting registered NPCs for commands that record how many they affected."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.sql.reader import Reader
from events.log import Log
from projections import npcs

TIMEOUT_SECONDS = 5.0


class SqlCensus:
    """Implements `commands.ports.Census` over the read model of NPCs."""

    def __init__(self, reader: Reader, log: Log) -> None:
        self._reader = reader
        self._log = log

    async def registered(self, *, faction: str | None = None, among: Sequence[str] | None = None) -> int:
        """See `Census.registered`: waits until the read model holds what the log holds now."""
        head = await self._log.head()
        return await self._reader.run(
            npcs.count, faction=faction, among=among, at_least=head.position, timeout=TIMEOUT_SECONDS
        )

    async def residents(self, maps: Sequence[str]) -> list[str]:
        """See `Census.residents`."""
        head = await self._log.head()
        return await self._reader.run(npcs.residents, maps, at_least=head.position, timeout=TIMEOUT_SECONDS)
