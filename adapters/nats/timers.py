"""Deadlines as JetStream message schedules: they fire even if everything restarted meanwhile.

A schedule on `sch.<realm>.<category>.<id>[.<name>]` publishes to `due.…` of the same tokens when its time has come;
a durable consumer hands the due messages to the command workers. Firing too often is harmless: the receiver
is a command whose decider refuses a second outcome.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from pydantic import TypeAdapter
from pydantic_core import from_json

from adapters.nats.direct import DirectReader
from adapters.nats.work import work
from commands.ports import Deadline
from events.errors import LogUnavailable
from events.subjects import encode_token, split_stream

STREAM = "TIMERS"

_deadlines: TypeAdapter[Deadline] = TypeAdapter(Deadline)


class Timers:
    """Sets deadlines for streams and delivers those that are due."""

    def __init__(self, client: Client, realm: str, *, timeout: float = 5.0) -> None:
        self._client = client
        self._realm = realm
        self._timeout = timeout
        self._direct = DirectReader(client, STREAM, timeout=timeout)

    async def set(self, deadline: Deadline) -> None:
        """See `commands.ports.Deadlines.set`."""
        place = _place(self._realm, deadline.stream, deadline.name)
        when = deadline.due.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"
        try:
            answer = await self._client.request(
                f"sch.{place}",
                _deadlines.dump_json(deadline),
                timeout=self._timeout,
                headers={
                    "Nats-Schedule": f"@at {when}",
                    "Nats-Schedule-Target": f"due.{place}",
                },
            )
        except (NatsError, TimeoutError) as error:
            raise LogUnavailable(f"a deadline could not be set: {error!r}") from error
        reply = from_json(answer.data)
        if "error" in reply:
            raise LogUnavailable(f"a deadline was refused: {reply['error'].get('description')}")

    async def pending(self, stream: str, name: str = "") -> Deadline | None:
        """The deadline that is set and has not fallen due, or None. Raises `LogUnavailable`."""
        subject = f"sch.{_place(self._realm, stream, name)}"
        stored = await self._direct.one({"last_by_subj": subject})
        return _deadlines.validate_json(stored.body) if stored else None

    async def deliver(
        self, category: str, call: Callable[[Deadline], Awaitable[bool]], *, stop: asyncio.Event
    ) -> None:
        """Call `call(deadline)` for every due deadline of `category` until `stop`; False asks for another try.

        Any number of workers may run this: each due message goes to one of them at a time.
        """

        async def handle(message: Msg) -> bool:
            return await call(_deadlines.validate_json(message.data))

        await work(
            self._client,
            stream=STREAM,
            durable=f"due-{self._realm}-{category}",
            filter_subject=f"due.{self._realm}.{category}.>",
            handle=handle,
            stop=stop,
            redeliver_seconds=15.0,
        )


def _place(realm: str, stream: str, name: str) -> str:
    category, entity = split_stream(stream)
    place = f"{realm}.{category}.{encode_token(entity)}"
    return f"{place}.{encode_token(name)}" if name else place
