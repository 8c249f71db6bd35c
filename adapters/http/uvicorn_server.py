"""uvicorn without its signal handlers: the role decides when to end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
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
