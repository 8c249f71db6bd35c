"""Following the log with an ephemeral pull consumer of our own.

Why not a library's: FastStream runs a batch concurrently or waits for a full one, nats-py's ordered consumer
is recreated in a background task whose failure nobody sees (`facts/jetstream.md` §8, §9). This one delivers
whatever is there, in order, notices every gap, and starts again after the last message it handed out.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from time import monotonic

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from pydantic_core import from_json, to_json

from events.errors import LogUnavailable
from events.log import RawMessage

logger = structlog.get_logger(__name__)

PULL = 1000
"""Messages asked for at once, and most in a page; a new pull goes out when half of them have arrived."""
FAR_BEHIND = 8 * PULL
"""What is asked for by a reader that gets full pages: they wait in buffers while it works on those before."""
PULL_SECONDS = 30.0
BREATH_SECONDS = 0.01
"""The least time between two pages, unless much has piled up: a page costs its reader far more than a message."""
HEARTBEAT_SECONDS = 1.0
"""A consumer that went with its server is noticed after two and a half of these."""
_RETRY_SECONDS = 0.25
_NANOSECONDS = 1_000_000_000


class _Interrupted(Exception):
    """The consumer or the connection is gone, or a message is missing: start again from what was handed out."""


async def follow(
    client: Client, stream: str, *, after: int, filter_subject: str, name: str = "follower"
) -> AsyncIterator[Sequence[RawMessage]]:
    """Pages of messages on `filter_subject` after position `after`, for ever.

    A page holds everything that has arrived and at least one message: a lone one at once, under load what a few
    milliseconds bring. Connection losses and lost consumers are repaired inside; the iterator only ends when it
    is closed.
    """
    position = after
    while True:
        try:
            async for page in _consume(client, stream, position + 1, filter_subject, name):
                position = page[-1].position
                yield page
        except (_Interrupted, LogUnavailable, NatsError, TimeoutError) as reason:
            logger.info("following the log again", reason=repr(reason), after=position)
            await asyncio.sleep(_RETRY_SECONDS)


async def _consume(
    client: Client, stream: str, first: int, filter_subject: str, name: str
) -> AsyncIterator[Sequence[RawMessage]]:
    consumer = await _create(client, stream, first, filter_subject, name)
    inbox = client.new_inbox()
    subscription = await client.subscribe(inbox, pending_msgs_limit=2 * FAR_BEHIND, pending_bytes_limit=0)
    arrived: asyncio.Queue[Msg] = subscription._pending_queue
    outstanding, expected, handed_out, wanted = 0, 1, 0.0, PULL
    try:
        while True:
            if outstanding < wanted // 2:
                await _pull(client, stream, consumer, inbox, wanted)
                outstanding += wanted
            async with asyncio.timeout(2.5 * HEARTBEAT_SECONDS):
                received = [await arrived.get()]
            too_soon = handed_out + BREATH_SECONDS - monotonic()
            if too_soon > 0 and arrived.qsize() < PULL // 2:
                await asyncio.sleep(too_soon)
            while not arrived.empty() and len(received) < PULL:
                received.append(arrived.get_nowait())
            page: list[RawMessage] = []
            for message in received:
                subscription._pending_size -= len(message.data)
                if not message.reply:
                    outstanding -= _control(message, outstanding)
                    continue
                raw, sequence = _parse(message)
                if sequence != expected:
                    raise _Interrupted(f"message {expected} of the consumer is missing")
                expected += 1
                outstanding -= 1
                page.append(raw)
            wanted = FAR_BEHIND if len(page) >= PULL // 2 else PULL
            if page:
                handed_out = monotonic()
                yield page
    finally:
        if not client.is_closed:
            await subscription.unsubscribe()


async def _create(client: Client, stream: str, first: int, filter_subject: str, name: str) -> str:
    if not client.is_connected:
        raise LogUnavailable("the connection to NATS is lost")
    body = {
        "stream_name": stream,
        "config": {
            "description": f"lorestream {name}",
            "deliver_policy": "by_start_sequence",
            "opt_start_seq": max(first, 1),
            "ack_policy": "none",
            "replay_policy": "instant",
            "filter_subject": filter_subject,
            "inactive_threshold": int(60 * _NANOSECONDS),
            "mem_storage": True,
            "num_replicas": 1,
        },
    }
    answer = await client.request(f"$JS.API.CONSUMER.CREATE.{stream}", to_json(body), timeout=5)
    reply = from_json(answer.data)
    if "error" in reply:
        raise LogUnavailable(f"the log cannot be followed: {reply['error'].get('description')}")
    created: str = reply["name"]
    return created


async def _pull(client: Client, stream: str, consumer: str, inbox: str, batch: int) -> None:
    wanted = {
        "batch": batch,
        "expires": int(PULL_SECONDS * _NANOSECONDS),
        "idle_heartbeat": int(HEARTBEAT_SECONDS * _NANOSECONDS),
    }
    await client.publish(f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}", to_json(wanted), reply=inbox)


def _control(message: Msg, outstanding: int) -> int:
    """How many outstanding messages a status message takes back. Raises `_Interrupted` for a lost consumer."""
    headers = message.headers or {}
    status = headers.get("Status", "")
    if status == "100":
        return 0
    if status in {"408", "404"}:
        return min(outstanding, int(headers.get("Nats-Pending-Messages", PULL)))
    raise _Interrupted(f"{status} {headers.get('Description', '')}")


def _parse(message: Msg) -> tuple[RawMessage, int]:
    # $JS.ACK.<stream>.<consumer>.<delivered>.<stream seq>.<consumer seq>.<ns>.<pending>, or with domain and
    # account before the stream: count from the end.
    parts = message.reply.split(".")
    if len(parts) >= 11:
        parts = parts[2:]
    return (
        RawMessage(int(parts[5]), message.subject, message.data, int(parts[7]) // 1000),
        int(parts[6]),
    )
