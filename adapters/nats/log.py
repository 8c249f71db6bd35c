"""The log on JetStream: idempotent append, reads by direct get, following by a pull consumer."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Sequence
from typing import Any
from urllib.parse import quote

from nats.errors import (
    ConnectionClosedError,
    ConnectionReconnectingError,
    NoRespondersError,
    OutboundBufferLimitError,
)
from nats.errors import Error as NatsError
from pydantic_core import from_json, to_json

from adapters.nats.client import PromptClient
from adapters.nats.direct import DirectReader
from adapters.nats.follow import follow
from events import codec
from events.commit import Commit, Recorded
from events.errors import AppendOutcomeUnknown, CodecError, CommandIdReused, LogUnavailable, VersionConflict
from events.log import Appended, Head, RawMessage
from events.subjects import log_filter, log_subject

STREAM = "LOG"
STREAM_PAGE = 512
LOG_PAGE = 5000

_WRONG_LAST_SEQUENCE = 10071
_IN_FLIGHT = 10164
_DUPLICATE_IN_BATCH = 10201


class JetStreamLog:
    """Implements `events.log.Log` on the stream `LOG` of a connected client."""

    def __init__(
        self, client: PromptClient, realm: str, *, ack_timeout: float = 2.0, attempts: int = 4
    ) -> None:
        """`ack_timeout` seconds are waited for each of `attempts` acknowledgements."""
        self._client = client
        self._realm = realm
        self._ack_timeout = ack_timeout
        self._attempts = attempts
        self._direct = DirectReader(client, STREAM)

    @property
    def realm(self) -> str:
        return self._realm

    async def append(self, commit: Commit, *, expected: int) -> Appended:
        """See `events.log.Log.append`. The answer to a repeated append is the same on one replica and on three.

        One replica checks the expected position before it looks for duplicates, three do it the other way round
        (`facts/jetstream.md` §2.3); so a wrong position is only a conflict after reading who took it.
        """
        subject, body = log_subject(self._realm, commit.stream), codec.encode(commit)
        message_id = quote(commit.message_id, safe="/:@-_.")
        unknown: Exception | None = None
        for attempt in range(self._attempts):
            if not self._client.is_connected:
                break
            try:
                # A fresh dict each time: nats-py has been seen to change the caller's.
                answer = await self._client.request(
                    subject,
                    body,
                    timeout=self._ack_timeout,
                    headers={
                        "Nats-Msg-Id": message_id,
                        "Nats-Expected-Last-Subject-Sequence": str(expected),
                        "Nats-Expected-Stream": STREAM,
                    },
                )
            except NoRespondersError:
                await asyncio.sleep(0.05 * 2**attempt)
                continue
            except (NatsError, TimeoutError) as error:
                unknown = error
                if isinstance(error, ConnectionClosedError | OutboundBufferLimitError):
                    break
                continue
            reply = from_json(answer.data)
            if "error" not in reply:
                if reply.get("duplicate"):
                    return await self._same_command(commit, subject, int(reply["seq"]), message_id)
                return Appended(int(reply["seq"]))
            code = reply["error"].get("err_code")
            if code == _IN_FLIGHT:
                await asyncio.sleep(0.005 * 2**attempt)
                continue
            if code in {_WRONG_LAST_SEQUENCE, _DUPLICATE_IN_BATCH}:
                return await self._who_was_first(commit, subject, expected, message_id)
            raise LogUnavailable(f"the log refused a commit: {reply['error'].get('description')} ({code})")
        if unknown is not None:
            raise AppendOutcomeUnknown(
                f"no acknowledgement for {commit.stream} v{commit.version}"
            ) from unknown
        raise LogUnavailable("the log cannot be reached")

    async def read(self, stream: str, *, after: int = 0, up_to: int | None = None) -> AsyncIterator[Recorded]:
        """See `events.log.Log.read`. Raises `CodecError` at a commit this release cannot read."""
        subject = log_subject(self._realm, stream)
        async for messages in self._pages(subject, after, up_to, STREAM_PAGE):
            for message in messages:
                yield Recorded(message.position, codec.decode(message.body))

    async def read_all(
        self, *, after: int = 0, up_to: int | None = None
    ) -> AsyncIterator[Sequence[RawMessage]]:
        """See `events.log.Log.read_all`."""
        end = (await self.head()).position if up_to is None else up_to
        async for messages in self._pages(log_filter(self._realm), after, end, LOG_PAGE):
            yield messages

    def follow(
        self, *, after: int = 0, filter_subject: str | None = None
    ) -> AsyncIterator[Sequence[RawMessage]]:
        """See `events.log.Log.follow`."""
        return follow(
            self._client, STREAM, after=after, filter_subject=filter_subject or log_filter(self._realm)
        )

    async def at(self, position: int) -> RawMessage | None:
        """See `events.log.Log.at`."""
        if position < 1:
            return None
        return await self._direct.one({"seq": position})

    async def head(self) -> Head:
        """See `events.log.Log.head`."""
        last = await self._direct.one({"last_by_subj": log_filter(self._realm)})
        return Head(last.position, last.stored_at) if last else Head(0, None)

    async def close(self) -> None:
        """Release the inbox; the client stays the caller's."""
        await self._direct.close()

    async def _pages(
        self, subject: str, after: int, up_to: int | None, limit: int
    ) -> AsyncIterator[list[RawMessage]]:
        first = after + 1
        while up_to is None or first <= up_to:
            page = await self._direct.page(first=first, subject=subject, limit=limit)
            messages = page.messages
            if up_to is not None and messages and messages[-1].position > up_to:
                messages = [message for message in messages if message.position <= up_to]
            if messages:
                yield messages
            if not page.pending or len(messages) < len(page.messages):
                return
            first = page.next_position

    async def _who_was_first(self, commit: Commit, subject: str, expected: int, message_id: str) -> Appended:
        """Only one append can win the place after `expected`: read it from the leader and compare ids."""
        found = await self._leader({"seq": expected + 1, "next_by_subj": subject})
        if found is None:
            # The expectation lies beyond the stream's end: it never was a position of this stream.
            raise VersionConflict(commit.stream, expected)
        position, stored_id, _ = found
        if stored_id != message_id:
            raise VersionConflict(commit.stream, expected)
        return await self._same_command(commit, subject, position, message_id)

    async def _same_command(self, commit: Commit, subject: str, position: int, message_id: str) -> Appended:
        found = await self._leader({"seq": position})
        if found is None or found[1] != message_id:
            raise CommandIdReused(commit.command.id, position)
        try:
            stored = codec.decode(found[2])
        except CodecError:
            raise CommandIdReused(commit.command.id, position) from None
        same = (stored.stream, stored.command) == (commit.stream, commit.command)
        if not same or log_subject(self._realm, stored.stream) != subject:
            raise CommandIdReused(commit.command.id, position)
        return Appended(position, duplicate=True)

    async def _leader(self, query: dict[str, Any]) -> tuple[int, str, bytes] | None:
        """A message by the leader's word: a lagging replica may answer a direct get."""
        try:
            answer = await self._client.request(
                f"$JS.API.STREAM.MSG.GET.{STREAM}", to_json(query), timeout=self._ack_timeout
            )
        except (NatsError, TimeoutError) as error:
            if isinstance(error, ConnectionReconnectingError | NoRespondersError):
                raise LogUnavailable("the log cannot be reached") from error
            raise AppendOutcomeUnknown("the log did not say who appended") from error
        reply = from_json(answer.data)
        if "error" in reply:
            if reply["error"].get("code") == 404:
                return None
            raise LogUnavailable(f"the log refused a read: {reply['error'].get('description')}")
        message = reply["message"]
        headers = base64.b64decode(message.get("hdrs", "")).decode(errors="replace")
        stored_id = next(
            (line[12:].strip() for line in headers.split("\r\n") if line.lower().startswith("nats-msg-id:")),
            "",
        )
        return int(message["seq"]), stored_id, base64.b64decode(message.get("data", ""))
