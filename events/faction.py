"""Events of a faction's stream, `faction/<faction id>`. Membership is a fact of the member's own stream."""

from __future__ import annotations

from dataclasses import dataclass, field

from events.catalogue import event
from events.commit import Event, Json


@event("faction.founded")
@dataclass(frozen=True, slots=True)
class FactionFounded(Event):
    """`standing` maps other factions' ids to −100 (war) … 100 (alliance)."""

    name: str
    description: str = ""
    standing: dict[str, int] = field(default_factory=dict)


@event("faction.standing_changed")
@dataclass(frozen=True, slots=True)
class FactionStandingChanged(Event):
    other: str
    standing: int


@event("faction.event_occurred")
@dataclass(frozen=True, slots=True)
class FactionEventOccurred(Event):
    """Something that concerns all members; `affected` is how many there were."""

    event_type: str
    event_data: Json
    affected: int
