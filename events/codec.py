"""The one decode path, for live, rebuild, snapshot, audit and export: bytes → JSON → upcast → validate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from events import catalogue, faction, npc, request, world
from events.commit import Actor, Command, Commit, Json
from events.errors import MalformedCommit

VOCABULARY = (faction, npc, request, world)
"""Importing these registers their event types; a new category must be added here to be readable."""


@dataclass(frozen=True, slots=True)
class _StoredEvent:
    type: str
    v: int
    data: Json


@dataclass(frozen=True, slots=True)
class _StoredCommit:
    id: str
    realm: str
    stream: str
    version: int
    time: datetime
    command: Command
    actor: Actor
    correlation_id: str
    causation_id: str | None
    events: tuple[_StoredEvent, ...]


_stored: TypeAdapter[_StoredCommit] = TypeAdapter(_StoredCommit)


def encode(commit: Commit) -> bytes:
    """The bytes that are stored: compact UTF-8 JSON, see `design.md` "The log"."""
    return _stored.dump_json(
        _StoredCommit(
            id=commit.id,
            realm=commit.realm,
            stream=commit.stream,
            version=commit.version,
            time=commit.time,
            command=commit.command,
            actor=commit.actor,
            correlation_id=commit.correlation_id,
            causation_id=commit.causation_id,
            events=tuple(_StoredEvent(**catalogue.dump(fact)) for fact in commit.events),
        )
    )


def decode(body: bytes | str) -> Commit:
    """Read a stored commit.

    Raises `MalformedCommit` when the envelope or an event's data does not fit, `UnknownEventType` or
    `UnknownEventVersion` when this release cannot read an event.
    """
    try:
        stored = _stored.validate_json(body)
        facts = tuple(catalogue.load(event.type, event.v, event.data) for event in stored.events)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise MalformedCommit(f"{where}: {first['msg']}") from None
    if not facts:
        raise MalformedCommit("events: a commit holds at least one event")
    if stored.time.tzinfo is None:
        raise MalformedCommit("time: must carry a time zone")
    return Commit(
        stored.id,
        stored.realm,
        stored.stream,
        stored.version,
        stored.time,
        stored.command,
        stored.actor,
        stored.correlation_id,
        stored.causation_id,
        facts,
    )


def to_json(commit: Commit) -> dict[str, Any]:
    """The stored form as plain Python values, for printing and export."""
    plain: dict[str, Any] = from_json(encode(commit))
    return plain
