"""Deadlines as JetStream message schedules: they fire even if everything restarted meanwhile.

A schedule on `sch.<realm>.<category>.<id>` publishes to `due.<realm>.<category>.<id>` when its time has come;
a durable consumer hands the due messages to the command workers. Firing too often is harmless: the receiver
is a command whose decider refuses a second outcome.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import APIError
from pydantic_core import from_json

from events.errors import LogUnavailable
from events.subjects import decode_token, encode_token, split_stream

logger = structlog.get_logger(__name__)

STREAM = "TIMERS"
_RETRY_SECONDS = 1.0
_BATCH = 64
_REDELIVER_SECONDS = 15.0


class Timers:
    """Sets deadlines for streams and delivers those that are due."""

    def __init__(self, client: Client, realm: str, *, timeout: float = 5.0) -> None:
        self._client = client
        self._realm = realm
        self._timeout = timeout

    async def set(self, stream: str, due: datetime) -> None:
        """Have `stream` called at `due`; setting it again moves it. Raises `LogUnavailable`."""
        category, entity = split_stream(stream)
        token = encode_token(entity)
        when = due.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"
        try:
            answer = await self._client.request(
                f"sch.{self._realm}.{category}.{token}",
                stream.encode(),
                timeout=self._timeout,
                headers={
                    "Nats-Schedule": f"@at {when}",
                    "Nats-Schedule-Target": f"due.{self._realm}.{category}.{token}",
                },
            )
        except (NatsError, TimeoutError) as error:
            raise LogUnavailable(f"a deadline could not be set: {error!r}") from error
        reply = from_json(answer.data)
        if "error" in reply:
            raise LogUnavailable(f"a deadline was refused: {reply['error'].get('description')}")

    async def deliver(self, category: str, call: Callable[[str], Awaitable[bool]]) -> None:
        """Call `call(stream)` for every due deadline of `category`, for ever; False asks for another try.

        Any number of workers may run this: each due message goes to one of them at a time.
        """
        jetstream = self._client.jetstream(timeout=self._timeout)
        durable = f"due-{self._realm}-{category}"
        config = ConsumerConfig(
            durable_name=durable,
            filter_subject=f"due.{self._realm}.{category}.>",
            deliver_policy=DeliverPolicy.ALL,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=_REDELIVER_SECONDS,
            max_ack_pending=4 * _BATCH,
        )
        while True:
            try:
                puller = await jetstream.pull_subscribe(
                    config.filter_subject or "", durable=durable, stream=STREAM, config=config
                )
                while True:
                    try:
                        messages = await puller.fetch(_BATCH, timeout=30)
                    except TimeoutError:
                        continue
                    await asyncio.gather(*(_hand_over(message, call) for message in messages))
            except (NatsError, APIError, OSError, TimeoutError) as error:
                logger.info("waiting for deadlines again", reason=repr(error))
                await asyncio.sleep(_RETRY_SECONDS)


async def _hand_over(message: Msg, call: Callable[[str], Awaitable[bool]]) -> None:
    _, _, category, token = message.subject.split(".", 3)
    if await call(f"{category}/{decode_token(token)}"):
        await message.ack()
    else:
        await message.nak(delay=_RETRY_SECONDS)
