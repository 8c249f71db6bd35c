"""The role `commands`: decides commands for whoever asks, and lets deadlines fall due."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import structlog
from faststream.nats import NatsBroker
from faststream.nats.annotations import NatsMessage
from faststream.security import SASLPlaintext
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from pydantic import ValidationError
from uuid_utils import uuid7

from adapters import rulebooks
from adapters.nats.bootstrap import ensure_streams
from adapters.nats.bus import QUEUE
from adapters.nats.connection import connect, connect_options
from adapters.nats.log import JetStreamLog
from adapters.nats.progress import watch_progress
from adapters.nats.snapshots import KvSnapshots
from adapters.nats.timers import Timers
from adapters.rathena.maps import Maps, open_maps
from adapters.settings import Settings
from adapters.sql.census import SqlCensus
from adapters.sql.minds import SqlMinds
from adapters.sql.reader import Reader
from commands.codes import Code
from commands.handler import CommandHandler
from commands.loader import StreamLoader
from commands.message import CommandMessage, Reply, decode_message, encode_reply
from commands.npc import IDENTICAL_REREGISTRATION
from commands.ports import Deadline
from events.commit import Actor

logger = structlog.get_logger(__name__)

CONCURRENCY = 1024
FINISH_SECONDS = 10.0

_BUSY = Reply(Code.RATE_LIMITED, "Too many commands at once. Retry later.", retry_after_ms=200)


async def run(settings: Settings, *, ready: Callable[[dict[str, Any]], None], stop: asyncio.Event) -> None:
    """Serve until `stop` is set, then answer what was accepted. See `adapters.roles.serve`."""
    client = await connect(settings, name="commands")
    await ensure_streams(client, replicas=3 if settings.nats.durability == "replicated" else 1)
    log, timers = JetStreamLog(client, settings.realm), Timers(client, settings.realm)
    async with Reader(settings.database_url) as reader, asyncio.TaskGroup() as tasks:
        await watch_progress(client, settings.realm, reader.advance)
        maps = await open_maps(settings.rathena.map_cache)
        handler = command_handler(settings, client, log, timers, reader, maps)
        desk = Desk(handler, client)
        broker = _broker(settings, desk)
        await broker.start()
        tasks.create_task(timers.deliver("request", _timing_out(handler), stop=stop), name="deadlines")
        ready({})
        await stop.wait()
        await desk.finish()
        with suppress(NatsError):  # a broker that is looking for its server has nothing to drain
            await broker.stop()
    await client.close()


def command_handler(
    settings: Settings, client: Client, log: JetStreamLog, timers: Timers, reader: Reader, maps: Maps
) -> CommandHandler:
    """The command handler as production uses it."""
    loader = StreamLoader(
        log,
        KvSnapshots(client),
        capacity=settings.commands.cached_streams,
        snapshot_every=settings.commands.snapshot_every,
    )
    switches = {IDENTICAL_REREGISTRATION} if settings.commands.identical_reregistration_succeeds else set()
    return CommandHandler(
        log,
        loader,
        deadlines=timers,
        census=SqlCensus(reader, log),
        minds=SqlMinds(reader, rulebooks.load()),
        grounds=maps,
        rules=rulebooks.load(),
        clock=lambda: datetime.now(UTC),
        identities=lambda: str(uuid7()),
        switches=frozenset(switches),
    )


def _broker(settings: Settings, desk: Desk) -> NatsBroker:
    options = connect_options(settings, name="command requests")
    user = options.pop("user", None)
    password = options.pop("password", "")
    broker = NatsBroker(
        **options,
        security=SASLPlaintext(user, password) if user else None,
        graceful_timeout=FINISH_SECONDS,
        apply_types=False,
        logger=None,
    )

    async def whole(message: NatsMessage) -> NatsMessage:
        return message

    # FastStream's own workers and replies cost 130 µs more for each message; the desk replies by itself, over the
    # client that appends.
    @broker.subscriber(f"cmd.{settings.realm}.>", queue=QUEUE, decoder=whole, no_reply=True)
    async def accept(message: NatsMessage) -> None:
        desk.accept(message.raw_message)

    return broker


class Desk:
    """Decides up to `CONCURRENCY` commands at a time; more than that are told to come again."""

    def __init__(self, handler: CommandHandler, client: Client) -> None:
        """`client` sends the replies."""
        self._handler = handler
        self._client = client
        self._in_hand: set[asyncio.Task[None]] = set()
        self._closing = False

    def accept(self, message: Msg) -> None:
        """Take a command in; its reply goes out when it is decided."""
        busy = self._closing or len(self._in_hand) >= CONCURRENCY
        task = asyncio.create_task(self._respond(message, _BUSY) if busy else self._serve(message))
        self._in_hand.add(task)
        task.add_done_callback(self._in_hand.discard)

    async def finish(self) -> None:
        """Accept no more, and wait for what was accepted, at most `FINISH_SECONDS`."""
        self._closing = True
        if self._in_hand:
            await asyncio.wait(self._in_hand, timeout=FINISH_SECONDS)

    async def _serve(self, message: Msg) -> None:
        await self._respond(message, await _answer(self._handler, message.data))

    async def _respond(self, message: Msg, reply: Reply) -> None:
        try:
            await self._client.publish(message.reply, encode_reply(reply))
        except (NatsError, OSError) as error:
            # The caller asks again under the same id and gets this answer.
            logger.warning("an answer could not be sent", subject=message.subject, reason=repr(error))


async def _answer(handler: CommandHandler, body: bytes) -> Reply:
    try:
        return await handler.handle(decode_message(body))
    except ValidationError:
        return Reply(Code.INVALID_PARAMETER, "The request is not a command message.")
    except Exception:
        trace = str(uuid7())
        logger.exception("a command could not be decided", trace=trace)
        return Reply(
            Code.SYSTEM_ERROR, f"Something unforeseen happened; look for {trace} in the log of commands."
        )


def _timing_out(handler: CommandHandler) -> Callable[[Deadline], Awaitable[bool]]:
    async def time_out(deadline: Deadline) -> bool:
        reply = await handler.handle(
            CommandMessage(
                id=f"timers/{deadline.stream}",
                name="request.time_out",
                stream=deadline.stream,
                args={},
                actor=Actor("system", "timers"),
                correlation_id=deadline.correlation_id,
                causation_id=deadline.causation_id,
            )
        )
        # Refused for good: finished or never opened. Refused for now: it fired early, or the log is away.
        return reply.success or (reply.code == Code.INVALID_STATE_TRANSITION and reply.retry_after_ms is None)

    return time_out
