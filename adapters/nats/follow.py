"""Following the log with an ephemeral pull consumer of our own.

Why not a library's: FastStream runs a batch concurrently or waits for a full one, nats-py's ordered consumer
is recreated in a background task whose failure nobody sees (`facts/jetstream.md` §8, §9). This one delivers
whatever is there, in order, notices every gap, and starts again after the last message it handed out.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic

import structlog
from nats.errors import Error as NatsError
from pydantic_core import from_json, to_json

from adapters.nats.client import PromptClient
from events.errors import LogUnavailable
from events.log import RawMessage

logger = structlog.get_logger(__name__)

PULL = 1000
"""Most messages in a page."""
ENOUGH = PULL // 2
"""A page of so many is handed out at once, and nobody rests after it."""
FAR_BEHIND = 8 * PULL
"""Most that is asked for at once: it waits in buffers while the reader works on what came before."""
PULL_SECONDS = 30.0
BREATH_SECONDS = 0.01
"""The least time between two pages, unless much has piled up: a page costs its reader far more than a message."""
LEISURE_SECONDS = 0.2
"""The same for readers that are in no hurry: many messages at once cost them and the server far less."""
MOMENT_SECONDS = 0.1
"""How long a page waits for messages that were counted but do not come."""
HEARTBEAT_SECONDS = 1.0
"""A consumer that went with its server is noticed after two and a half of these."""
_RETRY_SECONDS = 0.25
_NANOSECONDS = 1_000_000_000


class _Interrupted(Exception):
    """The consumer or the connection is gone, or a message is missing: start again from what was handed out."""


async def follow(
    client: PromptClient,
    stream: str,
    *,
    after: int,
    filter_subject: str,
    name: str = "follower",
    breath: float = BREATH_SECONDS,
) -> AsyncIterator[Sequence[RawMessage]]:
    """Pages of messages on `filter_subject` after position `after`, for ever.

    A page holds everything there is and at least one message: a lone one at once, under load what `breath`
    seconds bring. Connection losses and lost consumers are repaired inside; the iterator only ends when it is
    closed.
    """
    position = after
    while True:
        try:
            async for page in _consume(client, stream, position + 1, filter_subject, name, breath):
                position = page[-1].position
                yield page
        except (_Interrupted, LogUnavailable, NatsError, TimeoutError) as reason:
            logger.info("following the log again", reason=repr(reason), after=position)
            await asyncio.sleep(_RETRY_SECONDS)


async def _consume(
    client: PromptClient, stream: str, first: int, filter_subject: str, name: str, breath: float
) -> AsyncIterator[Sequence[RawMessage]]:
    consumer = await _create(client, stream, first, filter_subject, name)
    inbox = client.new_inbox()
    intake = _Intake(client, f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}", inbox)
    subscription = await client.take(inbox, intake.take)
    try:
        while True:
            page = await intake.page()
            next_page = monotonic() + breath
            yield page
            pause = next_page - monotonic()
            if pause > 0 and len(page) < ENOUGH:
                await asyncio.sleep(pause)
    finally:
        if not client.is_closed:
            await subscription.unsubscribe()


@dataclass(slots=True)
class _Intake:
    """Sleeps until one message comes, which tells how many more there are, and asks for exactly those.

    A message that is sent when it is written wakes server and reader for itself alone; several that are asked
    for together cost little more than one. `outstanding` were asked for, `left` more are known to be there.
    """

    client: PromptClient
    subject: str
    inbox: str
    arrived: deque[tuple[bytes, bytes, bytes, bytes]] = field(default_factory=deque)
    arriving: asyncio.Event = field(default_factory=asyncio.Event)
    outstanding: int = 0
    left: int = 0
    expected: int = 1

    def take(self, subject: bytes, reply: bytes, data: bytes, headers: bytes) -> None:
        """Keep what arrives: no more than was asked for, and heartbeats."""
        self.arrived.append((subject, reply, data, headers))
        self.arriving.set()

    async def page(self) -> list[RawMessage]:
        """The next messages: what was known to be there when the first one came, unless it is much."""
        page: list[RawMessage] = []
        topped_up = False
        while not page or (len(page) < ENOUGH and self.left and not (topped_up and not self.outstanding)):
            if self.left > self.outstanding and self.outstanding < FAR_BEHIND // 2:
                await self._pull(min(self.left - self.outstanding, FAR_BEHIND))
                topped_up = bool(page)
            elif not self.outstanding:
                await self._pull(1)
            await self._receive(page)
        return page

    async def _receive(self, page: list[RawMessage]) -> None:
        """Add what has arrived. Raises `TimeoutError` when not even heartbeats come."""
        arrived = self.arrived
        if not arrived:
            self.arriving.clear()
            try:
                async with asyncio.timeout(MOMENT_SECONDS if page else 2.5 * HEARTBEAT_SECONDS):
                    await self.arriving.wait()
            except TimeoutError:
                if not page:
                    raise
                self.left = 0  # what was counted does not come; the page shall not wait for it
        while arrived and len(page) < PULL:
            subject, reply, data, headers = arrived.popleft()
            if not reply:
                said = await self.client._process_headers(headers)
                self.outstanding -= _control(said or {}, self.outstanding)
                continue
            raw, sequence, self.left = _parse(subject, reply, data)
            if sequence != self.expected:
                raise _Interrupted(f"message {self.expected} of the consumer is missing")
            self.expected += 1
            self.outstanding -= 1
            page.append(raw)

    async def _pull(self, count: int) -> None:
        wanted = {
            "batch": count,
            "expires": int(PULL_SECONDS * _NANOSECONDS),
            "idle_heartbeat": int(HEARTBEAT_SECONDS * _NANOSECONDS),
        }
        await self.client.publish(self.subject, to_json(wanted), reply=self.inbox)
        self.outstanding += count


async def _create(client: PromptClient, stream: str, first: int, filter_subject: str, name: str) -> str:
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


def _control(headers: Mapping[str, str], outstanding: int) -> int:
    """How many outstanding messages a status message takes back. Raises `_Interrupted` for a lost consumer."""
    status = headers.get("Status", "")
    if status == "100":
        return 0
    if status in {"408", "404"}:
        return min(outstanding, int(headers.get("Nats-Pending-Messages", PULL)))
    raise _Interrupted(f"{status} {headers.get('Description', '')}")


def _parse(subject: bytes, reply: bytes, data: bytes) -> tuple[RawMessage, int, int]:
    """The message, its number among those of the consumer, and how many follow it now."""
    # $JS.ACK.<stream>.<consumer>.<delivered>.<stream seq>.<consumer seq>.<ns>.<pending>, or with domain and
    # account before the stream: count from the end.
    parts = reply.split(b".")
    if len(parts) >= 11:
        parts = parts[2:]
    return (
        RawMessage(int(parts[5]), subject.decode(), data, int(parts[7]) // 1000),
        int(parts[6]),
        int(parts[8]),
    )
