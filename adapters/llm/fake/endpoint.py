"""One address of the fake server: keys, behaviours, failures, and whoever hangs up."""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from types import ModuleType

from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive, Scope, Send

from adapters.llm.fake import chat
from adapters.llm.fake.behaviour import HEADER, Behaviour
from adapters.llm.fake.server import FakeModels, Received
from events.commit import Json

MAX_BODY_BYTES = 32 * 1024 * 1024

GARBAGE = b'{"choices": [{"message": {"content": "half an ans'


class Endpoint(ABC):
    """Reads the request, minds keys, behaviours and whoever hangs up, and lets `work` answer."""

    dialect: ModuleType = chat

    def __init__(self, models: FakeModels) -> None:
        self._models = models

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            body = await self._body(request)
        except ClientDisconnect:
            return
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
            await send_whole(send, status, json.dumps(self.dialect.error(status, told)).encode(), extra)
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

    @abstractmethod
    async def work(self, received: Received, behaviour: Behaviour, send: Send) -> None:
        """Answer `received`, which is in order, in the manner of `behaviour`."""

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


async def send_whole(send: Send, status: int, body: bytes, extra: dict[str, str] | None = None) -> None:
    start = started(status, "application/json", {"content-length": str(len(body)), **(extra or {})})
    await send(start)
    await send({"type": "http.response.body", "body": body})


def started(status: int, kind: str, extra: dict[str, str] | None = None) -> Message:
    headers = {"content-type": kind, **(extra or {})}
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http.response.start", "status": status, "headers": pairs}


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
