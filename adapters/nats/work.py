"""Durable work: messages of a stream handed to one of many workers each, again and again until one says done."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import Error as JetStreamError

logger = structlog.get_logger(__name__)

Handle = Callable[[Msg], Awaitable[bool]]
"""Works on one message; True when it is done with, False to have it delivered again a little later."""

_RETRY_SECONDS = 1.0
HEARTBEAT = 0.3
"""How much of the time until redelivery may pass before a worker says that it is still at it."""
_PULL_SECONDS = 1.0
"""A pull that a restarted server has forgotten is noticed when its time is up: short, so that work goes on soon."""


async def work(
    client: Client,
    *,
    stream: str,
    durable: str,
    filter_subject: str,
    handle: Handle,
    stop: asyncio.Event,
    concurrency: int = 64,
    redeliver_seconds: float = 30.0,
) -> None:
    """Serve the durable consumer `durable` until `stop` is set; messages in hand are finished first.

    Any number of processes may serve the same one. A message whose worker dies is delivered to another after
    `redeliver_seconds`; while its worker lives, however long it takes, it is not. Lost connections and consumers are
    repaired inside; an exception in `handle` is logged and the message comes again.
    """
    config = ConsumerConfig(
        durable_name=durable,
        filter_subject=filter_subject,
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=redeliver_seconds,
        max_ack_pending=4 * concurrency,
    )
    slots = asyncio.Semaphore(concurrency)
    in_hand: set[asyncio.Task[None]] = set()

    async def one(message: Msg) -> None:
        try:
            await _serve(message, handle, redeliver_seconds * HEARTBEAT)
        finally:
            slots.release()

    while not stop.is_set():
        try:
            jetstream = client.jetstream(timeout=5)
            # Not left to the subscription: it would keep the settings of whoever made the consumer first.
            await jetstream.add_consumer(stream, config)
            puller = await jetstream.pull_subscribe_bind(durable, stream)
            while not stop.is_set():
                with contextlib.suppress(TimeoutError):
                    for message in await _fetch(puller.fetch(concurrency, timeout=_PULL_SECONDS), stop):
                        await slots.acquire()
                        task = asyncio.create_task(one(message), name=f"{durable} message")
                        in_hand.add(task)
                        task.add_done_callback(in_hand.discard)
        except (NatsError, JetStreamError, OSError, TimeoutError) as error:
            logger.info("waiting for work again", consumer=durable, reason=repr(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _RETRY_SECONDS)
    if in_hand:
        await asyncio.wait(in_hand)


async def _fetch(fetching: Awaitable[list[Msg]], stop: asyncio.Event) -> list[Msg]:
    """The next messages, or none as soon as `stop` is set."""
    fetch = asyncio.ensure_future(fetching)
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({fetch, stopped}, return_when=asyncio.FIRST_COMPLETED)
        return fetch.result() if fetch.done() else []
    finally:
        for task in (fetch, stopped):
            task.cancel()
        await asyncio.gather(fetch, stopped, return_exceptions=True)


async def _serve(message: Msg, handle: Handle, beat: float) -> None:
    alive = asyncio.create_task(_keep(message, beat), name="in progress")
    try:
        done = await handle(message)
    except Exception:
        logger.exception(
            "a message could not be worked on; it will be delivered again", subject=message.subject
        )
        done = False
    finally:
        alive.cancel()
    with contextlib.suppress(NatsError, OSError):
        if done:
            await message.ack()
        else:
            await message.nak(delay=_RETRY_SECONDS)


async def _keep(message: Msg, beat: float) -> None:
    """Say again and again that the message is being worked on."""
    while True:
        await asyncio.sleep(beat)
        with contextlib.suppress(NatsError, OSError):
            await message.in_progress()
