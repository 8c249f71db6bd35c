"""Telling the database which providers and agents are configured, without anything that must not be read there."""

from __future__ import annotations

from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError

from adapters.llm.book import AgentEntry, ModelBook, ProviderEntry
from adapters.sql.outage import unavailable
from events.commit import Json
from projections import configured
from projections.schema import brief, to_text
from projections.store import Database

PROVIDER_SETTINGS = (
    "deployment", "api", "max_tokens", "temperature", "top_p", "frequency_penalty", "presence_penalty",
    "reasoning_effort",
)  # fmt: skip
AGENT_SETTINGS = (
    "max_memory_age", "response_timeout", "route", "context_tokens", "max_tokens", "cache_seconds",
    "dollars_per_day",
)  # fmt: skip
"""What goes into `config`: named one by one, so that a setting of tomorrow is not shown unless somebody wants it."""


def store(database: Database, book: ModelBook) -> bool:
    """Write what `book` says, if it is not there yet; whether it was not. Raises `ProjectionUnavailable`."""
    providers = [provider_row(entry) for entry in book.providers.values()]
    agents = [agent_row(entry, book) for entry in book.agents.values()]
    try:
        with database.writer.begin() as connection:
            return configured.replace(connection, providers, agents)
    except SQLAlchemyError as error:
        raise unavailable(error) from error


def provider_row(entry: ProviderEntry) -> Json:
    settings: Json = {"name": entry.key, "address": _address(entry.base_url or entry.endpoint)}
    settings |= {name: getattr(entry, name) for name in PROVIDER_SETTINGS}
    return {
        "provider_id": entry.id,
        "name": brief(entry.key, 64),
        "title": entry.name,
        "type": entry.type,
        "model": brief(entry.model, 190),
        "config": to_text({name: value for name, value in settings.items() if value not in (None, "")}),
        "enabled": int(entry.enabled),
        "priority": entry.priority,
    }


def agent_row(entry: AgentEntry, book: ModelBook) -> Json:
    provider = book.providers.get(entry.provider)
    settings: Json = {"name": entry.key} | {name: getattr(entry, name) for name in AGENT_SETTINGS}
    return {
        "agent_id": entry.id,
        "name": brief(entry.key, 64),
        "title": entry.name,
        "type": entry.type,
        "provider_id": provider.id if provider else None,
        "config": to_text(settings),
        "enabled": int(entry.enabled),
        "memory_prefix": brief(entry.memory_prefix, 64),
    }


def _address(url: str) -> str:
    """Scheme, host and path: some put a password or a key before or behind them."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" if host else ""
