"""Batched direct get: reading a stream's messages without a consumer (NATS ADR-31, `facts/jetstream.md` §4).

All answers arrive on one wildcard inbox, so that a read costs one publish and no subscription.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from pydantic_core import to_json

from events.commit import microseconds
from events.errors import LogUnavailable
from events.log import RawMessage

PAGE_BYTES = 8 * 1024 * 1024
"""Most a page may weigh: the server's per-client buffer must hold it, there is no flow control."""


@dataclass(frozen=True, slots=True)
class Page:
    """One answer. `pending` messages follow; the next page starts at `next_position`."""

    messages: list[RawMessage]
    pending: int
    next_position: int


class DirectReader:
    """Reads pages of one stream by direct get."""

    def __init__(self, client: Client, stream: str, *, timeout: float = 5.0) -> None:
        """`timeout` in seconds is how long a page may pause between two messages."""
        self._client = client
        self._subject = f"$JS.API.DIRECT.GET.{stream}"
        self._timeout = timeout
        self._inbox = ""
        self._subscription: Subscription | None = None
        self._waiting: dict[str, asyncio.Queue[Msg]] = {}
        self._tokens = count()
        self._starting = asyncio.Lock()

    async def page(self, *, first: int, subject: str, limit: int) -> Page:
        """Up to `limit` messages on `subject` (wildcards allowed) from position `first` on.

        Raises `LogUnavailable` when the answer stops before its end.
        """
        query = {"seq": first, "next_by_subj": subject, "batch": limit, "max_bytes": PAGE_BYTES}
        return await self._ask(query, first)

    async def one(self, query: Mapping[str, Any]) -> RawMessage | None:
        """A single message, by `{"seq": n}` or `{"last_by_subj": subject}`; None when there is none."""
        page = await self._ask(
            {**query, "batch": 1} if "next_by_subj" in query else dict(query), 0, single=True
        )
        return page.messages[0] if page.messages else None

    async def close(self) -> None:
        if self._subscription is not None and not self._client.is_closed:
            await self._subscription.unsubscribe()

    async def _ask(self, query: Mapping[str, Any], first: int, *, single: bool = False) -> Page:
        if not self._client.is_connected:
            raise LogUnavailable("the connection to NATS is lost")
        if self._subscription is None:
            await self._subscribe()
        token = str(next(self._tokens))
        # Unbounded on purpose: the request's own batch and byte limits bound it.
        answers = self._waiting[token] = asyncio.Queue()
        try:
            await self._client.publish(self._subject, to_json(query), reply=f"{self._inbox}.{token}")
            return await self._collect(answers, first, single)
        except (NatsError, TimeoutError) as error:
            raise LogUnavailable(f"the log did not answer a read: {error!r}") from error
        finally:
            del self._waiting[token]

    async def _collect(self, answers: asyncio.Queue[Msg], first: int, single: bool) -> Page:
        messages: list[RawMessage] = []
        last = first - 1
        while True:
            if answers.empty():
                async with asyncio.timeout(self._timeout):
                    answer = await answers.get()
            else:
                answer = answers.get_nowait()
            headers = answer.headers or {}
            status = headers.get("Status")
            if status is None:
                message = raw_message(answer.data, headers)
                messages.append(message)
                last = message.position
                if single:
                    return Page(messages, 0, last + 1)
            elif status == "204":
                return Page(messages, int(headers.get("Nats-Num-Pending", "0")), last + 1)
            elif status == "404":
                return Page(messages, 0, last + 1)
            else:
                raise LogUnavailable(f"the log refused a read: {status} {headers.get('Description', '')}")

    async def _subscribe(self) -> None:
        async with self._starting:
            if self._subscription is None:
                self._inbox = self._client.new_inbox()
                self._subscription = await self._client.subscribe(
                    f"{self._inbox}.*", cb=self._deliver, pending_msgs_limit=0, pending_bytes_limit=0
                )

    async def _deliver(self, message: Msg) -> None:
        queue = self._waiting.get(message.subject[len(self._inbox) + 1 :])
        if queue is not None:
            queue.put_nowait(message)


def raw_message(body: bytes, headers: Mapping[str, str]) -> RawMessage:
    return RawMessage(
        position=int(headers["Nats-Sequence"]),
        subject=headers["Nats-Subject"],
        body=body,
        stored_at=microseconds(datetime.fromisoformat(headers["Nats-Time-Stamp"])),
    )
