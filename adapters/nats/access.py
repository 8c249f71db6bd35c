"""The access log: queries and rejected commands, several per message, never waited for.

Subject `access.<realm>.<kind>`; the body holds one JSON object per line.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError
from pydantic_core import PydanticSerializationError, to_json

logger = structlog.get_logger(__name__)

FLUSH_SECONDS = 0.25
CAPACITY = 20_000
BODY_BYTES = 256 * 1024


class NatsAccessLog:
    """Implements `adapters.nats.ports.AccessLog`. `dropped` counts entries lost to a full queue."""

    def __init__(self, client: Client, realm: str) -> None:
        self._client = client
        self._realm = realm
        self._entries: dict[str, list[dict[str, Any]]] = {}
        self._size = 0
        self._task: asyncio.Task[None] | None = None
        self.dropped = 0

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="access log")

    async def stop(self) -> None:
        """Write what is queued, then end."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._flush()

    def record(self, kind: str, entry: dict[str, Any]) -> None:
        """See `AccessLog.record`."""
        if self._size >= CAPACITY:
            self.dropped += 1
            return
        self._entries.setdefault(kind, []).append(entry)
        self._size += 1

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            try:
                await self._flush()
            except (NatsError, OSError, TimeoutError) as error:
                logger.warning("access records could not be written", error=repr(error), dropped=self.dropped)

    async def _flush(self) -> None:
        if not self._size or not self._client.is_connected:
            return
        entries, self._entries, self._size = self._entries, {}, 0
        for kind, records in entries.items():
            for body in _bodies(records):
                await self._client.publish(f"access.{self._realm}.{kind}", body)


def _bodies(records: list[dict[str, Any]]) -> list[bytes]:
    """Lines of JSON packed into bodies of at most `BODY_BYTES`."""
    bodies: list[bytes] = []
    lines: list[bytes] = []
    size = 0
    for record in records:
        try:
            line = to_json(record, inf_nan_mode="null")
        except PydanticSerializationError:
            line = to_json({"unreadable": True})
        if lines and size + len(line) > BODY_BYTES:
            bodies.append(b"\n".join(lines))
            lines, size = [], 0
        lines.append(line[:BODY_BYTES])
        size += len(line) + 1
    if lines:
        bodies.append(b"\n".join(lines))
    return bodies
