"""Sending commands to the workers: a NATS request on `cmd.<realm>.<category>.<name>`."""

from __future__ import annotations

import asyncio

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError
from pydantic import ValidationError

from commands.codes import Code
from commands.message import CommandMessage, Reply, decode_reply, encode_message
from events.subjects import command_subject

QUEUE = "commands"
"""The queue group of the workers: each command goes to one of them."""

_RETRY_SECONDS = 0.1
RETRY_AFTER_MS = 500


class NatsCommandBus:
    """Implements `adapters.nats.ports.CommandBus`."""

    def __init__(self, client: Client, realm: str) -> None:
        self._client = client
        self._realm = realm

    async def send(self, message: CommandMessage, *, timeout: float) -> Reply:
        """See `CommandBus.send`. While no worker listens (one may be restarting) it tries again in time."""
        category, _, name = message.name.partition(".")
        subject = command_subject(self._realm, category, name)
        body = encode_message(message)
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout
        while True:
            left = end - loop.time()
            if not self._client.is_connected:
                if left <= _RETRY_SECONDS:
                    return _unavailable("The connection to the log is lost.")
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            try:
                answer = await self._client.request(subject, body, timeout=max(left, 0.001))
                return decode_reply(answer.data)
            except NoRespondersError:
                if left <= _RETRY_SECONDS:
                    return _unavailable("No command worker is running.")
                await asyncio.sleep(_RETRY_SECONDS)
            except ValidationError:
                return Reply(Code.SYSTEM_ERROR, "A worker answered with something that is not a reply.")
            except (NatsError, TimeoutError):
                return Reply(
                    Code.TIMEOUT,
                    "The command was not confirmed in time and may still happen. Repeat it under the same id.",
                    retry_after_ms=RETRY_AFTER_MS,
                )


def _unavailable(message: str) -> Reply:
    return Reply(Code.SERVICE_UNAVAILABLE, f"{message} Retry later.", retry_after_ms=RETRY_AFTER_MS)
