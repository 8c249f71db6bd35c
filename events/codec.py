"""The one decode path, for live, rebuild, snapshot, audit and export: bytes → JSON → upcast → validate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from operator import itemgetter
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetPydanticSchema, TypeAdapter, ValidationError
from pydantic_core import CoreSchema, core_schema, from_json

from events import agent, budget, catalogue, decision, faction, npc, provider, request, world
from events.commit import Actor, Command, Commit, Event, Json
from events.errors import MalformedCommit

VOCABULARY = (agent, budget, decision, faction, npc, provider, request, world)
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


def _current_events(_: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    """`{"type", "v", "data"}` of every event type at its current version, read as the event."""

    def stored(cls: type[Event]) -> CoreSchema:
        fields = {
            "v": core_schema.typed_dict_field(core_schema.literal_schema([cls.version])),
            "data": core_schema.typed_dict_field(handler.generate_schema(cls)),
        }
        return core_schema.no_info_after_validator_function(
            itemgetter("data"), core_schema.typed_dict_schema(fields)
        )

    choices = {cls.type: stored(cls) for cls in catalogue.classes()}
    return core_schema.tagged_union_schema(choices, discriminator="type")


@dataclass(frozen=True, slots=True)
class _CurrentCommit:
    id: str
    realm: str
    stream: str
    version: int
    time: datetime
    command: Command
    actor: Actor
    correlation_id: str
    causation_id: str | None
    events: tuple[Annotated[Event, GetPydanticSchema(_current_events)], ...]


@cache
def _current() -> TypeAdapter[_CurrentCommit]:
    # Built on first use: it takes 15 ms, and not every process reads the log.
    return TypeAdapter(_CurrentCommit)


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
        # Nearly always: nothing to lift, so that JSON becomes events in one pass, at two thirds of the cost.
        stored = _current().validate_json(body)
        return _commit(stored, stored.events)
    except (ValidationError, MalformedCommit):
        return _lifted(body)


def _lifted(body: bytes | str) -> Commit:
    """A commit with events of any version, or the error that says what is wrong with it."""
    try:
        stored = _stored.validate_json(body)
        facts = tuple(catalogue.load(event.type, event.v, event.data) for event in stored.events)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise MalformedCommit(f"{where}: {first['msg']}") from None
    return _commit(stored, facts)


def _commit(stored: _StoredCommit | _CurrentCommit, facts: tuple[Event, ...]) -> Commit:
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
