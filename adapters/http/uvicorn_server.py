"""uvicorn without its signal handlers: the role decides when to end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from adapters.http.app import create_app
from adapters.rathena.dispatcher import Dispatcher
from adapters.rathena.status import Status
from adapters.settings import Settings

MAX_CONCURRENT = 2048


def create_server(
    settings: Settings, dispatcher: Dispatcher, status: Status, *, finish_seconds: int
) -> uvicorn.Server:
    """A server that is not started; `serve([socket])` runs it until `should_exit` is set."""
    return _Server(
        uvicorn.Config(
            create_app(settings, dispatcher, status),
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=finish_seconds,
            limit_concurrency=MAX_CONCURRENT,
        )
    )


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
