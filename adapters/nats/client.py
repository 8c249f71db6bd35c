"""The NATS client of every role: nats-py, with a shorter way for requests, answers and whatever is listened to.

nats-py hands each message to a queue and from there to a task, each write to another task, and draws random bytes
(a system call) for each request. That is made for convenience; here each of them is paid several times per command,
in time of the processor and in turns of the event loop. This client writes at once, calls listeners as messages are
read, and numbers its requests. Everything else (connecting, reconnecting, other subscriptions) is nats-py's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Any

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NatsTimeoutError

WRITE_AHEAD = 64 * 1024
"""Bytes the socket may owe before writers have to wait for nats-py's flusher."""
COMPANY = 8
"""For each so many requests in flight a write waits one turn of the loop for others to come along: alone it leaves
at once, in a crowd a system call and a wake of the server serve several."""
MOST_TURNS = 8

_NO_RESPONDERS = "503"

Heard = Callable[[Msg], None]
Taken = Callable[[bytes, bytes, bytes, bytes], None]
"""Subject, reply, data and headers of a message as they were sent."""


class PromptClient(Client):
    """A `nats.aio.client.Client` whose messages take no detours."""

    def __init__(self) -> None:
        super().__init__()
        self._listeners: dict[int, Heard] = {}
        self._takers: dict[int, Taken] = {}
        self._waiting: dict[str, asyncio.Future[Msg]] = {}
        self._numbers = count()
        self._inbox = ""
        self._opening = asyncio.Lock()
        self._gathering = False

    async def close(self) -> None:
        """Send what is left and end. What cannot be sent, because the server is away, is given up."""
        with suppress(RuntimeError, OSError):
            await super().close()

    async def listen(self, subject: str, heard: Heard, *, queue: str = "") -> Subscription:
        """Subscribe with a function that is called while the message is read: it must return at once.

        An exception in it goes to the client's error callback. Messages of one subscription come in order.
        """
        subscription = await self.subscribe(subject, queue=queue)
        self._listeners[subscription._id] = heard
        return subscription

    async def take(self, subject: str, taken: Taken) -> Subscription:
        """As `listen`, for whoever reads millions: the message is handed over as it came, its headers unread."""
        subscription = await self.subscribe(subject)
        self._takers[subscription._id] = taken
        return subscription

    async def request(
        self,
        subject: str,
        payload: bytes = b"",
        timeout: float = 0.5,
        old_style: bool = False,
        headers: dict[str, Any] | None = None,
    ) -> Msg:
        """As nats-py's: the answer, or `NoRespondersError`, `nats.errors.TimeoutError` or what `publish` raises."""
        if old_style:
            return await super().request(subject, payload, timeout, old_style, headers)
        if not self._inbox:
            await self._open_inbox()
        loop = asyncio.get_running_loop()
        token = str(next(self._numbers))
        answered = self._waiting[token] = loop.create_future()
        timer = loop.call_later(timeout, _too_late, answered)
        try:
            await self.publish(subject, payload, reply=f"{self._inbox}.{token}", headers=headers)
            answer: Msg = await answered
        finally:
            timer.cancel()
            del self._waiting[token]
        if answer.headers and answer.headers.get("Status") == _NO_RESPONDERS:
            raise NoRespondersError
        return answer

    async def flush(self, timeout: int = 10) -> None:
        """As nats-py's: returns when the server has taken all that was published before. What is pending goes first."""
        self._write(0)
        await super().flush(timeout)

    async def _open_inbox(self) -> None:
        async with self._opening:
            if not self._inbox:
                inbox = self.new_inbox()
                await self.listen(f"{inbox}.*", self._answer)
                self._inbox = inbox

    def _answer(self, message: Msg) -> None:
        waiting = self._waiting.get(message.subject.rpartition(".")[2])
        if waiting is not None and not waiting.done():
            waiting.set_result(message)

    async def _process_msg(self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes) -> None:
        taken = self._takers.get(sid)
        if taken is not None and sid in self._subs:
            self.stats["in_msgs"] += 1
            self.stats["in_bytes"] += len(data)
            taken(subject, reply, data, headers or b"")
            return
        heard = self._listeners.get(sid)
        if heard is None or sid not in self._subs:
            await super()._process_msg(sid, subject, reply, data, headers)
            return
        self.stats["in_msgs"] += 1
        self.stats["in_bytes"] += len(data)
        parsed = await self._process_headers(headers) if headers else None
        try:
            heard(Msg(self, subject.decode(), reply.decode(), data, parsed))
        except Exception as error:
            await self._error_cb(error)

    @staticmethod
    def _parse_header_lines(raw: bytes) -> dict[str, str]:
        """What nats-py makes of headers, without looking at each letter of their names: every message of a log has
        some."""
        found: dict[str, str] = {}
        for line in raw.split(b"\r\n"):
            name, colon, value = line.partition(b":")
            words = name.split()
            key = words[0] if words else b""
            if colon and len(words) < 2 and key.isascii():
                found[key.decode()] = value.strip().decode("utf-8", "replace")
        return found

    def _remove_sub(self, sid: int, max_msgs: int = 0) -> None:
        super()._remove_sub(sid, max_msgs)
        self._listeners.pop(sid, None)
        self._takers.pop(sid, None)

    async def _flush_pending(self, force_flush: bool = False) -> Any:
        if force_flush or not self._can_write():
            return await super()._flush_pending(force_flush)
        if not self._gathering:
            turns = min(len(self._waiting) // COMPANY, MOST_TURNS)
            self._gathering = turns > 0
            self._write(turns)
        return None

    def _can_write(self) -> bool:
        writer = getattr(self._transport, "_io_writer", None)
        return (
            writer is not None
            and self.is_connected
            and writer.transport.get_write_buffer_size() <= WRITE_AHEAD
        )

    def _write(self, turns: int) -> None:
        """Write what is pending after so many turns of the loop; a connection lost meanwhile keeps it for the next."""
        if turns:
            asyncio.get_running_loop().call_soon(self._write, turns - 1)
            return
        self._gathering = False
        if self._pending and self._transport and self.is_connected:
            pending, self._pending, self._pending_data_size = self._pending, [], 0
            self._transport.writelines(pending)


def _too_late(answered: asyncio.Future[Msg]) -> None:
    if not answered.done():
        answered.set_exception(NatsTimeoutError())
