"""The routes of the fake server, and the ways in which it fails."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import logging
import struct
from collections.abc import Iterator
from dataclasses import asdict
from types import ModuleType

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from adapters.llm.fake import chat, messages, responses
from adapters.llm.fake.answering import answer, tokens, vector
from adapters.llm.fake.behaviour import HEADER, Behaviour
from adapters.llm.fake.server import FakeModels, Received
from events.commit import Json

MAX_BODY_BYTES = 32 * 1024 * 1024
DIMENSIONS = 1536
MODELS = ("fake-1", "fake-obedient", "fake-slow-1000", "fake-flaky-3", "fake-429", "fake-500", "fake-huge")

_GARBAGE = b'{"choices": [{"message": {"content": "half an ans'


def create_app(models: FakeModels) -> Starlette:
    logging.getLogger("uvicorn.error").addFilter(_expected)
    chatting, responding = _Answering(models, chat), _Answering(models, responses)
    deployment = "/openai/deployments/{deployment}"
    return Starlette(
        routes=[
            Route("/v1/chat/completions", chatting, methods=["POST"]),
            Route("/v1/responses", responding, methods=["POST"]),
            Route("/v1/messages", _Answering(models, messages), methods=["POST"]),
            Route("/v1/embeddings", _Embedding(models), methods=["POST"]),
            Route("/v1/models", _Listing(models), methods=["GET"]),
            Route(f"{deployment}/chat/completions", chatting, methods=["POST"]),
            Route(f"{deployment}/embeddings", _Embedding(models), methods=["POST"]),
            Route("/openai/responses", responding, methods=["POST"]),
            Route("/openai/models", _Listing(models), methods=["GET"]),
            Route("/fake", _Control(models).about, methods=["GET"]),
            Route("/fake/requests", _Control(models).requests, methods=["GET"]),
            Route("/fake/behaviour", _Control(models).behave, methods=["POST"]),
        ]
    )


def _expected(record: logging.LogRecord) -> bool:
    """Breaking off in the middle of an answer is what `fake-cut` is for: no reason for uvicorn to complain."""
    return "without completing response" not in str(record.msg)


class _Endpoint:
    """Reads the request, minds keys, behaviours and whoever hangs up, and lets `work` answer."""

    dialect: ModuleType = chat

    def __init__(self, models: FakeModels) -> None:
        self._models = models

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await self._body(request)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        received = self._models.receive(scope["path"], request.url.query, headers, body)
        watch = asyncio.ensure_future(_gone(receive))
        work = asyncio.ensure_future(self._work(request, received, send))
        with self._models.flight():
            try:
                await asyncio.wait((watch, work), return_when=asyncio.FIRST_COMPLETED)
                if not work.done():
                    received.outcome = "disconnected"
            finally:
                watch.cancel()
                if not work.done():
                    work.cancel()
                await asyncio.gather(watch, work, return_exceptions=True)
        if not work.cancelled() and work.exception() is not None:
            raise work.exception()  # type: ignore[misc]

    async def _work(self, request: Request, received: Received, send: Send) -> None:
        problem = self._problem(request, received)
        model = str(received.body.get("model", ""))
        behaviour = self._models.behaviour(model, received.headers.get(HEADER, ""))
        if problem is None:
            if behaviour.manner == "hang":
                await asyncio.Event().wait()
            await asyncio.sleep(behaviour.slow / 1000)
            failing = self._models.fails(model, behaviour)
            problem = (failing, f"The fake model {model!r} fails as it was told to.") if failing else None
        if problem is not None:
            status, told = problem
            extra = {"retry-after": "2"} if status == 429 else {}
            received.outcome = str(status)
            await _send(send, status, json.dumps(self.dialect.error(status, told)).encode(), extra)
        else:
            await self.work(received, behaviour, send)

    def _problem(self, request: Request, received: Received) -> tuple[int, str] | None:
        key = received.headers.get("api-key") or received.headers.get("x-api-key")
        key = key or received.headers.get("authorization", "").removeprefix("Bearer ")
        if "wrong" in key:
            # Meaner than any provider: the whole key, where they quote a part.
            return 401, f"Incorrect API key provided: {key}."
        if request.url.path.startswith("/openai/") and "api-version" not in request.query_params:
            return 404, "Resource not found: the query parameter api-version is missing."
        return None

    async def work(self, received: Received, behaviour: Behaviour, send: Send) -> None:
        raise NotImplementedError

    async def _body(self, request: Request) -> Json:
        content = bytearray()
        async for chunk in request.stream():
            content += chunk
            if len(content) > MAX_BODY_BYTES:
                return {}
        try:
            body = json.loads(content) if content else {}
        except (ValueError, RecursionError):
            body = {}
        body = body if isinstance(body, dict) else {}
        if "deployment" in request.path_params:
            body["model"] = request.path_params["deployment"]
        return body


class _Answering(_Endpoint):
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
            await _send(send, 200, _GARBAGE)
        elif question.stream:
            await self._stream(self.dialect.events(identity, body, given), received, behaviour, send)
        else:
            whole = json.dumps(self.dialect.whole(identity, body, given)).encode()
            if behaviour.manner == "cut":
                received.outcome = "cut"
                await send(_start(200, "application/json"))
                await send(
                    {"type": "http.response.body", "body": whole[: len(whole) // 2], "more_body": True}
                )
            else:
                await _send(send, 200, whole)

    async def _refuse(self, received: Received, send: Send, told: str) -> None:
        received.outcome = "400"
        await _send(send, 400, json.dumps(self.dialect.error(400, told)).encode())

    async def _stream(
        self, events: Iterator[tuple[str, Json | str]], received: Received, behaviour: Behaviour, send: Send
    ) -> None:
        frames = list(events)
        await send(_start(200, "text/event-stream; charset=utf-8"))
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


class _Embedding(_Endpoint):
    async def work(self, received: Received, behaviour: Behaviour, send: Send) -> None:
        body = received.body
        given = body.get("input", "")
        texts = [given] if isinstance(given, str) else [str(each) for each in given]
        size = int(body.get("dimensions") or DIMENSIONS)
        if behaviour.manner == "garbage":
            await _send(send, 200, _GARBAGE)
            return
        data = [
            {"object": "embedding", "index": at, "embedding": _encoded(vector(text, size), body)}
            for at, text in enumerate(texts)
        ]
        if behaviour.manner == "wrong":
            data = data[:-1]
        used = sum(tokens(text) for text in texts)
        found = {
            "object": "list",
            "data": data,
            "model": body.get("model", ""),
            "usage": {"prompt_tokens": used, "total_tokens": used},
        }
        received.outcome = "200"
        await _send(send, 200, json.dumps(found).encode())


class _Listing(_Endpoint):
    async def work(self, received: Received, behaviour: Behaviour, send: Send) -> None:  # noqa: ARG002
        received.outcome = "200"
        if "anthropic-version" in received.headers:
            listed = [
                {"type": "model", "id": name, "display_name": name, "created_at": "2026-01-01T00:00:00Z"}
                for name in MODELS
            ]
            found: Json = {"data": listed, "has_more": False, "first_id": MODELS[0], "last_id": MODELS[-1]}
        else:
            data = [
                {"id": name, "object": "model", "created": 0, "owned_by": "lorestream"} for name in MODELS
            ]
            found = {"object": "list", "data": data}
        await _send(send, 200, json.dumps(found).encode())


class _Control:
    """`/fake`: watching and switching a server that runs as a process of its own."""

    def __init__(self, models: FakeModels) -> None:
        self._models = models

    async def about(self, request: Request) -> Response:  # noqa: ARG002
        models = self._models
        return JSONResponse(
            {
                "service": "lorestream fake models",
                "requests": models.counts["all"],
                "in_flight": models.in_flight,
                "most_in_flight": models.most_in_flight,
            }
        )

    async def requests(self, request: Request) -> Response:  # noqa: ARG002
        shown = [asdict(each) for each in list(self._models.requests)[-100:]]
        for each in shown:
            each["headers"] = {
                k: v for k, v in each["headers"].items() if "key" not in k and k != "authorization"
            }
        return JSONResponse(shown)

    async def behave(self, request: Request) -> Response:
        try:
            wanted = await request.json()
            behaviour, model = wanted["behaviour"], wanted.get("model", "")
        except (ValueError, KeyError, TypeError, AttributeError):
            return JSONResponse(
                {"detail": 'send {"behaviour": "slow-1000", "model": ""}, null to end it'}, 400
            )
        self._models.behave(None if behaviour is None else str(behaviour), str(model))
        return JSONResponse({"behaviour": behaviour, "model": model})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send(send: Send, status: int, body: bytes, extra: dict[str, str] | None = None) -> None:
    start = _start(status, "application/json", {"content-length": str(len(body)), **(extra or {})})
    await send(start)
    await send({"type": "http.response.body", "body": body})


def _start(status: int, kind: str, extra: dict[str, str] | None = None) -> Message:
    headers = {"content-type": kind, **(extra or {})}
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http.response.start", "status": status, "headers": pairs}


def _encoded(vector: list[float], body: Json) -> list[float] | str:
    if body.get("encoding_format") != "base64":
        return vector
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
