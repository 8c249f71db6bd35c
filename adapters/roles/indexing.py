"""Sealing the index of memories in the projector's idle moments, so that a question need not read thousands of rows."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress

import structlog
from sqlalchemy.exc import SQLAlchemyError

from adapters.sql.memory_index import MemoryIndex
from projections.memory_upkeep import grown
from projections.projector import Projector
from projections.recollection import PerceivedRows
from projections.store import Database

logger = structlog.get_logger(__name__)

IDLE_SECONDS = 1.0
LEAST = 128
"""New memories for which sealing is worth while; a question indexes fewer in some milliseconds."""
PAGE = 5_000
MOST_WAITING = 100_000
"""NPCs whose new memories are counted; beyond that, the rest is indexed when it is asked for."""


async def keep_indexed(projector: Projector, database: Database, stop: asyncio.Event) -> None:
    """Work until `stop` is set: one NPC at a time, in a thread, and only while the projector stands still.

    The index is a cache: whatever goes wrong here only makes a question slower.
    """
    upkeep, seen = Upkeep(database), -1
    while not stop.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), IDLE_SECONDS)
        idle = True
        while idle and not stop.is_set():
            now = projector.positions.get("memories", -1)
            idle, seen = now == seen, now
            try:
                idle = idle and await asyncio.to_thread(upkeep.step, now)
            except (SQLAlchemyError, ValueError) as error:
                logger.info("memories are indexed later", reason=str(error)[:200])
                idle = False


class Upkeep:
    """What has been seen of the memories' table, and whose new memories wait to be sealed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rows = PerceivedRows()
        self._index = MemoryIndex(self._rows, cache_bytes=0)
        self._generation, self._position = "", 0
        self._new: Counter[str] = Counter()

    def step(self, up_to: int) -> bool:
        """Look at a page of new memories, or seal one NPC's; whether there was anything to do."""
        with self._database.reader.connect() as connection:
            generation = self._rows.generation(connection)
        if generation != self._generation:
            # Rebuilt: what was sealed of the old rows is of no use any more.
            self._generation, self._position = generation, 0
            self._new.clear()
        ready = next((owner for owner, count in self._new.items() if count >= LEAST), None)
        if ready is not None:
            del self._new[ready]
            self._index.catch_up(self._database.reader, self._database.writer, ready, least=LEAST)
            return True
        if self._position >= up_to:
            return False
        with self._database.reader.connect() as connection:
            last, owners = grown(connection, self._position, PAGE)
        self._position = up_to if owners.total() == 0 and last == self._position else last
        self._new += owners
        if len(self._new) > MOST_WAITING:
            self._new.clear()
        return True
