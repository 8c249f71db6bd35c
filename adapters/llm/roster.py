"""Which providers and agents are on: as configured, until a commit says otherwise. Followed live."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

import structlog

from adapters.llm.book import AgentEntry, ModelBook, ProviderEntry
from events import codec
from events.agent import AgentStatusChanged
from events.commit import Commit
from events.errors import CodecError
from events.log import Log
from events.provider import ProviderStatusChanged
from events.subjects import log_filter

logger = structlog.get_logger(__name__)

CATEGORIES = ("provider", "agent")


class Roster:
    """The switches of one process. `load` reads them, `follow` keeps them up to date."""

    def __init__(self, book: ModelBook, *, changed: Callable[[], None] = lambda: None) -> None:
        """`changed` is called after every switch that came in."""
        self.book = book
        self._providers: dict[str, bool] = {}
        self._agents: dict[str, bool] = {}
        self._changed = changed

    def provider_on(self, key: str) -> bool:
        entry = self.book.providers.get(key)
        return entry is not None and self._providers.get(key, entry.enabled)

    def agent_on(self, key: str) -> bool:
        entry = self.book.agents.get(key)
        return entry is not None and self._agents.get(key, entry.enabled)

    def candidates(self, agent: AgentEntry) -> tuple[ProviderEntry, ...]:
        """The providers that are on, in the order in which the agent asks them: its own one first."""
        on = [entry for entry in self.book.by_priority() if self.provider_on(entry.key)]
        return tuple(sorted(on, key=lambda entry: entry.key != agent.provider))

    def apply(self, commit: Commit) -> None:
        """Take note of a switch. One of something that is no longer configured changes nothing."""
        for event in commit.events:
            match event:
                case ProviderStatusChanged():
                    self._providers[commit.entity] = event.enabled
                case AgentStatusChanged():
                    self._agents[commit.entity] = event.enabled
        self._changed()

    async def load(self, log: Log, *streams: str) -> int:
        """Read all switches, or those of `streams`; the position of the log they are true for.

        Raises `LogError`, `CodecError`.
        """
        head = (await log.head()).position

        async def read(stream: str) -> None:
            async for recorded in log.read(stream, up_to=head):
                self.apply(recorded.commit)

        await asyncio.gather(*map(read, streams or self._streams()))
        return head

    async def follow(self, log: Log, *, after: int) -> None:
        """Apply switches as they are committed, for ever."""
        async with asyncio.TaskGroup() as tasks:
            for category in CATEGORIES:
                tasks.create_task(self._follow(log, category, after), name=f"{category} switches")

    def _streams(self) -> Iterable[str]:
        yield from (f"provider/{key}" for key in self.book.providers)
        yield from (f"agent/{key}" for key in self.book.agents)

    async def _follow(self, log: Log, category: str, after: int) -> None:
        async for page in log.follow(after=after, filter_subject=log_filter(log.realm, category)):
            for message in page:
                try:
                    self.apply(codec.decode(message.body))
                except CodecError as error:
                    logger.error("a switch cannot be read", position=message.position, reason=str(error))
