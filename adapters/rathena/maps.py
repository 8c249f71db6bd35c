"""The maps a role knows: the operator's map cache, read off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from adapters.rathena.map_cache import MapCache
from commands.mind.grid import Grid
from events.errors import ConfigurationError, MapCacheUnreadable, MapUnknown


class Maps:
    """Implements `commands.ports.Grounds`. Without files it knows no map, and says so."""

    def __init__(self, cache: MapCache | None) -> None:
        self._cache = cache

    @property
    def configured(self) -> bool:
        return self._cache is not None

    async def grid(self, map_name: str) -> Grid | None:
        """See `Grounds.grid`."""
        if self._cache is None or map_name not in self._cache:
            return None
        try:
            # Unpacking a map takes a tenth of a second the first time; later calls only look it up.
            return await asyncio.to_thread(self._cache.grid, map_name)
        except (MapUnknown, MapCacheUnreadable):
            return None


async def open_maps(files: Sequence[Path]) -> Maps:
    """The maps of `files`, first hit wins. Raises `ConfigurationError` naming the file that cannot be used."""
    if not files:
        return Maps(None)
    try:
        return Maps(await asyncio.to_thread(MapCache, files))
    except MapCacheUnreadable as error:
        raise ConfigurationError(
            "settings",
            "rathena.map_cache",
            str(error),
            "Name the map_cache.dat files of the game server, first hit first.",
        ) from None
