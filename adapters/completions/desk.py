"""The agents' side of the line: questions in, recorded answers of models out. Part of the role `agents`."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from pydantic import ValidationError
from pydantic_core import from_json, to_json

from adapters.completions.line import (
    QUEUE,
    SIGN_SECONDS,
    Question,
    decode_question,
    encode_outcome,
    stop_subject,
    subject,
)
from adapters.llm.adviser import Adviser, Cause
from adapters.llm.answer import Read
from adapters.roles.counsel import Counsel
from commands.agents.ask import Ask
from commands.agents.chat import CHAT, question
from commands.agents.purposes import PURPOSES
from commands.codes import Code
from commands.rejection import Rejected
from events.errors import ConfigurationError, LogError

logger = structlog.get_logger(__name__)

CONCURRENCY = 512
FINISH_SECONDS = 8.0


class Desk:
    """Answers questions while the block runs; those in hand are finished at its end, or given up in time."""

    def __init__(self, client: Client, realm: str, adviser: Adviser, counsel: Counsel) -> None:
        """`counsel` knows the agents' terms and the fingerprints of keys that no answer may hold."""
        self._client = client
        self._realm = realm
        self._adviser = adviser
        self._counsel = counsel
        self._in_hand: dict[str, asyncio.Task[None]] = {}
        self._given_up: set[str] = set()

    async def __aenter__(self) -> Desk:
        self._questions = await self._client.subscribe(subject(self._realm), queue=QUEUE, cb=self._accept)
        self._stops = await self._client.subscribe(stop_subject(self._realm), cb=self._stop)
        return self

    async def __aexit__(self, *_: object) -> None:
        with suppress(NatsError):
            await self._questions.unsubscribe()
        waiting = list(self._in_hand.values())
        if waiting:
            await asyncio.wait(waiting, timeout=FINISH_SECONDS)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        with suppress(NatsError):
            await self._stops.unsubscribe()

    async def _accept(self, message: Msg) -> None:
        try:
            asked = decode_question(message.data)
        except ValidationError:
            await _refuse(message, Code.INVALID_PARAMETER, "the question cannot be read")
            return
        if len(self._in_hand) >= CONCURRENCY or asked.id in self._in_hand:
            await _refuse(message, Code.RATE_LIMITED, "too many questions at once")
            return
        task = asyncio.create_task(self._answer(message, asked), name=f"question {asked.id}")
        self._in_hand[asked.id] = task
        task.add_done_callback(lambda _: self._forget(asked.id))

    def _forget(self, which: str) -> None:
        self._in_hand.pop(which, None)
        self._given_up.discard(which)

    async def _stop(self, message: Msg) -> None:
        with suppress(ValueError, KeyError, TypeError):
            which = from_json(message.data)["id"]
            task = self._in_hand.get(which)
            if task is not None:
                self._given_up.add(which)
                task.cancel()

    async def _answer(self, message: Msg, asked: Question) -> None:
        sign = asyncio.create_task(_keep_saying(message, {"alive": True}), name=f"sign {asked.id}")
        try:
            await message.respond(await self._decided(message, asked))
        except (NatsError, OSError) as error:
            logger.warning("an answer could not be sent", question=asked.id, reason=repr(error))
        finally:
            sign.cancel()
            await asyncio.gather(sign, return_exceptions=True)

    async def _decided(self, message: Msg, asked: Question) -> bytes:
        async def say(text: str) -> None:
            await message.respond(to_json({"text": text}))

        try:
            ask, read, seconds = self._question(asked)
            # A caller's schema is only good whole; tools' answers have no text worth streaming.
            streamed = asked.stream and not (
                asked.purpose == CHAT.name and (asked.inputs.get("schema") or asked.inputs.get("tools"))
            )
            advice = await self._adviser.advise(
                Cause(asked.id, asked.correlation_id or asked.id),
                ask,
                read,
                deadline=asyncio.get_running_loop().time() + seconds,
                on_text=say if streamed else None,
                over=lambda: asked.id in self._given_up and not asked.repeatable,
            )
        except Rejected as refused:
            return _refusal(refused.code, refused.message)
        except LogError as error:
            return _refusal(Code.SERVICE_UNAVAILABLE, str(error))
        return encode_outcome(advice.decision_id, advice.made)

    def _question(self, asked: Question) -> tuple[Ask, Read, float]:
        """What is put to a model, how its answer is read, and the seconds it has.

        Raises `Rejected`: -105 for a question that cannot be read, -101 for an unknown purpose, -502 for an optional
        one while no model can be asked.
        """
        purpose = PURPOSES.get(asked.purpose)
        if purpose is None:
            raise Rejected(Code.INVALID_PARAMETER, f"purpose: {asked.purpose[:64]!r} is unknown")
        entry = self._counsel.agent(purpose.agent)
        if asked.optional and entry is None:
            raise Rejected(Code.LLM_ERROR, f"agent {purpose.agent!r} has no model to ask")
        try:
            if purpose is CHAT:
                told = {**asked.inputs, "secrets": list(self._counsel.secrets)}
                return question(told), purpose.read, asked.seconds
            entry = self._counsel.configured(purpose.agent)
            longest = min(asked.seconds, entry.response_timeout / 1000)
            return self._counsel.question(purpose, entry, asked.inputs), purpose.read, longest
        except (ValidationError, LookupError, TypeError, ValueError, ConfigurationError) as error:
            logger.warning("a question cannot be put", purpose=asked.purpose, reason=type(error).__name__)
            raise Rejected(Code.PARAMETER_OUT_OF_RANGE, "the question cannot be read") from None


async def _keep_saying(message: Msg, told: dict[str, bool]) -> None:
    while True:
        await message.respond(to_json(told))
        await asyncio.sleep(SIGN_SECONDS)


def _refusal(code: int, told: str) -> bytes:
    return to_json({"refused": told, "code": int(code)})


async def _refuse(message: Msg, code: int, told: str) -> None:
    with suppress(NatsError, OSError):
        await message.respond(_refusal(code, told))
