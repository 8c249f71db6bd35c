"""The server: routes, behaviours, faults, and what it remembers of its requests."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType

import uvicorn

from adapters.llm.fake.behaviour import Behaviour, behaviour_of
from events.commit import Json
from events.errors import ConfigurationError

KEPT_REQUESTS = 1000
BACKLOG = 1024
FINISH_SECONDS = 1


@dataclass(slots=True)
class Received:
    """One request as it came: `headers` in lower case, `outcome` the status, or `disconnected`, `cut`, ``."""

    number: int
    path: str
    query: str
    headers: dict[str, str]
    body: Json
    outcome: str = ""


class FakeModels:
    """The server on a port of its own.

        async with FakeModels() as models:
            provider = open_provider(ProviderEntry(…, base_url=f"{models.url}/v1", model="fake-1"))

    `requests` are the last thousand, `counts` all by path and by model. `behave` changes what models do from now on.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self._host, self._port = host, port
        self._server: uvicorn.Server | None = None
        self._serving: asyncio.Task[None] | None = None
        self._overrides: dict[str, Behaviour] = {}
        self._streaks: Counter[str] = Counter()
        self.requests: deque[Received] = deque(maxlen=KEPT_REQUESTS)
        self.counts: Counter[str] = Counter()
        self.in_flight = 0
        self.most_in_flight = 0
        self.url = ""

    async def start(self) -> None:
        """Bind and serve. Raises `ConfigurationError` when the port is taken."""
        from adapters.llm.fake.app import create_app

        listener = self._listen()
        config = uvicorn.Config(
            create_app(self),
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=FINISH_SECONDS,
        )
        self._server = _Server(config)
        self._serving = asyncio.create_task(self._server.serve([listener]), name="fake models")

    async def stop(self) -> None:
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await asyncio.gather(self._serving, return_exceptions=True)
            self._server = self._serving = None

    async def serve(self) -> None:
        """Until the task is cancelled or the server ends."""
        assert self._serving is not None
        await asyncio.shield(self._serving)

    async def __aenter__(self) -> FakeModels:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def behave(self, behaviour: str | None, model: str = "") -> None:
        """Let `model` (all, when empty) behave as told from now on, whatever its name says; None: as its name says."""
        if behaviour is None:
            self._overrides.pop(model, None)
        else:
            self._overrides[model] = behaviour_of(behaviour)
        self._streaks.clear()

    def behaviour(self, model: str, header: str) -> Behaviour:
        """How to answer this request."""
        if header:
            return behaviour_of(header)
        override = self._overrides.get(model, self._overrides.get(""))
        return override if override is not None else behaviour_of(model)

    def fails(self, model: str, behaviour: Behaviour) -> int:
        """The status to fail with, 0 to answer."""
        if behaviour.status:
            return behaviour.status
        if behaviour.flaky > 1:
            self._streaks[model] += 1
            return 503 if self._streaks[model] % behaviour.flaky else 0
        return 0

    def receive(self, path: str, query: str, headers: dict[str, str], body: Json) -> Received:
        self.counts["all"] += 1
        self.counts[path] += 1
        self.counts[str(body.get("model", ""))] += 1
        received = Received(self.counts["all"], path, query, headers, body)
        self.requests.append(received)
        return received

    @contextmanager
    def flight(self) -> Iterator[None]:
        """Around the work for one request."""
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            yield
        finally:
            self.in_flight -= 1

    def clear(self) -> None:
        """Forget requests, counts and behaviours."""
        self.requests.clear()
        self.counts.clear()
        self._streaks.clear()
        self._overrides.clear()
        self.most_in_flight = self.in_flight

    def _listen(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        # Named, or asyncio leaves Nagle's algorithm on and every second answer waits 40 ms.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((self._host, self._port))
        except OSError as error:
            listener.close()
            where = f"{self._host}:{self._port}"
            raise ConfigurationError(
                "dev fake-llm", "port", f"{where} cannot be bound: {error.strerror}", "Choose a free --port."
            ) from None
        listener.listen(BACKLOG)
        listener.setblocking(False)
        shown = f"[{self._host}]" if family == socket.AF_INET6 else self._host
        self.url = f"http://{shown}:{listener.getsockname()[1]}"
        return listener


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
