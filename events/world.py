"""Events of the world's stream, `world/<realm>`."""

from __future__ import annotations

from dataclasses import dataclass

from events.catalogue import event
from events.commit import Event, Json


@event("world.event_occurred")
@dataclass(frozen=True, slots=True)
class WorldEventOccurred(Event):
    """Something many NPCs notice: weather, nightfall, a festival.

    `affected_npcs` names them, or is None for every registered NPC; `affected` is how many that were.
    """

    event_type: str
    event_data: Json
    affected_npcs: tuple[str, ...] | None
    affected: int
