"""The role `agents`: takes opened requests and turns them into outcomes. Any number of processes may run.

An agent that is killed leaves its request to another: the durable consumer delivers it again, and the outcome's
command id is derived from the request, so that it happens once.
"""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from importlib import resources
from typing import Any

import structlog
from nats.aio.msg import Msg
from sqlalchemy import Connection

from adapters import rulebooks
from adapters.nats.bus import NatsCommandBus
from adapters.nats.connection import connect
from adapters.nats.log import JetStreamLog
from adapters.nats.progress import watch_progress
from adapters.nats.work import work
from adapters.roles.gossip import Gossip
from adapters.settings import Settings
from adapters.sql.memory_index import MemoryIndex
from adapters.sql.minds import SqlMinds
from adapters.sql.reader import Reader
from commands.agents import decision, dialogue
from commands.agents.safety.privacy import partition
from commands.codes import Code
from commands.loader import StreamLoader
from commands.message import CommandMessage
from commands.mind.dialogue.library import DialogueLibrary, parse_library
from commands.mind.memory.recall import Query, recall
from commands.mind.memory.record import Memory, Source
from commands.mind.rulebooks import RuleBooks
from commands.npc import NPC
from events import codec
from events.commit import Commit
from events.errors import CodecError, LogError, ProjectionError
from events.request import RequestOpened
from events.subjects import log_filter
from projections.projection import reads
from projections.recall import Stores
from projections.recollection import PerceivedRows

logger = structlog.get_logger(__name__)

DURABLE = "agents"
CONCURRENCY = 32
SEND_SECONDS = 5.0
RETRY_SECONDS = 1.0
MEMORIES = 8
"""Memories that may colour an answer."""
MAX_QUESTION = 500
"""Characters of what a player said that are looked up in the memory."""


async def run(settings: Settings, *, ready: Callable[[dict[str, Any]], None], stop: asyncio.Event) -> None:
    """Serve until `stop` is set, then finish the requests in hand. See `adapters.roles.serve`."""
    client = await connect(settings, name="agents")
    log = JetStreamLog(client, settings.realm)
    bus, loader = NatsCommandBus(client, settings.realm), StreamLoader(log, capacity=2048)
    async with Reader(settings.database_url) as reader:
        await watch_progress(client, settings.realm, reader.advance)
        agent = Agent(bus, loader, reader, read_library(), rulebooks.load())
        async with asyncio.TaskGroup() as tasks:
            if settings.mind.gossip:
                gossip = Gossip(client, settings.realm, log, bus, reader)
                tasks.create_task(_gossip(gossip, stop), name="gossip")
            ready({})
            await work(
                client,
                stream="LOG",
                durable=f"{DURABLE}-{settings.realm}",
                filter_subject=log_filter(settings.realm, "request"),
                handle=agent.handle,
                stop=stop,
                concurrency=CONCURRENCY,
            )
    await client.close()


async def _gossip(gossip: Gossip, stop: asyncio.Event) -> None:
    """Keep gossip going: without the log it waits, and nothing else stops for it."""
    while not stop.is_set():
        try:
            await gossip.run(stop)
        except LogError as error:
            logger.info("gossip waits for the log", reason=str(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), RETRY_SECONDS)


def read_library() -> DialogueLibrary:
    """The dialogue templates that ship in `conf/dialogue`."""
    folder = resources.files("conf") / "dialogue"
    files = {
        file.name: tomllib.loads(file.read_text(encoding="utf-8"))
        for file in sorted(folder.iterdir(), key=lambda item: item.name)
        if file.name.endswith(".toml")
    }
    return parse_library(files)


class Agent:
    """Carries out opened requests: dialogue with `commands.agents.dialogue`, decisions as commands on the NPC."""

    def __init__(
        self,
        bus: NatsCommandBus,
        loader: StreamLoader,
        reader: Reader,
        library: DialogueLibrary,
        rules: RuleBooks,
    ) -> None:
        self._bus = bus
        self._loader = loader
        self._reader = reader
        self._minds = SqlMinds(reader, rules)
        self._memories = MemoryIndex(PerceivedRows())
        self._library = library
        self._rules = rules

    async def handle(self, message: Msg) -> bool:
        """Work on one message of the log. True when it needs no further delivery."""
        try:
            commit = codec.decode(message.data)
        except CodecError as error:
            logger.error("a request in the log cannot be read", subject=message.subject, reason=str(error))
            return True
        opened = commit.events[0]
        if not isinstance(opened, RequestOpened):
            return True
        if datetime.now(UTC) >= opened.deadline:
            # Its deadline fires on its own; an answer now would come too late to matter.
            return True
        if opened.operation == dialogue.OPERATION:
            return await self._answer(commit, opened)
        if opened.operation in decision.VERBS:
            return await self._decide(commit, opened)
        return await self._send(dialogue.failure(commit, Code.OPERATION_NOT_ALLOWED, "no agent does this"))

    async def _decide(self, commit: Commit, opened: RequestOpened) -> bool:
        reply = await self._bus.send(decision.command(commit, opened), timeout=SEND_SECONDS)
        if Code.RATE_LIMITED <= reply.code <= Code.SERVICE_UNAVAILABLE:
            return False
        return await self._send(decision.outcome(commit, reply))

    async def _answer(self, commit: Commit, opened: RequestOpened) -> bool:
        found = await self._find_out(commit, opened)
        try:
            utterance = dialogue.answer(found, opened, commit, self._library)
        except Exception as error:
            logger.exception("an answer could not be composed", request=commit.entity)
            return await self._send(
                dialogue.failure(commit, Code.SYSTEM_ERROR, f"no answer: {type(error).__name__}")
            )
        said = dialogue.spoken(utterance, dialogue.grounds(found, dialogue.player_of(opened, commit)))
        completed = await self._bus.send(dialogue.completion(commit, said), timeout=SEND_SECONDS)
        if completed.code == Code.INVALID_STATE_TRANSITION:
            return True
        if not completed.success:
            return False
        return await self._send(dialogue.remembrance(commit, opened, said))

    async def _find_out(self, commit: Commit, opened: RequestOpened) -> dialogue.Situation:
        """The NPC, its mind and its memories. Without the read models it still answers, with what the log says."""
        folded = await self._loader.current(NPC, f"npc/{opened.npc_id}")
        player = dialogue.player_of(opened, commit)
        try:
            mind = await self._minds.view(
                opened.npc_id, (player,), at_least=folded.state.felt, at_us=commit.at
            )
            remembered, lines = await self._reader.run(
                _remembered,
                self._memories.on,
                opened.npc_id,
                player,
                dialogue.message_of(opened.data),
                commit.at,
                0,
            )
        except ProjectionError as error:
            logger.warning("answering without the read models", request=commit.entity, reason=str(error))
            return dialogue.Situation(folded.state, self._rules)
        told, withheld = partition(remembered, player)
        return dialogue.Situation(
            folded.state, self._rules, mind, told[:MEMORIES], tuple(lines), withheld[:MEMORIES]
        )

    async def _send(self, command: CommandMessage) -> bool:
        reply = await self._bus.send(command, timeout=SEND_SECONDS)
        # A refusal is final; a part that is down is not.
        return reply.code > Code.SERVICE_UNAVAILABLE


@reads("memories")
def _remembered(
    connection: Connection, stores: Stores, npc_id: str, player: str, message: str, now: int, lines: int
) -> tuple[list[Memory], list[Memory]]:
    """What may colour the answer: what the message is about, then what concerns the player, each once; and the last
    `lines` exchanges with the player, newest first."""
    store = stores(connection)
    asked = [Query(npc_id, "about_player", player_id=player, limit=MEMORIES, now=now)]
    if message.strip():
        text = message[:MAX_QUESTION]
        asked.insert(0, Query(npc_id, "about_player", query=text, player_id=player, limit=MEMORIES, now=now))
        asked.insert(0, Query(npc_id, "search", query=text, limit=MEMORIES, now=now))
    found = {one.memory.id: one.memory for query in asked for one in recall(store, query)}
    said = Query(npc_id, player_id=player, event_type="dialogue", limit=max(lines, 1), now=now)
    spoken = [one.memory for one in recall(store, said)] if lines else []
    # What was lived through is a better thing to say than what was made of it.
    return sorted(found.values(), key=lambda memory: memory.source is Source.REFLECTION), spoken
