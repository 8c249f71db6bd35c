"""Whoever recalls asks here for the memories nearest in meaning: over NATS, briefly, and never in vain for long.

A question goes to `ask.<realm>.nearest`, to one of the processes that have the vectors (`adapters.embedding.desk`).
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace

import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError
from pydantic import TypeAdapter, ValidationError

from adapters.settings import Settings
from commands.mind.memory.recall import Query
from events.commit import Json

logger = structlog.get_logger(__name__)

MARGIN_SECONDS = 0.1
"""What the way there and the search may take beside the question's own vector."""
COOL_SECONDS = 2.0
"""After nobody answered, nobody is asked for so long."""

Nearest = tuple[tuple[tuple[int, int], int], ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of one NPC's memories; `seconds` is how long the question's own vector may take."""

    owner: str
    text: str
    seconds: float
    as_of: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Events and their similarity, best first; `problem` says why there are none."""

    nearest: Nearest = ()
    problem: str = ""


questions: TypeAdapter[Question] = TypeAdapter(Question)
answers: TypeAdapter[Found] = TypeAdapter(Found)
_conditions: TypeAdapter[Json] = TypeAdapter(Json)


def subject(realm: str) -> str:
    return f"ask.{realm}.nearest"


def condition_subject(realm: str) -> str:
    """Where it is told how the vectors are."""
    return f"ask.{realm}.vectors"


class NearestMemories:
    """Adds to questions what is near them in meaning. Without an embedder it gives them back as they are."""

    def __init__(self, client: Client, settings: Settings) -> None:
        self._client = client
        self._subject = subject(settings.realm)
        self._seconds = settings.memory.question_ms / 1000
        self._on = bool(settings.memory.embedder)
        self._ask_again = 0.0

    async def add(self, query: Query, *, left: float = 60.0) -> Query:
        """`query` with its `nearest`; unchanged when it has no text or nobody answers in time.

        `left` in seconds is all there is until the caller stops waiting; half of it stays for the recall itself.
        """
        if not self._on or not query.query.strip():
            return query
        return replace(query, nearest=await self._nearest(query, min(self._seconds, left / 2)))

    async def _nearest(self, query: Query, seconds: float) -> Nearest:
        if time.monotonic() < self._ask_again:
            return ()
        asked = Question(query.owner, query.query, seconds, query.as_of)
        try:
            answer = await self._client.request(
                self._subject, questions.dump_json(asked), timeout=seconds + MARGIN_SECONDS
            )
            found = answers.validate_json(answer.data)
        except (NatsError, OSError, TimeoutError, ValidationError) as error:
            self._ask_again = time.monotonic() + COOL_SECONDS
            logger.info("recalling by words alone", reason=repr(error)[:200])
            return ()
        if found.problem:
            logger.debug("recalling by words alone", reason=found.problem)
        return found.nearest


async def condition(client: Client, realm: str, *, timeout: float) -> Json | None:
    """How the vectors are: `{"model", "vectors", "waiting", "problem"}`; None when nobody has them."""
    try:
        answer = await client.request(condition_subject(realm), b"", timeout=timeout)
        return _conditions.validate_json(answer.data)
    except (NoRespondersError, NatsError, OSError, TimeoutError, asyncio.CancelledError, ValidationError):
        return None
