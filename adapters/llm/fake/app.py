"""The routes of the fake server, and its answers."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Iterator
from types import ModuleType

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import Send

from adapters.llm.fake import chat, messages, responses
from adapters.llm.fake.answering import answer
from adapters.llm.fake.behaviour import Behaviour
from adapters.llm.fake.catalogue import Embedding, Listing
from adapters.llm.fake.control import Control
from adapters.llm.fake.drawing import Drawing
from adapters.llm.fake.endpoint import GARBAGE, Endpoint, send_whole, started
from adapters.llm.fake.server import FakeModels, Received
from events.commit import Json


def create_app(models: FakeModels) -> Starlette:
    logging.getLogger("uvicorn.error").addFilter(_expected)
    chatting, responding = Answering(models, chat), Answering(models, responses)
    control = Control(models)
    deployment = "/openai/deployments/{deployment}"
    return Starlette(
        routes=[
            Route("/v1/chat/completions", chatting, methods=["POST"]),
            Route("/v1/responses", responding, methods=["POST"]),
            Route("/v1/messages", Answering(models, messages), methods=["POST"]),
            Route("/v1/embeddings", Embedding(models), methods=["POST"]),
            Route("/v1/images/generations", Drawing(models), methods=["POST"]),
            Route("/v1/models", Listing(models), methods=["GET"]),
            Route(f"{deployment}/chat/completions", chatting, methods=["POST"]),
            Route(f"{deployment}/embeddings", Embedding(models), methods=["POST"]),
            Route(f"{deployment}/images/generations", Drawing(models), methods=["POST"]),
            Route("/openai/responses", responding, methods=["POST"]),
            Route("/openai/models", Listing(models), methods=["GET"]),
            Route("/fake", control.about, methods=["GET"]),
            Route("/fake/requests", control.requests, methods=["GET"]),
            Route("/fake/behaviour", control.behave, methods=["POST"]),
        ]
    )


def _expected(record: logging.LogRecord) -> bool:
    """Breaking off in the middle of an answer is what `fake-cut` is for: no reason for uvicorn to complain."""
    return "without completing response" not in str(record.msg)


class Answering(Endpoint):
    def __init__(self, models: FakeModels, dialect: ModuleType) -> None:
        super().__init__(models)
        self.dialect = dialect

    async def work(self, received: Received, behaviour: Behaviour, send: Send) -> None:
        body = received.body
        try:
            question = self.dialect.question_of(body, received.headers)
            given = answer(question, behaviour.manner)
        except ValueError as error:
            await self._refuse(received, send, str(error))
            return
        except (KeyError, TypeError, AttributeError, RecursionError) as error:
            await self._refuse(received, send, f"Invalid request: {type(error).__name__} {error}")
            return
        identity = hashlib.blake2b(f"{received.number}".encode(), digest_size=12).hexdigest()
        received.outcome = "200"
        if behaviour.manner == "garbage":
            await send_whole(send, 200, GARBAGE)
        elif question.stream:
            await self._stream(self.dialect.events(identity, body, given), received, behaviour, send)
        else:
            whole = json.dumps(self.dialect.whole(identity, body, given)).encode()
            if behaviour.manner == "cut":
                received.outcome = "cut"
                await send(started(200, "application/json"))
                await send(
                    {"type": "http.response.body", "body": whole[: len(whole) // 2], "more_body": True}
                )
            else:
                await send_whole(send, 200, whole)

    async def _refuse(self, received: Received, send: Send, told: str) -> None:
        received.outcome = "400"
        await send_whole(send, 400, json.dumps(self.dialect.error(400, told)).encode())

    async def _stream(
        self, events: Iterator[tuple[str, Json | str]], received: Received, behaviour: Behaviour, send: Send
    ) -> None:
        frames = list(events)
        await send(started(200, "text/event-stream; charset=utf-8"))
        broken = len(frames) // 2 if behaviour.manner in ("cut", "late") else -1
        for at, (name, data) in enumerate(frames):
            if at == broken and behaviour.manner == "cut":
                received.outcome = "cut"
                return
            if at == broken:
                name, data = self.dialect.late_error("The fake model fails in the middle of its answer.")
            if behaviour.drip:
                await asyncio.sleep(behaviour.drip / 1000)
            text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
            frame = f"event: {name}\ndata: {text}\n\n" if name else f"data: {text}\n\n"
            await send({"type": "http.response.body", "body": frame.encode(), "more_body": True})
            if at == broken:
                break
        await send({"type": "http.response.body", "body": b""})
