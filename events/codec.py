"""The one decode path, for live, rebuild, snapshot, audit and export: bytes → JSON → upcast → validate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache, reduce
from operator import or_
from typing import Any, Literal, get_type_hints

from msgspec import DecodeError, defstruct
from msgspec.json import Decoder, Encoder
from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from events import (
    account,
    agent,
    allowance,
    bloodline,
    budget,
    campaign,
    catalogue,
    chat,
    chronicle,
    decision,
    dice,
    element,
    faction,
    image,
    npc,
    operator,
    proposal,
    provider,
    request,
    scriptevent,
    synthesis,
    world,
)
from events.commit import Actor, Command, Commit, Event, Json
from events.errors import MalformedCommit

VOCABULARY = (
    account, agent, allowance, bloodline, budget, campaign, chat, chronicle, decision, dice, element, faction, image,
    npc, operator, proposal, provider, request, scriptevent, synthesis, world,
)  # fmt: skip
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


@cache
def _current() -> Decoder[Any]:
    """Reads a commit whose events all have their current versions; strict, so that it never guesses."""
    return _decoder(Command)


@cache
def _current_facts() -> Decoder[Any]:
    """The same, but it passes over the arguments of the command."""
    return _decoder(defstruct("NamedCommand", [("id", str), ("name", str)], gc=False))


def _decoder(command: type) -> Decoder[Any]:
    # Built on first use, when every event type is registered.
    choices = [
        defstruct(
            cls.__name__,
            [("v", Literal[cls.version]), ("data", cls)],
            tag_field="type",
            tag=cls.type,
            gc=False,
        )
        for cls in catalogue.classes()
    ]
    anyone: Any = reduce(or_, choices)
    kinds = {**get_type_hints(Commit), "command": command, "events": tuple[anyone, ...]}
    return Decoder(defstruct("CurrentCommit", kinds.items(), gc=False))


_encoder = Encoder()


def encode(commit: Commit) -> bytes:
    """The bytes that are stored: compact UTF-8 JSON, see `design.md` "The log"."""
    try:
        # As with reading: nearly always plain values, at a quarter of the cost.
        return _encoder.encode(
            {
                "id": commit.id,
                "realm": commit.realm,
                "stream": commit.stream,
                "version": commit.version,
                "time": commit.time,
                "command": commit.command,
                "actor": commit.actor,
                "correlation_id": commit.correlation_id,
                "causation_id": commit.causation_id,
                "events": [{"type": fact.type, "v": fact.version, "data": fact} for fact in commit.events],
            }
        )
    except (TypeError, ValueError, RecursionError):
        return _encoded_anyhow(commit)


def _encoded_anyhow(commit: Commit) -> bytes:
    """The same bytes of a commit with values that need turning into JSON's, or the error that says why not."""
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
        # Nearly always: nothing to lift, and bytes become events in one pass, at half the cost.
        stored = _current().decode(body)
    except (DecodeError, UnicodeError, RecursionError):
        return _lifted(body)
    return _commit(stored, tuple([event.data for event in stored.events]))


def decode_facts(body: bytes | str) -> Commit:
    """As `decode`, at two thirds of the cost, for those who only want to know what happened: folds.

    What was asked for is passed over. `command` has its `id` and `name`; reading its `args` raises `AttributeError`,
    or may give them where the commit had to be lifted.
    """
    try:
        stored = _current_facts().decode(body)
    except (DecodeError, UnicodeError, RecursionError):
        return _lifted(body)
    return _commit(stored, tuple([event.data for event in stored.events]))


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


def _commit(stored: Any, facts: tuple[Event, ...]) -> Commit:
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
