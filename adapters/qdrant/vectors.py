"""Nearest memories from Qdrant: embedded (a local directory or in memory) or a server.

The log and the stored vectors stay the truth; the collections can be dropped and are filled again. Qdrant only finds
candidates: they are ranked by the integer similarity of their signed bytes, and recall filters them by what the NPC may
know.
"""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module
from importlib.util import find_spec
from typing import Any, TypeVar
from uuid import NAMESPACE_URL, uuid5

from commands.mind.memory.vectors import Vector, similarity
from events.errors import QdrantMissing, VectorsUnavailable

T = TypeVar("T")

TIMEOUT_S = 5
OPEN_SECONDS = 120
"""An embedded Qdrant reads everything into RAM before the first answer: about 0.4 ms a vector."""
SHARDS = 64
"""Parts of an embedded collection: it looks at every vector of one, in Python. A server has an index instead."""
CANDIDATES = 50

Event = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Place:
    """How far an NPC's memories are stored: the event of the last one, and the generation of its rows."""

    event: Event
    generation: str


class QdrantVectors:
    """The memory vectors of one model.

    `location` is a directory (embedded, one process at a time), `":memory:"`, or the URL of a server; `api_key` is for
    a server. Everything runs in one worker thread of its own: nothing blocks the event loop, and the embedded client is
    not thread-safe. Raises `QdrantMissing` if qdrant-client is not installed; every method raises
    `VectorsUnavailable` when Qdrant does not do its work.
    """

    def __init__(self, location: str, name: str, model: str, dimensions: int, *, api_key: str = "") -> None:
        if find_spec("qdrant_client") is None:
            raise QdrantMissing(
                "memory vectors need qdrant-client: install lorestream[qdrant], or configure no embedder"
            )
        self._location, self._api_key = location, api_key
        self._model, self._dimensions = model, dimensions
        self._name = f"{name}-{sha256(model.encode()).hexdigest()[:16]}"
        self._shards = 1 if self._remote else SHARDS
        self._client: Any = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="qdrant")

    @property
    def _remote(self) -> bool:
        return self._location.startswith(("http://", "https://"))

    async def prepare(self) -> None:
        """Open it and create what is not there. `VectorsUnavailable` also when another process has the directory."""
        await self._run(self._prepare, seconds=OPEN_SECONDS)

    async def store(self, owner: str, vectors: Sequence[tuple[Event, Vector]]) -> None:
        """Add or replace the vectors of an NPC's memories, by event (position, index).

        Raises `ValueError` for vectors of another model or length.
        """
        for _, vector in vectors:
            self._check(vector)
        if vectors:
            await self._run(lambda: self._store(owner, vectors))

    async def nearest(
        self, owner: str, question: Vector, *, limit: int = CANDIDATES, as_of: int | None = None
    ) -> tuple[tuple[Event, int], ...]:
        """(event, similarity in millionths) of an NPC's memories most like the question, best first.

        `as_of` leaves out memories made after a log position already in the database. Equal vectors give the same
        answer everywhere: the search is exact, and what it found is compared anew in integers.
        """
        self._check(question)
        return await self._run(lambda: self._nearest(owner, question, limit, as_of))

    async def place(self, owner: str) -> Place | None:
        """How far `set_place` said that this NPC's memories are stored."""
        return await self._run(lambda: self._place(owner))

    async def set_place(self, owner: str, place: Place) -> None:
        await self._run(lambda: self._set_place(owner, place))

    async def count(self) -> int:
        """How many vectors there are."""
        return await self._run(
            lambda: sum(self._client.count(self._collection(n)).count for n in range(self._shards))
        )

    async def close(self) -> None:
        """Release the directory or the connection, once what is under way has ended."""
        try:
            await self._run(self._close)
        finally:
            self._thread.shutdown(wait=False)

    def _prepare(self) -> None:
        if self._client is not None:
            return
        package, models = import_module("qdrant_client"), self._models
        if self._location == ":memory:":
            client = package.QdrantClient(self._location)
        elif self._remote:
            client = package.QdrantClient(
                url=self._location, api_key=self._api_key or None, timeout=TIMEOUT_S
            )
        else:
            client = package.QdrantClient(path=self._location)
        try:
            there = {each.name for each in client.get_collections().collections}
            size = models.VectorParams(size=self._dimensions, distance=models.Distance.COSINE)
            for name in map(self._collection, range(self._shards)):
                if name not in there:
                    client.create_collection(name, vectors_config=size)
                    if self._remote:
                        tenant = models.KeywordIndexParams(
                            type=models.KeywordIndexType.KEYWORD, is_tenant=True
                        )
                        client.create_payload_index(name, "owner", field_schema=tenant)
            if self._places not in there:
                # Places have no vectors worth comparing, but a collection wants some.
                point = models.VectorParams(size=1, distance=models.Distance.DOT)
                client.create_collection(self._places, vectors_config=point)
        except BaseException:
            client.close()
            raise
        self._client = client

    def _store(self, owner: str, vectors: Sequence[tuple[Event, Vector]]) -> None:
        points = [
            self._models.PointStruct(
                id=str(uuid5(NAMESPACE_URL, f"{owner}\x00{event[0]}\x00{event[1]}")),
                vector=array("b", vector.values).tolist(),
                payload={"owner": owner, "position": event[0], "index": event[1], "digest": vector.digest},
            )
            for event, vector in vectors
        ]
        self._client.upsert(self._of(owner), points=points, wait=True)

    def _nearest(
        self, owner: str, question: Vector, limit: int, as_of: int | None
    ) -> tuple[tuple[Event, int], ...]:
        models = self._models
        must = [models.FieldCondition(key="owner", match=models.MatchValue(value=owner))]
        if as_of is not None:
            must.append(models.FieldCondition(key="position", range=models.Range(lte=as_of)))
        answer = self._client.query_points(
            self._of(owner),
            query=[float(value) for value in array("b", question.values)],
            query_filter=models.Filter(must=must),
            search_params=models.SearchParams(exact=True) if self._remote else None,
            limit=limit,
            with_payload=True,
            with_vectors=True,
        )
        found = [
            (
                (point.payload["position"], point.payload["index"]),
                similarity(question, self._restored(point.vector, point.payload["digest"])),
            )
            for point in answer.points
        ]
        return tuple(sorted(found, key=lambda pair: (-pair[1], pair[0])))

    def _restored(self, vector: Sequence[float], digest: str) -> Vector:
        """The signed bytes again: Qdrant stores vectors at length 1, and the largest of the bytes is always 127."""
        most = max(map(abs, vector))
        return Vector(
            self._model, digest, array("b", [round(value / most * 127) for value in vector]).tobytes()
        )

    def _place(self, owner: str) -> Place | None:
        found = self._client.retrieve(self._places, ids=[_id(owner)], with_payload=True)
        if not found:
            return None
        told = found[0].payload
        return Place((told["position"], told["index"]), told["generation"])

    def _set_place(self, owner: str, place: Place) -> None:
        payload = {
            "owner": owner,
            "position": place.event[0],
            "index": place.event[1],
            "generation": place.generation,
        }
        point = self._models.PointStruct(id=_id(owner), vector=[1.0], payload=payload)
        self._client.upsert(self._places, points=[point], wait=True)

    def _close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

    @property
    def _models(self) -> Any:
        return import_module("qdrant_client").models

    @property
    def _places(self) -> str:
        return f"{self._name}-places"

    def _collection(self, shard: int) -> str:
        return f"{self._name}-{shard}"

    def _of(self, owner: str) -> str:
        return self._collection(
            int(sha256(owner.encode("utf-8", "surrogatepass")).hexdigest(), 16) % self._shards
        )

    def _check(self, vector: Vector) -> None:
        if vector.model != self._model or len(vector.values) != self._dimensions:
            raise ValueError(
                f"vector of {vector.model!r} with {len(vector.values)} dimensions; "
                f"this collection holds {self._model!r} with {self._dimensions}"
            )

    async def _run(self, call: Callable[[], T], *, seconds: float = TIMEOUT_S) -> T:
        loop = asyncio.get_running_loop()
        try:
            return await asyncio.wait_for(loop.run_in_executor(self._thread, call), seconds)
        except TimeoutError:
            raise VectorsUnavailable(f"Qdrant gave no answer within {seconds} s") from None
        except Exception as error:
            # Its clients raise whatever their transport does, and RuntimeError for a directory in use.
            raise VectorsUnavailable(f"Qdrant: {type(error).__name__}: {str(error)[:200]}") from error


def _id(owner: str) -> str:
    return str(uuid5(NAMESPACE_URL, owner))
