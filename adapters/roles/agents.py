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

from adapters import rulebooks
from adapters.completions.desk import Desk
from adapters.embedding.asking import NearestMemories
from adapters.embedding.desk import VectorDesk
from adapters.gamemaster.forking import Forks
from adapters.images.illustrator import Illustrator
from adapters.llm import book as models
from adapters.llm import prompts
from adapters.llm.assembly import open_models
from adapters.llm.embedding import embedding_model
from adapters.nats.bus import NatsCommandBus
from adapters.nats.connection import connect
from adapters.nats.log import JetStreamLog
from adapters.nats.progress import watch_progress
from adapters.nats.timers import Timers
from adapters.nats.work import work
from adapters.roles.advised import Advised
from adapters.roles.conversing import Conversing
from adapters.roles.counsel import Counsel, Released
from adapters.roles.deciding import Deciding
from adapters.roles.findings import Findings
from adapters.roles.gossip import Gossip
from adapters.roles.parts import until_stopped
from adapters.roles.querying import Querying
from adapters.roles.worldagents import WorldAgents
from adapters.roles.worldclock import WorldClock
from adapters.settings import Settings
from adapters.sql.reader import Reader
from commands.agents import decision, dialogue
from commands.codes import Code
from commands.loader import StreamLoader
from commands.mind.dialogue.library import DialogueLibrary, parse_library
from commands.request import QUERIES, REQUEST
from events import codec
from events.commit import Commit
from events.errors import CodecError, LogError
from events.request import RequestCompleted, RequestOpened
from events.subjects import log_filter

logger = structlog.get_logger(__name__)

DURABLE = "agents"
CONCURRENCY = 512
"""Requests in hand: most of them wait for a model."""
WORKING = 32
"""Requests that are worked on at a time, beside those that wait."""
REDELIVER_SECONDS = 3.0
"""After so long another agent takes up what a killed one had in hand."""
GRACE_SECONDS = 8.0
"""How long models may go on answering when the process is told to end; the supervisor waits 15 s."""
RETRY_SECONDS = 1.0
FINISHING = frozenset({"gossip", "world", "clock", "vectors", "images", "forks"})


async def run(settings: Settings, *, ready: Callable[[dict[str, Any]], None], stop: asyncio.Event) -> None:
    """Serve until `stop` is set, then finish the requests in hand. See `adapters.roles.serve`.

    Raises `ConfigurationError` when models, agents or prompts are configured wrongly, `PartEnded` when a part of it
    cannot go on.
    """
    book, templates = models.load(settings.llm.directory), prompts.load(settings.llm.directory)
    prompts.require(book, templates)
    if settings.memory.embedder:
        embedding_model(book, settings.memory.embedder)
    client = await connect(settings, name="agents")
    log = JetStreamLog(client, settings.realm)
    bus, loader = NatsCommandBus(client, settings.realm), StreamLoader(log, capacity=2048)
    async with (
        Reader(settings.database_url) as reader,
        open_models(settings, client, bus, log, book=book) as opened,
    ):
        adviser = opened.adviser
        await watch_progress(client, settings.realm, reader.advance)
        counsel = Counsel(adviser, book, templates, loader, log)
        rules = rulebooks.load()
        findings = Findings(loader, reader, rules, NearestMemories(client, settings))
        agent = Agent(
            loader,
            Conversing(bus, findings, counsel, read_library()),
            Deciding(bus, findings, counsel, rules, loader),
            Querying(loader, reader, rules),
        )
        background = [
            asyncio.create_task(_keep(counsel.watch, stop, "cancelled requests"), name="ends"),
            asyncio.create_task(_release(counsel, stop), name="release"),
        ]
        if settings.mind.gossip:
            gossip = Gossip(client, settings.realm, log, bus, reader)
            background.append(
                asyncio.create_task(_keep(lambda: gossip.run(stop), stop, "gossip"), name="gossip")
            )
        if settings.memory.embedder:
            desk = VectorDesk(settings, client, reader, opened)
            background.append(
                asyncio.create_task(_keep(lambda: desk.run(stop), stop, "vectors"), name="vectors")
            )
        illustrator = Illustrator(client, log, bus, loader, reader, adviser, book, templates)
        background.append(
            asyncio.create_task(_keep(lambda: illustrator.run(stop), stop, "images"), name="images")
        )
        forks = Forks(client, log, bus, loader, reader)
        background.append(asyncio.create_task(_keep(lambda: forks.run(stop), stop, "forks"), name="forks"))
        advised = Advised(bus, adviser, counsel, templates)
        clock = WorldClock(Timers(client, settings.realm), settings.realm, bus, settings.world.tick_seconds)
        world = WorldAgents(
            client,
            settings.realm,
            log,
            loader,
            reader,
            rules,
            advised,
            clock,
            with_deeds=settings.world.deeds,
        )
        await world.begin()
        background += [
            asyncio.create_task(_keep(lambda: world.run(stop), stop, "world"), name="world"),
            asyncio.create_task(_keep(lambda: clock.run(stop), stop, "clock"), name="clock"),
        ]
        ready({})
        try:
            async with Desk(client, settings.realm, adviser, counsel):
                requests = asyncio.create_task(
                    work(
                        client,
                        stream="LOG",
                        durable=f"{DURABLE}-{settings.realm}",
                        filter_subject=log_filter(settings.realm, "request"),
                        handle=agent.handle,
                        stop=stop,
                        concurrency=CONCURRENCY,
                        redeliver_seconds=REDELIVER_SECONDS,
                    ),
                    name="requests",
                )
                background.append(requests)
                await until_stopped(stop, *background)
                await requests
        finally:
            if stop.is_set():
                # They have a page of the log in hand, and end by themselves.
                await asyncio.wait([task for task in background if task.get_name() in FINISHING])
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
    await client.close()


async def _keep(run: Callable[[], Any], stop: asyncio.Event, what: str) -> None:
    """Keep something going beside the requests: without the log it waits, and nothing else stops for it."""
    while not stop.is_set():
        try:
            await run()
        except LogError as error:
            logger.info("waiting for the log", waits=what, reason=str(error))
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), RETRY_SECONDS)


async def _release(counsel: Counsel, stop: asyncio.Event) -> None:
    """At the end models get their time; what they have not answered by then, another agent takes up."""
    await stop.wait()
    await asyncio.sleep(GRACE_SECONDS)
    counsel.release()


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
    """Hands each opened request to whoever works on its operation."""

    def __init__(
        self, loader: StreamLoader, conversing: Conversing, deciding: Deciding, querying: Querying
    ) -> None:
        self._loader = loader
        self._conversing = conversing
        self._deciding = deciding
        self._querying = querying
        self._working = asyncio.Semaphore(WORKING)

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
        if datetime.now(UTC) >= opened.deadline and not await self._left_half_done(message, commit):
            # Its deadline fires on its own; an answer now would come too late to matter.
            return True
        fresh = message.metadata.num_delivered == 1
        try:
            if opened.operation == dialogue.OPERATION:
                return await self._conversing.answer(commit, opened, self._working, fresh=fresh)
            if opened.operation in decision.VERBS:
                return await self._deciding.decide(commit, opened, self._working, fresh=fresh)
        except Released:
            return False
        if opened.operation in QUERIES:
            async with self._working:
                outcome = await self._querying.outcome(commit, opened)
            return outcome is not None and await self._conversing.send(outcome)
        return await self._conversing.send(
            dialogue.failure(commit, Code.OPERATION_NOT_ALLOWED, "no agent does this")
        )

    async def _left_half_done(self, message: Msg, commit: Commit) -> bool:
        """Whether an agent died after its answer and before the NPC remembered it."""
        if message.metadata.num_delivered in (None, 1):
            return False
        request = await self._loader.current(REQUEST, commit.stream)
        return bool(request.state.outcome == RequestCompleted.type)
