"""The game master's assistant of one gateway: what drafts, what answers, and the rules both look things up in."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from nats.aio.client import Client

from adapters.gamemaster import tables
from adapters.gamemaster.beginnings import Beginnings
from adapters.gamemaster.conversation import Conversations
from adapters.gamemaster.generation import Generation
from adapters.gamemaster.reference import ReferenceShelf
from adapters.llm import book
from adapters.nats.ports import CommandBus
from adapters.settings import Settings
from adapters.sql.reader import Reader
from commands.agents.gamemaster.drafting import AGENT
from events.log import Log


@dataclass(frozen=True, slots=True)
class Assistant:
    """Built once per gateway by `open_assistant`."""

    shelf: ReferenceShelf
    generation: Generation
    conversations: Conversations
    beginnings: Beginnings

    async def close(self) -> None:
        """Finish the answers and drafts in hand."""
        await asyncio.gather(self.beginnings.close(), self.conversations.close())


def open_assistant(
    settings: Settings, client: Client, bus: CommandBus, log: Log, reader: Reader
) -> Assistant:
    """Raises `ConfigurationError` where tables or agents are configured wrongly."""
    directory = settings.llm.directory
    agent = book.load(directory).agents.get(AGENT) if settings.llm.enabled else None
    shelf = ReferenceShelf(settings.state)
    generation = Generation(
        client,
        settings.realm,
        bus,
        log,
        reader,
        shelf=shelf,
        tables=tables.load(directory),
        agent=agent,
    )
    conversations = Conversations(client, settings.realm, bus, reader, shelf=shelf, agent=agent)
    return Assistant(shelf, generation, conversations, Beginnings(generation))
