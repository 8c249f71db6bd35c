"""Between the gateway, which has the callers, and the agents, who have the models: questions over NATS.

A question, of any purpose of `commands.agents.purposes`, is published to `ask.<realm>.chat` for one of the agents'
processes. It publishes what becomes of it to the
reply subject: `{"alive": true}` as a sign of life, `{"text": …}` pieces while the answer is written, at last
`{"made": …}` or `{"refused": …}`. Nothing on the reply subject: the caller lost its agent. To `ask.<realm>.stop` go the
ids of questions that nobody waits for any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from nats.aio.client import Client
from nats.errors import Error as NatsError
from pydantic import TypeAdapter
from pydantic_core import from_json, to_json

from commands.agents.chat import NAME as CHAT
from events.commit import Json
from events.decision import DecisionMade

QUEUE = "agents"
SIGN_SECONDS = 2.0
"""How often an agent says that it still works on a question."""
SILENCE_SECONDS = 6.0
"""After so long without a sign the agent is believed to be gone."""
MAX_PIECES = 4096

_made: TypeAdapter[DecisionMade] = TypeAdapter(DecisionMade)


@dataclass(frozen=True, slots=True)
class Question:
    """`id` is the same for a repetition, which then gets the same decision; `seconds` is how long a model may take.

    `inputs` are the facts that the `purpose` is rendered from; what only the agents know (the agent's parameters, the
    fingerprints of keys) they add. `repeatable` says that it may be put again under the same id, even after it was
    given up. An `optional` one is refused with `LLM_ERROR` where no model could be asked, instead of being recorded as
    a decision that nobody made: whoever asks has another way. `correlation_id` is that of what the question is part
    of; without one it stands for itself.
    """

    id: str
    inputs: Json
    seconds: float
    stream: bool = False
    repeatable: bool = False
    purpose: str = CHAT
    optional: bool = False
    correlation_id: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The decision, and where it stands in the log."""

    decision_id: str
    made: DecisionMade


class AgentLost(Exception):
    """No agent answers: none is running, or the one that had the question is gone."""


class QuestionRefused(Exception):
    """The question cannot be put: `code` and message say why."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


_questions: TypeAdapter[Question] = TypeAdapter(Question)


def subject(realm: str) -> str:
    return f"ask.{realm}.chat"


def stop_subject(realm: str) -> str:
    return f"ask.{realm}.stop"


def encode_question(question: Question) -> bytes:
    return _questions.dump_json(question)


def decode_question(body: bytes) -> Question:
    """Raises pydantic's `ValidationError`."""
    return _questions.validate_json(body)


def encode_outcome(decision_id: str, made: DecisionMade) -> bytes:
    """The question itself stays behind: the caller has it, or finds it in the log."""
    plain = _made.dump_python(made, mode="json") | {"ask": {}, "inputs": {}}
    return to_json({"made": plain, "decision_id": decision_id}, inf_nan_mode="null")


async def put(client: Client, realm: str, question: Question) -> AsyncGenerator[str | Outcome]:
    """Put a question: pieces of text when it is streamed, and at last the outcome.

    Closing the iterator early tells the agent to stop. Raises `AgentLost`, `QuestionRefused`.
    """
    inbox = client.new_inbox()
    waiting: asyncio.Queue[bytes] = asyncio.Queue(MAX_PIECES)

    async def take(message: Any) -> None:
        await waiting.put(message.data)

    ended = False
    try:
        subscription = await client.subscribe(inbox, cb=take)
    except NatsError as error:
        raise AgentLost("the connection to the log is lost") from error
    try:
        await client.publish(subject(realm), encode_question(question), reply=inbox)
        while True:
            try:
                body = await asyncio.wait_for(waiting.get(), SILENCE_SECONDS)
            except TimeoutError:
                raise AgentLost("no agent answers") from None
            told = from_json(body) if body else {"lost": True}
            if "text" in told:
                yield str(told["text"])
            elif "made" in told:
                ended = True
                yield Outcome(str(told["decision_id"]), _made.validate_python(told["made"]))
                return
            elif "refused" in told:
                ended = True
                raise QuestionRefused(int(told["code"]), str(told["refused"]))
            elif "lost" in told:
                # What NATS itself says when nobody listens.
                raise AgentLost("no agent is running")
    except NatsError as error:
        raise AgentLost("the connection to the log is lost") from error
    finally:
        if client.is_connected:
            if not ended:
                await client.publish(stop_subject(realm), to_json({"id": question.id}))
            await subscription.unsubscribe()


async def decided(client: Client, realm: str, question: Question) -> Outcome:
    """As `put`, for those who only want to know how it ends. Raises `AgentLost`, `QuestionRefused`."""
    async with aclosing(put(client, realm, question)) as pieces:
        async for one in pieces:
            if isinstance(one, Outcome):
                return one
    raise AgentLost("the answer has no end")
