"""Providers and agents for those who look at them and switch them: scripts, HTTP and the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from adapters.llm.book import AgentEntry, ModelBook, ProviderEntry
from adapters.llm.roster import Roster
from events.commit import Json
from events.log import Log

E = TypeVar("E", ProviderEntry, AgentEntry)


class Switchboard:
    """What is configured and what is on. The switches are few and read from the log each time: always up to date.

    Nothing here ever holds a key: only the name of the variable that does.
    """

    def __init__(self, book: ModelBook, log: Log) -> None:
        self._book = book
        self._log = log

    def find_provider(self, which: str) -> ProviderEntry | None:
        """By number, by its name in `providers.toml`, or by its title."""
        return _find(self._book.providers, which)

    def find_agent(self, which: str) -> AgentEntry | None:
        """By number, by its name in `agents.toml`, or by its title."""
        return _find(self._book.agents, which)

    async def providers(self) -> list[Json]:
        """All of them, the first to be asked first. Raises `LogError`, `CodecError`."""
        roster = await self._roster()
        return [provider_row(entry, roster.provider_on(entry.key)) for entry in self._book.by_priority()]

    async def agents(self) -> list[Json]:
        """All of them by number. Raises `LogError`, `CodecError`."""
        roster = await self._roster()
        entries = sorted(self._book.agents.values(), key=lambda entry: entry.id)
        return [agent_row(entry, roster.agent_on(entry.key)) for entry in entries]

    async def provider(self, entry: ProviderEntry) -> Json:
        return provider_row(entry, (await self._roster(f"provider/{entry.key}")).provider_on(entry.key))

    async def agent(self, entry: AgentEntry) -> Json:
        return agent_row(entry, (await self._roster(f"agent/{entry.key}")).agent_on(entry.key))

    async def _roster(self, *streams: str) -> Roster:
        roster = Roster(self._book)
        await roster.load(self._log, *streams)
        return roster


def provider_row(entry: ProviderEntry, on: bool) -> Json:
    return {
        "provider_id": entry.id,
        "name": entry.key,
        "title": entry.name,
        "type": entry.type,
        "model": entry.model,
        "status": int(on),
        "priority": entry.priority,
        "key_variable": entry.key_variable,
    }


def agent_row(entry: AgentEntry, on: bool) -> Json:
    return {
        "agent_id": entry.id,
        "name": entry.key,
        "title": entry.name,
        "type": entry.type,
        "provider": entry.provider,
        "status": int(on),
        "route": entry.route,
        "memory_prefix": entry.memory_prefix,
        "response_timeout": entry.response_timeout,
        "cache_seconds": entry.cache_seconds,
        "dollars_per_day": entry.dollars_per_day,
    }


def _find(entries: Mapping[str, E], which: str) -> E | None:
    wanted = which.strip()
    if wanted in entries:
        return entries[wanted]
    for entry in entries.values():
        if wanted == str(entry.id) or wanted.casefold() in {entry.key.casefold(), entry.name.casefold()}:
            return entry
    return None
