"""Snapshots of folded states in the KV bucket `snapshots`."""

from __future__ import annotations

import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError
from pydantic_core import from_json

from adapters.nats.direct import DirectReader
from events.errors import LogUnavailable

logger = structlog.get_logger(__name__)

BUCKET = "snapshots"


class KvSnapshots:
    """Implements `commands.ports.Snapshots`. Any trouble with a snapshot only costs time: the log has it all."""

    def __init__(self, client: Client, *, timeout: float = 2.0) -> None:
        self._client = client
        self._timeout = timeout
        self._direct = DirectReader(client, f"KV_{BUCKET}", timeout=timeout)

    async def get(self, key: str) -> bytes | None:
        try:
            return await self.stored(key)
        except LogUnavailable as error:
            logger.info("a snapshot could not be read", key=key, reason=str(error))
            return None

    async def stored(self, key: str) -> bytes | None:
        """What is kept under `key`; None only when there is nothing.

        For whoever keeps more than a snapshot here: a follower that took silence for "nothing yet" would begin at the
        end of the log and skip what it has not seen. Raises `LogUnavailable`.
        """
        found = await self._direct.one({"last_by_subj": f"$KV.{BUCKET}.{key}"})
        return found.body if found else None

    async def put(self, key: str, value: bytes) -> None:
        try:
            answer = await self._client.request(f"$KV.{BUCKET}.{key}", value, timeout=self._timeout)
            problem = from_json(answer.data).get("error")
        except (NatsError, TimeoutError) as error:
            problem = repr(error)
        if problem:
            logger.info("a snapshot could not be written", key=key, reason=problem)
