"""Builders of commits for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count

from uuid_utils import uuid7

from events.commit import Actor, Command, Commit, Event
from events.npc import NpcPerceived

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_ids = count(1)


def perceived(what: str = "heard_sound") -> NpcPerceived:
    return NpcPerceived(what, {"sound": "bell"})


def commit(
    stream: str = "npc/Merchant_John_01",
    *events: Event,
    version: int = 1,
    realm: str = "midgard",
    command_id: str | None = None,
    time: datetime = NOON,
    name: str = "npc.event",
    correlation_id: str | None = None,
    causation_id: str | None = None,
    actor: Actor | None = None,
) -> Commit:
    """A commit with sensible defaults; every call has another command id unless told."""
    unique = command_id or f"test/{next(_ids)}"
    return Commit(
        id=str(uuid7()),
        realm=realm,
        stream=stream,
        version=version,
        time=time,
        command=Command(unique, name, {"event_type": "heard_sound"}),
        actor=actor or Actor("server", "map-1"),
        correlation_id=correlation_id or unique,
        causation_id=causation_id,
        events=events or (perceived(),),
    )
