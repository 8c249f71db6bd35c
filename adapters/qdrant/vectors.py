"""Nearest memories from Qdrant: embedded (a local directory or in memory) or a server.

The log and the stored vectors stay the truth; the collection can be dropped and filled again. It only ranks:
recall filters what it returns by what the NPC may know.
"""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from commands.mind.memory.vectors import Vector
from events.errors import QdrantMissing

TIMEOUT_S = 5


class QdrantVectors:
    """A collection of memory vectors of one model.

    `location` is a directory (embedded), `":memory:"`, or the URL of a server; `api_key` is for a server. All
    methods run the client in a worker thread: none blocks the event loop. Calls are serialised, because the
    embedded client is not thread-safe. Raises `QdrantMissing` if qdrant-client is not installed.
    """

    def __init__(
        self, location: str, collection: str, model: str, dimensions: int, *, api_key: str = ""
    ) -> None:
        try:
            import qdrant_client
        except ImportError as error:
            raise QdrantMissing(
                "memory vectors need qdrant-client: install lorestream[qdrant], or configure no embedder"
            ) from error
        self._models: Any = qdrant_client.models
        self._client: Any = _client(qdrant_client, location, api_key)
        self._collection, self._model, self._dimensions = collection, model, dimensions
        self._one_at_a_time = asyncio.Lock()

    async def prepare(self) -> None:
        """Create the collection if it is not there."""
        await self._run(self._prepare)

    async def store(self, owner: str, vectors: Sequence[tuple[tuple[int, int], Vector]]) -> None:
        """Add or replace the vectors of an NPC's memories, by event (position, index).

        Raises `ValueError` for vectors of another model or length.
        """
        for _, vector in vectors:
            self._check(vector)
        points = [
            self._models.PointStruct(
                id=str(uuid5(NAMESPACE_URL, f"{owner}\x00{event[0]}\x00{event[1]}")),
                vector=array("b", vector.values).tolist(),
                payload={"owner": owner, "position": event[0], "index": event[1], "digest": vector.digest},
            )
            for event, vector in vectors
        ]
        if points:
            await self._run(lambda: self._client.upsert(self._collection, points=points))

    async def nearest(
        self, owner: str, question: Vector, *, limit: int = 100, as_of: int | None = None
    ) -> tuple[tuple[tuple[int, int], int], ...]:
        """(event, similarity in millionths) of an NPC's memories most like the question, best first.

        `as_of` leaves out memories made after a log position already in the database.
        """
        self._check(question)
        models = self._models
        must = [models.FieldCondition(key="owner", match=models.MatchValue(value=owner))]
        if as_of is not None:
            must.append(models.FieldCondition(key="position", range=models.Range(lte=as_of)))
        answer = await self._run(
            lambda: self._client.query_points(
                self._collection,
                query=[float(value) for value in array("b", question.values)],
                query_filter=models.Filter(must=must),
                limit=limit,
                with_payload=True,
            )
        )
        found = [
            ((point.payload["position"], point.payload["index"]), round(point.score * 1_000_000))
            for point in answer.points
        ]
        # The server's floats differ in the last bits between machines: order by the rounded score, then the
        # event.
        return tuple(sorted(found, key=lambda pair: (-pair[1], pair[0])))

    async def close(self) -> None:
        """Release the directory or the connection."""
        await self._run(self._client.close)

    def _prepare(self) -> None:
        if not self._client.collection_exists(self._collection):
            size = self._models.VectorParams(size=self._dimensions, distance=self._models.Distance.COSINE)
            self._client.create_collection(self._collection, vectors_config=size)

    def _check(self, vector: Vector) -> None:
        if vector.model != self._model or len(vector.values) != self._dimensions:
            raise ValueError(
                f"vector of {vector.model!r} with {len(vector.values)} dimensions; "
                f"this collection holds {self._model!r} with {self._dimensions}"
            )

    async def _run(self, call: Any) -> Any:
        async with self._one_at_a_time:
            return await asyncio.wait_for(asyncio.to_thread(call), TIMEOUT_S)


def _client(package: Any, location: str, api_key: str) -> Any:
    if location == ":memory:":
        return package.QdrantClient(location)
    if location.startswith(("http://", "https://")):
        return package.QdrantClient(url=location, api_key=api_key or None, timeout=TIMEOUT_S)
    return package.QdrantClient(path=location)
