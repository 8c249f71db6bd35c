"""HTTP inside the gateway's own event loop."""

from __future__ import annotations

import asyncio
import socket
from importlib import import_module
from typing import TYPE_CHECKING

from adapters.nats.ports import CommandBus
from adapters.rathena.dispatcher import Dispatcher
from adapters.rathena.status import Status
from adapters.settings import Settings
from events.errors import ConfigurationError

if TYPE_CHECKING:
    from adapters.http.uvicorn_server import Server

FINISH_SECONDS = 10
BACKLOG = 512


class HttpServer:
    """Listens at once; the application behind it is loaded while the first callers already wait in the backlog.

    Loading FastAPI takes half a second that neither `lorestream up` nor the game servers need to wait for.
    """

    def __init__(self, settings: Settings, dispatcher: Dispatcher, status: Status, bus: CommandBus) -> None:
        self._settings = settings
        self._dispatcher = dispatcher
        self._status = status
        self._bus = bus
        self._server: Server | None = None
        self._task: asyncio.Task[None] | None = None
        self._listener: socket.socket | None = None

    def listen(self) -> str:
        """Bind; the URL with its real port. Raises `ConfigurationError` when the port is taken."""
        host, port = self._settings.http.host, self._settings.http.port
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            listener.close()
            raise ConfigurationError(
                "settings",
                "http.port",
                f"{host}:{port} cannot be bound: {error.strerror}",
                "Choose a free port, or 0 for any.",
            ) from None
        listener.listen(BACKLOG)
        self._listener = listener
        shown = f"[{host}]" if family == socket.AF_INET6 else host
        return f"http://{shown}:{listener.getsockname()[1]}"

    def start(self) -> asyncio.Task[None]:
        """Begin to answer; `listen` first. The task ends when `stop` is called, or fails as `create_server` does."""
        self._task = asyncio.create_task(self._serve(), name="HTTP")
        return self._task

    async def stop(self) -> None:
        """Accept no more, finish what is under way."""
        if self._server is not None:
            self._server.should_exit = True
        elif self._task is not None:
            self._task.cancel()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
        if self._listener is not None:
            self._listener.close()

    async def _serve(self) -> None:
        assert self._listener is not None
        server = await asyncio.to_thread(import_module, "adapters.http.uvicorn_server")
        self._server = server.create_server(
            self._settings, self._dispatcher, self._status, self._bus, finish_seconds=FINISH_SECONDS
        )
        try:
            await self._server.serve([self._listener])
        finally:
            await self._server.platform.close()
