"""The projector's signal: how far each read model is, on the core NATS subject `prj.<realm>`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

logger = structlog.get_logger(__name__)

_positions: TypeAdapter[dict[str, int]] = TypeAdapter(dict[str, int])


def progress_subject(realm: str) -> str:
    """Where positions are published after every transaction, as JSON `{projection: position}`."""
    return f"prj.{realm}"


async def publish_progress(client: Client, realm: str, positions: Mapping[str, int]) -> None:
    """Tell everybody. A lost signal only delays a reader until its next look at the checkpoints."""
    if client.is_connected:
        with suppress(NatsError):
            await client.publish(progress_subject(realm), to_json(positions))


async def watch_progress(
    client: Client, realm: str, advance: Callable[[Mapping[str, int]], None]
) -> Subscription:
    """Call `advance` with the positions of every signal, until the subscription is dropped."""

    async def heard(message: Msg) -> None:
        try:
            advance(_positions.validate_json(message.data))
        except ValidationError as error:
            logger.warning("a projector's signal cannot be read", reason=str(error))

    return await client.subscribe(progress_subject(realm), cb=heard)
