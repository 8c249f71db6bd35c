"""All read models of this release."""

from __future__ import annotations

from projections.feed import EVENT_FEED
from projections.memories import NPC_MEMORIES
from projections.npcs import NPC_STATE
from projections.projection import Projection
from projections.relationships import RELATIONSHIP_COUNTS
from projections.requests import REQUEST_STATUS

ALL: tuple[Projection, ...] = (NPC_STATE, RELATIONSHIP_COUNTS, NPC_MEMORIES, REQUEST_STATUS, EVENT_FEED)


def named(name: str) -> Projection | None:
    """The projection of that name, or None."""
    return next((projection for projection in ALL if projection.name == name), None)
