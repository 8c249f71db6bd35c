"""Embedding what NPCs remember, at leisure: behind the read models, one small batch at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Concatenate, ParamSpec, TypeVar

import structlog
from sqlalchemy import Connection

from adapters.embedding.library import VectorLibrary
from adapters.qdrant.vectors import Place, QdrantVectors
from adapters.sql.reader import Reader
from events.errors import BudgetExhausted, LorestreamError
from projections.memory_upkeep import grown, listeners
from projections.recollection import PerceivedRows

logger = structlog.get_logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

BATCH = 32
PAGE = 2_000
IDLE_SECONDS = 0.5
"""Between two looks for new memories."""
REST_SECONDS = 0.05
"""Between two batches, so that answers come first."""
ROUND_SECONDS = 60.0
"""Between two looks at everybody: who only looked on, or heard of it with all the world, is found then."""
LONGEST_PAUSE_SECONDS = 60.0
MOST_WAITING = 100_000
READ_SECONDS = 5.0
BEGINNING = (-1, -1)


class Backlog:
    """Keeps Qdrant in step with what NPCs remember. Nobody waits for it: what is not embedded is found by its words.

    How far each NPC is stands in Qdrant itself, so that a collection that was lost is filled again, out of the stored
    vectors. A rebuild of the read model begins every NPC anew, and costs no call of the model either.
    """

    def __init__(self, reader: Reader, library: VectorLibrary, vectors: QdrantVectors) -> None:
        self._reader, self._library, self._vectors = reader, library, vectors
        self._rows = PerceivedRows()
        self._generation, self._position, self._seen = "", 0, -1
        self._waiting: dict[str, None] = {}
        self._places: dict[str, Place] = {}
        self._everybody: str | None = ""
        self._next_round = 0.0
        self.embedded = 0
        self.problem = ""

    @property
    def waiting(self) -> int:
        """How many NPCs have, or may have, memories that are not embedded."""
        return len(self._waiting)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set. What fails is tried again, ever more slowly."""
        failures = 0
        while not stop.is_set():
            try:
                worked = await self.step()
            except (LorestreamError, ValueError) as error:
                failures += 1
                self._trouble(error)
                spent = isinstance(error, BudgetExhausted)
                pause = LONGEST_PAUSE_SECONDS if spent else min(LONGEST_PAUSE_SECONDS, 0.5 * 2**failures)
            else:
                failures, self.problem = 0, ""
                pause = REST_SECONDS if worked else IDLE_SECONDS
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)

    async def step(self) -> bool:
        """Embed one batch of one NPC, or look for work; whether there was any. Raises `LorestreamError`."""
        generation = await self._read(self._rows.generation)
        if generation != self._generation:
            self._generation, self._position, self._seen, self._everybody = generation, 0, -1, ""
            self._places.clear()
        if await self._look():
            return True
        owner = next(iter(self._waiting), None)
        if owner is None:
            return False
        if not await self._embed(owner):
            self._waiting.pop(owner, None)
        return True

    async def _look(self) -> bool:
        """Read a page of who has new memories; whether there may be more of them."""
        now = asyncio.get_running_loop().time()
        if self._everybody is None and now >= self._next_round and self._position != self._seen:
            self._everybody, self._seen = "", self._position
        if self._everybody is not None and len(self._waiting) < MOST_WAITING:
            found = await self._read(listeners, self._everybody, PAGE)
            self._waiting |= dict.fromkeys(found)
            self._everybody = found[-1] if len(found) == PAGE else None
            self._next_round = now + ROUND_SECONDS
            return self._everybody is not None
        last, owners = await self._read(grown, self._position, PAGE)
        more = last > self._position
        self._position = last
        if len(self._waiting) < MOST_WAITING:
            self._waiting |= dict.fromkeys(owners)
        return more

    async def _embed(self, owner: str) -> bool:
        """Embed the next memories of an NPC; whether there are more."""
        place = self._places.get(owner) or await self._vectors.place(owner)
        event = place.event if place is not None and place.generation == self._generation else BEGINNING
        memories = await self._read(self._rows.after, owner, event, BATCH)
        if not memories:
            return False
        told = [memory for memory in memories if memory.content.strip()]
        vectors = await self._library.vectors([memory.content for memory in told])
        await self._vectors.store(
            owner, [(memory.id, vector) for memory, vector in zip(told, vectors, strict=True)]
        )
        self._places[owner] = place = Place(memories[-1].id, self._generation)
        await self._vectors.set_place(owner, place)
        self.embedded += len(told)
        return len(memories) == BATCH

    async def _read(self, query: Callable[Concatenate[Connection, P], T], *args: P.args, **_: P.kwargs) -> T:
        return await self._reader.run(query, *args, timeout=READ_SECONDS)

    def _trouble(self, error: Exception) -> None:
        told = str(error)
        if told != self.problem:
            self.problem = told
            logger.warning("memories are embedded later", reason=told[:300])
