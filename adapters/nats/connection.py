"""Connecting to NATS: patient at the start, for ever afterwards."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

import structlog
from nats.errors import NoServersError

from adapters.configuration import without_password
from adapters.nats import credentials as credentials_store
from adapters.nats.client import PromptClient
from adapters.settings import Settings
from events.errors import LogUnavailable

logger = structlog.get_logger(__name__)

Role = Literal["application", "administrator"]

PENDING_BYTES = 16 * 1024 * 1024


def connect_options(settings: Settings, *, name: str, role: Role = "application") -> dict[str, Any]:
    """The options every NATS client of ours shares, for nats-py and FastStream alike.

    Raises `ConfigurationError` when no server is configured and none was ever started in the state directory.
    """
    if settings.nats.url:
        servers, user = settings.nats.url, settings.nats.user or None
        password = settings.nats.password.get_secret_value() or None
    else:
        made = credentials_store.read(settings.state)
        account = getattr(made, role)
        servers, user, password = made.url, account.user, account.password
    options: dict[str, Any] = {
        "servers": [servers],
        "name": f"lorestream {name}",
        "allow_reconnect": True,
        "max_reconnect_attempts": -1,
        "reconnect_time_wait": 0.25,
        "connect_timeout": 3,
        "ping_interval": 20,
        "max_outstanding_pings": 3,
        "pending_size": PENDING_BYTES,
    }
    if user is not None:
        options |= {"user": user, "password": password}
    return options


async def connect(
    settings: Settings, *, name: str, role: Role = "application", patience: float | None = None
) -> PromptClient:
    """A connected client that reconnects by itself.

    The first connection is tried until it succeeds, or for `patience` seconds: then raises `LogUnavailable` with the
    last reason. Raises `ConfigurationError` as `connect_options`.
    """

    client = PromptClient()
    reasons: list[Exception] = []

    async def lost() -> None:
        if not client.is_closed:
            logger.warning("connection to NATS lost", client=name)

    async def found() -> None:
        logger.info("connection to NATS restored", client=name)

    async def failed(error: Exception) -> None:
        if patience is None and not reasons and not client.is_connected:
            logger.warning("cannot reach NATS yet", client=name, error=str(error))
        reasons[:] = [error]
        logger.debug("NATS client error", client=name, error=repr(error))

    options = connect_options(settings, name=name, role=role)
    try:
        async with asyncio.timeout(patience):
            await client.connect(**options, disconnected_cb=lost, reconnected_cb=found, error_cb=failed)
    except (NoServersError, OSError, TimeoutError) as error:
        reason = str(reasons[0] if reasons else error) or "no answer"
        raise LogUnavailable(
            f"cannot reach NATS at {without_password(options['servers'][0])}: {reason}. Is it running, and are "
            "nats.url, nats.user and the password right?"
        ) from error
    return client
