"""Every vector that was ever computed, in the KV bucket `vectors`: found by model and text, never asked for twice."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from hashlib import sha256

from nats.aio.client import Client
from nats.errors import Error as NatsError
from pydantic_core import from_json, to_json

from adapters.nats.direct import DirectReader
from commands.mind.memory.vectors import Vector
from events.errors import LogUnavailable

BUCKET = "vectors"
READ_SECONDS = 1.0
WRITE_SECONDS = 5.0


class KvVectors:
    """Vectors of one model, each a line of JSON (model, dimensions, text's SHA-256) and its signed bytes.

    They lie beside the log and outlive read models and Qdrant alike: a rebuild reads them from here.
    """

    def __init__(self, client: Client, model: str) -> None:
        self._client = client
        self._model = model
        self._prefix = f"$KV.{BUCKET}.{sha256(model.encode()).hexdigest()[:16]}"
        self._direct = DirectReader(client, f"KV_{BUCKET}", timeout=READ_SECONDS)

    @property
    def model(self) -> str:
        return self._model

    async def find(self, digests: Iterable[str]) -> Mapping[str, Vector]:
        """Those of the texts with these digests that were embedded before. Raises `LogUnavailable`."""
        found = await asyncio.gather(*map(self._one, dict.fromkeys(digests)))
        return {vector.digest: vector for vector in found if vector is not None}

    async def keep(self, vectors: Iterable[Vector]) -> None:
        """Store vectors; when this returns, they are on the disk. Raises `LogUnavailable`."""
        await asyncio.gather(*map(self._keep, vectors))

    async def close(self) -> None:
        await self._direct.close()

    async def _one(self, digest: str) -> Vector | None:
        stored = await self._direct.one({"last_by_subj": f"{self._prefix}.{digest}"})
        return None if stored is None else _read(self._model, digest, stored.body)

    async def _keep(self, vector: Vector) -> None:
        head = {"model": vector.model, "dimensions": len(vector.values), "text_sha256": vector.digest}
        body = to_json(head) + b"\n" + vector.values
        try:
            answer = await self._client.request(
                f"{self._prefix}.{vector.digest}", body, timeout=WRITE_SECONDS
            )
            problem = from_json(answer.data).get("error")
        except (NatsError, OSError, TimeoutError) as error:
            problem = repr(error)
        if problem:
            raise LogUnavailable(f"a vector could not be stored: {problem}")


def _read(model: str, digest: str, body: bytes) -> Vector | None:
    """What is not as it was written counts as never embedded."""
    head, _, values = body.partition(b"\n")
    try:
        told = from_json(head)
        whole = (told["model"], told["dimensions"]) == (model, len(values))
    except (ValueError, KeyError, TypeError):
        return None
    return Vector(model, digest, values) if whole and values else None
