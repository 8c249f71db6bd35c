"""uvicorn without its signal handlers: the role decides when to end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from adapters.http.app import create_app
from adapters.http.platform import Platform
from adapters.http.sockets import ABORT
from adapters.nats.ports import CommandBus
from adapters.rathena.dispatcher import Dispatcher
from adapters.rathena.status import Status
from adapters.settings import Settings

MAX_CONCURRENT = 2048
MAX_MESSAGE = 64 * 1024
"""Bytes of a WebSocket message from a page."""
PING_SECONDS = 20.0
HEADERS_SECONDS = 20.0
"""How long a connection may take until it has sent the headers of a request."""
BODY_SECONDS = 300.0
"""How long the body may take then: the largest one over a poor line."""


def create_server(
    settings: Settings, dispatcher: Dispatcher, status: Status, bus: CommandBus, *, finish_seconds: int
) -> Server:
    """A server that is not started; `serve([socket])` runs it until `should_exit` is set.

    Raises `ConfigurationError` as `create_app`.
    """
    app = create_app(settings, dispatcher, status, bus)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        http=_Requests,
        timeout_graceful_shutdown=finish_seconds,
        limit_concurrency=MAX_CONCURRENT,
        proxy_headers=bool(settings.http.trusted_proxies),
        forwarded_allow_ips=list(settings.http.trusted_proxies),
        ws=_Socket,
        ws_max_size=MAX_MESSAGE,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PING_SECONDS,
        # Compressing each of many small messages for each page would cost more than sending them.
        ws_per_message_deflate=False,
    )
    return Server(config, app.state.platform)


class _Requests(HttpToolsProtocol):
    """Drops whoever does not get on with his request: uvicorn would wait for ever, and `MAX_CONCURRENT` of them would
    shut everybody else out.
    """

    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait(HEADERS_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._arrived()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._wait(HEADERS_SECONDS)

    def on_headers_complete(self) -> None:
        self._wait(BODY_SECONDS)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._arrived()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        self._arrived()
        super().handle_websocket_upgrade()

    def _wait(self, seconds: float) -> None:
        self._arrived()
        self._patience = self.loop.call_later(seconds, self.transport.abort)

    def _arrived(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


class _Socket(WebSocketsSansIOProtocol):
    """A WebSocket that can be dropped at once: closing waits for a peer to read what is buffered for it, for ever."""

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.handshake_initiated and not self.close_sent:
            scope: dict[str, Any] = self.scope  # type: ignore[assignment]
            scope[ABORT] = self.transport.abort

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.transport.abort()


class Server(uvicorn.Server):
    """Close `platform` when it has ended."""

    def __init__(self, config: uvicorn.Config, platform: Platform) -> None:
        super().__init__(config)
        self.platform = platform

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
