"""Gossip at work: follows what NPCs go through and has them tell each other. Part of the role `agents`.

It follows the log from a position it keeps in the KV bucket `snapshots`; what is done twice after a restart, or by
two agents at once, changes nothing, because the commands' ids come from the commit that caused them.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from contextlib import suppress

import structlog
from nats.aio.client import Client

from adapters.nats.bus import NatsCommandBus
from adapters.nats.follow import LEISURE_SECONDS, follow
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
SAVE_SECONDS = 1.0
SEND_SECONDS = 5.0
ATTEMPTS = 5
RETRY_SECONDS = 0.5

_WORTH_READING = (b'"npc.perceived"', b'"npc.interacted"', b'"npc.heard"')
"""Most commits are told apart without decoding them."""


class Gossip:
    """The process manager. `run` serves until `stop` is set; a story in hand is told first."""

    def __init__(self, client: Client, realm: str, log: Log, bus: NatsCommandBus, reader: Reader) -> None:
        self._client, self._realm, self._log = client, realm, log
        self._bus, self._reader = bus, reader
        self._store = KvSnapshots(client)
        self._stop = asyncio.Event()
        self._told: OrderedDict[str, int] = OrderedDict()

    async def run(self, stop: asyncio.Event) -> None:
        self._stop = stop
        position = saved = await self._start()
        due = time.monotonic() + SAVE_SECONDS
        pages = follow(
            self._client,
            "LOG",
            after=position,
            filter_subject=log_filter(self._realm, "npc"),
            name="gossip",
            breath=LEISURE_SECONDS,
        )
        stopped = asyncio.ensure_future(stop.wait())
        page = asyncio.ensure_future(anext(pages))
        try:
            while not stop.is_set():
                await asyncio.wait({page, stopped}, return_when=asyncio.FIRST_COMPLETED)
                if not page.done():
                    break
                for message in page.result():
                    await self._consider(message)
                    position = message.position
                    if stop.is_set():
                        break
                page = asyncio.ensure_future(anext(pages))
                if time.monotonic() >= due:
                    await self._save(position)
                    saved, due = position, time.monotonic() + SAVE_SECONDS
        finally:
            for task in (stopped, page):
                task.cancel()
            await asyncio.gather(stopped, page, return_exceptions=True)
            await pages.aclose()  # type: ignore[attr-defined]
            if position != saved:
                await self._save(position)

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
