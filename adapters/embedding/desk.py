"""The side that has the vectors: keeps them up to date and answers questions. Part of the role `agents`."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from pydantic import ValidationError
from pydantic_core import to_json

from adapters.embedding.asking import Found, answers, condition_subject, questions, subject
from adapters.embedding.backlog import Backlog
from adapters.embedding.library import VectorLibrary
from adapters.llm.assembly import Models
from adapters.llm.embedding import ModelEmbedder, embedding_model
from adapters.nats.vectors import KvVectors
from adapters.qdrant.vectors import QdrantVectors
from adapters.settings import Settings
from adapters.sql.reader import Reader
from commands.mind.memory.vectors import LEAST_LIKE, Vector
from events.errors import LorestreamError, QdrantMissing, VectorsDiffer

logger = structlog.get_logger(__name__)

QUEUE = "vectors"
COLLECTION = "memories"
CONCURRENCY = 64
RETRY_SECONDS = 2.0
"""Between two tries to open Qdrant or to ask the model for the first time."""
LONGEST_RETRY_SECONDS = 30.0
FOLDER = "vectors"


class VectorDesk:
    """Everything about vectors in one process. `run` never raises for what is away: there are no vectors then."""

    def __init__(self, settings: Settings, client: Client, reader: Reader, models: Models) -> None:
        """Raises `ConfigurationError` when `memory.embedder` names nobody who embeds."""
        entry = settings.memory
        self._client, self._reader, self._realm = client, reader, settings.realm
        self._place = entry.vectors or str(settings.state / FOLDER)
        self._key = entry.vectors_key.get_secret_value()
        embedding_model(models.book, entry.embedder)
        line = models.lines.get(entry.embedder)
        self._store = KvVectors(client, embedding_model(models.book, entry.embedder))
        self._library: VectorLibrary | None = None
        if line is not None:
            embedder = ModelEmbedder(
                line, models.spending, models.clock, models.book, dollars_per_day=entry.dollars_per_day
            )
            self._library = VectorLibrary(embedder, self._store)
        self._vectors: QdrantVectors | None = None
        self._backlog: Backlog | None = None
        self._in_hand: set[asyncio.Task[None]] = set()
        self._problem = ""

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set."""
        if self._library is None:
            logger.info("recalling by words alone: llm.enabled is false")
            await stop.wait()
            return
        told = await self._client.subscribe(condition_subject(self._realm), queue=QUEUE, cb=self._tell)
        try:
            vectors = await self._open(self._library, stop)
            if vectors is None:
                return
            self._vectors = vectors
            self._backlog = Backlog(self._reader, self._library, vectors)
            asked = await self._client.subscribe(subject(self._realm), queue=QUEUE, cb=self._accept)
            try:
                await self._backlog.run(stop)
            finally:
                with suppress(NatsError):
                    await asked.unsubscribe()
                await asyncio.gather(*self._in_hand, return_exceptions=True)
        finally:
            with suppress(NatsError):
                await told.unsubscribe()
            await self._library.close()
            if self._vectors is not None:
                with suppress(LorestreamError):
                    await self._vectors.close()
            with suppress(NatsError):
                await self._store.close()

    async def _open(self, library: VectorLibrary, stop: asyncio.Event) -> QdrantVectors | None:
        """Qdrant, once it is there and it is known how long vectors are; None when that cannot be or `stop` is set."""
        pause = RETRY_SECONDS
        while not stop.is_set():
            vectors = None
            try:
                dimensions = await library.dimensions()
                vectors = QdrantVectors(self._place, COLLECTION, library.model, dimensions, api_key=self._key)
                await vectors.prepare()
            except LorestreamError as error:
                self._trouble(error)
                if vectors is not None:
                    with suppress(LorestreamError):
                        await vectors.close()
                if isinstance(error, QdrantMissing):
                    await stop.wait()
                    return None
            else:
                self._problem = ""
                logger.info("memories are recalled by meaning", model=library.model, dimensions=dimensions)
                return vectors
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)
            pause = min(2 * pause, LONGEST_RETRY_SECONDS)
        return None

    async def _accept(self, message: Msg) -> None:
        if len(self._in_hand) >= CONCURRENCY:
            await _respond(message, Found(problem="too many questions at once"))
            return
        task = asyncio.create_task(self._serve(message), name="nearest memories")
        self._in_hand.add(task)
        task.add_done_callback(self._in_hand.discard)

    async def _serve(self, message: Msg) -> None:
        await _respond(message, await self._found(message.data))

    async def _found(self, body: bytes) -> Found:
        library, vectors = self._library, self._vectors
        assert library is not None and vectors is not None
        try:
            asked = questions.validate_json(body)
            vector: Vector = await library.question(asked.text, seconds=asked.seconds)
            found = await vectors.nearest(asked.owner, vector, as_of=asked.as_of)
        except TimeoutError:
            return Found(problem="the question was not embedded in time")
        except (LorestreamError, ValidationError, ValueError) as error:
            if isinstance(error, VectorsDiffer):
                self._trouble(error)
            return Found(problem=str(error)[:300])
        return Found(tuple(each for each in found if each[1] >= LEAST_LIKE))

    async def _tell(self, message: Msg) -> None:
        told: dict[str, Any] = {
            "model": self._store.model,
            "vectors": 0,
            "waiting": 0,
            "problem": self._problem,
        }
        vectors, backlog = self._vectors, self._backlog
        if vectors is not None and backlog is not None:
            try:
                told["vectors"] = await vectors.count()
            except LorestreamError as error:
                told["problem"] = str(error)
            told["waiting"] = backlog.waiting
            told["problem"] = told["problem"] or backlog.problem
        with suppress(NatsError, OSError):
            await message.respond(to_json(told))

    def _trouble(self, error: LorestreamError) -> None:
        if str(error) != self._problem:
            self._problem = str(error)
            logger.warning("recalling by words alone for now", reason=self._problem[:300])


async def _respond(message: Msg, found: Found) -> None:
    with suppress(NatsError, OSError):
        await message.respond(answers.dump_json(found))
