"""The agents' side of the compatible endpoint: questions in, answers of models out. Part of the role `agents`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
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
from commands.agents.chat import CHAT, question
from commands.codes import Code
from commands.rejection import Rejected
from events.commit import Json
from events.errors import LogError

logger = structlog.get_logger(__name__)

CONCURRENCY = 512
FINISH_SECONDS = 8.0


class Desk:
    """Answers questions while the block runs; those in hand are finished at its end, or given up in time."""

    def __init__(self, client: Client, realm: str, adviser: Adviser, secrets: tuple[Json, ...]) -> None:
        """`secrets` are the fingerprints of keys that no answer may hold."""
        self._secrets = list(secrets)
        self._client = client
        self._realm = realm
        self._adviser = adviser
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

        # A schema's answer is only good whole; tools' answers have no text worth streaming.
        streamed = asked.stream and not asked.inputs.get("schema") and not asked.inputs.get("tools")
        on_text: Callable[[str], Awaitable[None]] | None = say if streamed else None
        deadline = asyncio.get_running_loop().time() + asked.seconds
        try:
            advice = await self._adviser.advise(
                Cause(asked.id, asked.id),
                question({**asked.inputs, "secrets": self._secrets}),
                CHAT.read,
                deadline=deadline,
                on_text=on_text,
                over=lambda: asked.id in self._given_up and not asked.repeatable,
            )
        except (ValidationError, Rejected) as error:
            told = error.message if isinstance(error, Rejected) else "the question cannot be read"
            return _refusal(Code.PARAMETER_OUT_OF_RANGE, told)
        except LogError as error:
            return _refusal(Code.SERVICE_UNAVAILABLE, str(error))
        return encode_outcome(advice.decision_id, advice.made)


async def _keep_saying(message: Msg, told: dict[str, bool]) -> None:
    while True:
        await message.respond(to_json(told))
        await asyncio.sleep(SIGN_SECONDS)


def _refusal(code: int, told: str) -> bytes:
    return to_json({"refused": told, "code": int(code)})


async def _refuse(message: Msg, code: int, told: str) -> None:
    with suppress(NatsError, OSError):
        await message.respond(_refusal(code, told))
