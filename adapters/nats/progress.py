"""The projector's signal: how far each read model is, on the core NATS subject `prj.<realm>`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from pydantic_core import from_json, to_json


def progress_subject(realm: str) -> str:
    return f"prj.{realm}"


async def publish_progress(client: Client, realm: str, positions: Mapping[str, int]) -> None:
    """Tell everybody; a signal nobody hears is made up for by looking at the checkpoints."""
    if client.is_connected:
        await client.publish(progress_subject(realm), to_json(positions))


async def watch_progress(
    client: Client, realm: str, advance: Callable[[Mapping[str, int]], None]
) -> Subscription:
    """Call `advance` with the positions of every signal, until the subscription is dropped."""

    async def heard(message: Msg) -> None:
        positions = from_json(message.data)
        if isinstance(positions, dict):
            advance({name: at for name, at in positions.items() if isinstance(at, int)})

    return await client.subscribe(progress_subject(realm), cb=heard)
