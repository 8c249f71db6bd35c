"""Answers that may be given again, in the KV bucket `cache`: one key per question, gone when its time is up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError
from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from adapters.nats.direct import DirectReader
from events.errors import LogUnavailable

logger = structlog.get_logger(__name__)

BUCKET = "cache"
READ_SECONDS = 0.25
WRITE_SECONDS = 2.0
MAX_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class CachedAnswer:
    """An answer with who gave it and when (`at`, µs since the epoch). `decision` is the one it was first given in."""

    answer: str
    provider: str
    model: str
    finish: str
    at: int
    decision: str = ""


class AnswerCache(Protocol):
    """Any trouble with it only costs a call: nothing here raises."""

    async def get(self, key: str) -> CachedAnswer | None: ...

    async def put(self, key: str, answer: CachedAnswer, *, seconds: int) -> None:
        """Keep the answer to the question `key` for so long."""


class NoCache:
    """Remembers nothing."""

    async def get(self, key: str) -> CachedAnswer | None:  # noqa: ARG002
        return None

    async def put(self, key: str, answer: CachedAnswer, *, seconds: int) -> None:
        pass


_answers: TypeAdapter[CachedAnswer] = TypeAdapter(CachedAnswer)


class KvCache:
    """Implements `AnswerCache`: every process of a realm has the same."""

    def __init__(self, client: Client, realm: str) -> None:
        self._client = client
        self._realm = realm
        self._direct = DirectReader(client, f"KV_{BUCKET}", timeout=READ_SECONDS)

    async def get(self, key: str) -> CachedAnswer | None:
        try:
            stored = await self._direct.one({"last_by_subj": self._subject(key)})
            return _answers.validate_json(stored.body) if stored and stored.body else None
        except (LogUnavailable, ValidationError) as error:
            logger.info("the answer cache could not be read", reason=str(error)[:200])
            return None

    async def put(self, key: str, answer: CachedAnswer, *, seconds: int) -> None:
        body = _answers.dump_json(answer)
        if len(body) > MAX_BYTES or not self._client.is_connected:
            return
        try:
            # The client's own put() cannot set a time to live for one key.
            reply = await self._client.request(
                self._subject(key), body, timeout=WRITE_SECONDS, headers={"Nats-TTL": f"{seconds}s"}
            )
            problem = from_json(reply.data).get("error")
        except (NatsError, OSError, TimeoutError) as error:
            problem = repr(error)
        if problem:
            logger.info("an answer could not be cached", reason=problem)

    async def close(self) -> None:
        await self._direct.close()

    def _subject(self, key: str) -> str:
        return f"$KV.{BUCKET}.{self._realm}.{key}"
