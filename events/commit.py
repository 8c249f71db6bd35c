"""The commit: one decided command with its events, as one immutable message of the log."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from msgspec import Struct

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Json = dict[str, Any]
"""A JSON object as plain Python values."""


class Event:
    """Something that happened: the root of all event classes. `events.catalogue.event` sets the two names."""

    __slots__ = ()
    type: ClassVar[str]
    version: ClassVar[int]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who made the command happen.

    `kind` is `player`, `server`, `agent`, `operator` or `system`; `id` identifies it within its kind.
    `trusted` is false where the identity is only a claim (an old client that sends no actor object).
    `details` keeps what the game server told about it (name, level, map, x, y, account).
    """

    kind: str
    id: str
    trusted: bool = True
    details: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Command:
    """The command as it was decided: `id` is unique per realm and makes retries harmless."""

    id: str
    name: str
    args: Json


class Commit(Struct, frozen=True, gc=False):
    """One message of the log.

    `id` is a UUIDv7; `stream` is `category/id`; `version` counts 1, 2, 3 … within the stream; `time` is UTC.
    `correlation_id` is shared by everything one request set in motion; `causation_id` is the id of the commit
    that led to this one, or None. `events` holds at least one event, in order.

    A msgspec structure: every reader of the log makes one per message, in a quarter of a frozen dataclass' time
    (`msgspec.structs.replace` is its `dataclasses.replace`).
    """

    id: str
    realm: str
    stream: str
    version: int
    time: datetime
    command: Command
    actor: Actor
    correlation_id: str
    causation_id: str | None
    events: tuple[Event, ...]

    @property
    def at(self) -> int:
        """The commit's time in microseconds since the Unix epoch."""
        return microseconds(self.time)

    @property
    def message_id(self) -> str:
        """The `Nats-Msg-Id`: globally unique, equal for every retry of the same command."""
        return f"{self.realm}/{self.command.id}"

    @property
    def category(self) -> str:
        return self.stream.partition("/")[0]

    @property
    def entity(self) -> str:
        """The id within the category, e.g. the NPC's id."""
        return self.stream.partition("/")[2]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A commit with its place in the log: `position` is the JetStream sequence, from 1."""

    position: int
    commit: Commit


def microseconds(moment: datetime) -> int:
    """Microseconds since the Unix epoch, exactly (no float in between)."""
    return (moment - EPOCH) // _MICROSECOND


def moment(at: int) -> datetime:
    """The inverse of `microseconds`."""
    return EPOCH + timedelta(microseconds=at)
