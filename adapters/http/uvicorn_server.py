"""uvicorn without its signal handlers: the role decides when to end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from adapters.http.app import create_app
from adapters.http.platform import Platform
from adapters.nats.ports import CommandBus
from adapters.rathena.dispatcher import Dispatcher
from adapters.rathena.status import Status
from adapters.settings import Settings

MAX_CONCURRENT = 2048


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
    )
    return Server(config, app.state.platform)


class Server(uvicorn.Server):
    """Close `platform` when it has ended."""

    def __init__(self, config: uvicorn.Config, platform: Platform) -> None:
        super().__init__(config)
        self.platform = platform

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
