"""What the operations work with: the ports of the platform and what this gateway itself remembers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import perf_counter, time_ns
from typing import Any, Protocol, TypeVar

from adapters.embedding.asking import NearestMemories
from adapters.llm.switchboard import Switchboard
from adapters.nats.ports import AccessLog, CommandBus
from adapters.rathena.callbacks import Callbacks
from adapters.rathena.connections import Connection
from adapters.rathena.maps import Maps
from adapters.rathena.positions import Positions
from adapters.rathena.wire import Request
from adapters.settings import Settings
from adapters.sql.memory_index import MemoryIndex
from commands.message import CommandMessage, Reply
from events.commit import Actor, Json

T = TypeVar("T")


class Reads(Protocol):
    """Runs queries of the read models off the event loop (`adapters.sql.reader`)."""

    async def run(
        self,
        query: Callable[..., T],
        *args: Any,
        at_least: int | None = None,
        timeout: float = 2.0,
        **options: Any,
    ) -> T:
        """The query's answer, from read models that have reached position `at_least`.

        Raises `PositionNotReached` after `timeout` seconds, `ProjectionUnavailable` when the database is not.
        """


@dataclass(frozen=True, slots=True)
class Services:
    settings: Settings
    bus: CommandBus
    reads: Reads
    access: AccessLog
    callbacks: Callbacks
    positions: Positions
    release: str
    maps: Maps
    memories: MemoryIndex
    switchboard: Switchboard
    nearest: NearestMemories


@dataclass(slots=True)
class Call:
    """One request being answered: who asks, over which connection, what of, and until when.

    `data` is the request's, with its parameters read; `actor` is who acts; `timeout` in seconds from arrival.
    `afterwards` runs once the answer is on its way.
    """

    request: Request
    connection: Connection
    actor: Actor
    data: Json
    timeout: float
    afterwards: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    @property
    def left(self) -> float:
        """Seconds until the caller stops waiting, never less than a millisecond."""
        return max(0.001, self.timeout - (perf_counter() - self.request.received))

    @property
    def npc_id(self) -> str:
        return self.request.npc_id or ""

    @property
    def command_id(self) -> str:
        """`<game server>/<correlation id>`: the same for every retry."""
        return f"{self.request.source.server or self.connection.transport}/{self.request.correlation_id}"


async def send(services: Services, call: Call, name: str, stream: str, args: Json) -> Reply:
    """Have a command decided; its position is remembered, so that later reads of the stream see it."""
    left = call.left
    message = CommandMessage(
        id=call.command_id,
        name=name,
        stream=stream,
        args=args,
        actor=call.actor,
        correlation_id=call.request.correlation_id,
        deadline_us=deadline_us(left),
    )
    reply = await services.bus.send(message, timeout=left)
    if reply.position is not None:
        services.positions.wrote(stream, reply.position)
    return reply


def deadline_us(seconds: float) -> int:
    """A moment from now, in microseconds since the epoch."""
    return time_ns() // 1000 + round(seconds * 1_000_000)
