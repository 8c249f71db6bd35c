"""The HTTP mirror inside the gateway's own event loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from adapters.http.app import create_app
from adapters.rathena.dispatcher import Dispatcher
from adapters.rathena.status import Status
from adapters.settings import Settings
from events.errors import ConfigurationError

FINISH_SECONDS = 10
BACKLOG = 512


class HttpServer:
    """uvicorn without its signal handlers: the role decides when to end."""

    def __init__(self, settings: Settings, dispatcher: Dispatcher, status: Status) -> None:
        self._settings = settings.http
        config = uvicorn.Config(
            create_app(settings, dispatcher, status),
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=FINISH_SECONDS,
            limit_concurrency=2048,
        )
        self._server = _Server(config)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> str:
        """Bind and serve; the URL with its real port. Raises `ConfigurationError` when the port is taken."""
        family = socket.AF_INET6 if ":" in self._settings.host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((self._settings.host, self._settings.port))
        except OSError as error:
            listener.close()
            raise ConfigurationError(
                "settings",
                "http.port",
                f"{self._settings.host}:{self._settings.port} cannot be bound: {error.strerror}",
                "Choose a free port, or 0 for any.",
            ) from None
        listener.listen(BACKLOG)
        self._task = asyncio.create_task(self._server.serve([listener]), name="http")
        host = f"[{self._settings.host}]" if family == socket.AF_INET6 else self._settings.host
        return f"http://{host}:{listener.getsockname()[1]}"

    async def stop(self) -> None:
        """Accept no more, finish what is under way."""
        self._server.should_exit = True
        if self._task is not None:
            await self._task


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
