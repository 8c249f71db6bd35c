"""Gossip at work: follows what NPCs go through and has them tell each other. Part of the role `agents`.

It follows the log from a position it keeps in the KV bucket `snapshots`; what is done twice after a restart, or by
two agents at once, changes nothing, because the commands' ids come from the commit that caused them.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress

import structlog

from adapters.nats.bus import NatsCommandBus
from adapters.nats.client import PromptClient
from adapters.nats.reading import read_on
from adapters.nats.snapshots import KvSnapshots
from adapters.sql.reader import Reader
from commands.agents import gossip
from commands.codes import Code
from commands.message import CommandMessage
from events import codec
from events.commit import Recorded
from events.errors import CodecError, ProjectionError
from events.log import Log, RawMessage
from events.subjects import log_filter
from projections.company import company

logger = structlog.get_logger(__name__)

PAUSE_US = 60_000_000
"""An NPC tells a story of its own at most once in this time: gossip must not multiply the load of a battle."""
TELLERS = 10_000
"""NPCs whose last story is remembered for that."""
SEND_SECONDS = 5.0
ATTEMPTS = 5
RETRY_SECONDS = 0.5

_WORTH_READING = (b'"npc.perceived"', b'"npc.interacted"', b'"npc.heard"')
"""Most commits are told apart without decoding them."""


class Gossip:
    """The process manager. `run` serves until `stop` is set; a story in hand is told first."""

    def __init__(
        self, client: PromptClient, realm: str, log: Log, bus: NatsCommandBus, reader: Reader
    ) -> None:
        self._client, self._realm, self._log = client, realm, log
        self._bus, self._reader = bus, reader
        self._store = KvSnapshots(client)
        self._stop = asyncio.Event()
        self._position = 0
        self._told: OrderedDict[str, int] = OrderedDict()

    async def run(self, stop: asyncio.Event) -> None:
        """Raises `LogError` when the log is away."""
        self._stop, self._position = stop, await self._start()
        await read_on(
            self._client,
            stop,
            filter_subject=log_filter(self._realm, "npc"),
            name="gossip",
            place=lambda: self._position,
            work=self._read,
            save=self._save,
        )

    async def _read(self, messages: Sequence[RawMessage]) -> bool:
        for message in messages:
            await self._consider(message)
            self._position = message.position
            if self._stop.is_set():
                return False
        return True

    async def _start(self) -> int:
        """Where to go on; at first from now: nobody gossips about what happened before there was gossip."""
        stored = await self._store.stored(self._key)
        if stored is not None:
            with suppress(ValueError):
                return int(stored)
        head = (await self._log.head()).position
        await self._save(head)
        return head

    async def _save(self, position: int) -> None:
        await self._store.put(self._key, str(position).encode())

    @property
    def _key(self) -> str:
        return f"gossip.{self._realm}"

    async def _consider(self, message: RawMessage) -> None:
        if not any(kind in message.body for kind in _WORTH_READING):
            return
        try:
            commit = codec.decode(message.body)
        except CodecError:
            return  # the projector keeps the dead letters
        recorded = Recorded(message.position, commit)
        for story in gossip.stories(recorded):
            if story.chain or self._has_time(story.teller, commit.at):
                await self._tell(recorded, story)

    def _has_time(self, teller: str, at: int) -> bool:
        last = self._told.get(teller)
        if last is not None and 0 <= at - last < PAUSE_US:
            return False
        self._told[teller] = at
        self._told.move_to_end(teller)
        if len(self._told) > TELLERS:
            self._told.popitem(last=False)
        return True

    async def _tell(self, recorded: Recorded, story: gossip.Story) -> None:
        commit, place = recorded.commit, story.place
        where = None
        if place is not None and place.map and place.x is not None and place.y is not None:
            where = place.map, place.x, place.y
        try:
            known = await self._reader.run(company, story.teller, where)
        except ProjectionError as error:
            logger.info("nobody is told", teller=story.teller, position=recorded.position, reason=str(error))
            return
        drawn = gossip.listeners(story, known, commit.id)
        await asyncio.gather(
            *(self._send(commit.id, gossip.telling(commit, story, name, n)) for n, name in enumerate(drawn))
        )

    async def _send(self, commit_id: str, command: CommandMessage) -> None:
        for attempt in range(ATTEMPTS):
            reply = await self._bus.send(command, timeout=SEND_SECONDS)
            # A refusal is final; a part that is down is not.
            if reply.code > Code.SERVICE_UNAVAILABLE:
                return
            if self._stop.is_set():
                break
            await asyncio.sleep(RETRY_SECONDS * (attempt + 1))
        logger.warning("a story was not told", commit=commit_id, stream=command.stream, code=reply.code)
