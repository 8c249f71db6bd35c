"""The tables of memories: what happened, who could perceive it from where and when, and the index of it.

Nothing here is written per listener. An event is one row, under the scope that says who knows of it: an NPC's own,
a faction's, the world's, or a list of names. Who listened to what and stood where is a history of its own, written
only when it changes. An NPC's memories are all rows within its reach, put together when it is asked.
"""

from __future__ import annotations

from sqlalchemy import Index

from projections.schema import BLOB, INTEGER, TEXT, name, optional, required, table

WORLD = "*"
LISTED = "listed"
MAX_CONTENT = 500
AREA = 28
"""Cells on a side of an area: twice the sight, so that whatever an NPC sees lies in at most four of them."""

MEMORIES = table(
    "memories",
    required("position", INTEGER, key=True),
    required("ordinal", INTEGER, key=True),
    required("scope", name()),
    required("at", INTEGER),
    required("source", name(16)),
    required("event_type", name(64)),
    required("importance", INTEGER),
    required("emotion", name(64)),
    required("content", name(MAX_CONTENT)),
    optional("area", name()),
    optional("x", INTEGER),
    optional("y", INTEGER),
    required("details", TEXT),
    clustered=True,
)
"""`importance` is that for whom it happened to, in millionths; `details` are further fields of a memory."""
Index("ix_memories_scope", MEMORIES.c.scope, MEMORIES.c.position)
Index("ix_memories_area", MEMORIES.c.area, MEMORIES.c.position)

LISTED_NPCS = table(
    "memory_listed",
    required("npc_id", name(), key=True),
    required("position", INTEGER, key=True),
    required("ordinal", INTEGER, key=True),
    clustered=True,
)

LISTENING = table(
    "memory_listening",
    required("npc_id", name(), key=True),
    required("position", INTEGER, key=True),
    required("ordinal", INTEGER, key=True),
    required("scope", name()),
    required("begins", INTEGER),
    clustered=True,
)
"""When an NPC began (1) or ceased (0) to listen to a scope; ceasing with no scope ends all of them."""

PLACES = table(
    "memory_places",
    required("npc_id", name(), key=True),
    required("position", INTEGER, key=True),
    required("ordinal", INTEGER, key=True),
    optional("map", name()),
    optional("x", INTEGER),
    optional("y", INTEGER),
    clustered=True,
)
"""Where an NPC stood from a position on; no map: nowhere that is known."""

PENDING = table(
    "memory_pending",
    required("npc_id", name(), key=True),
    required("since", INTEGER),
    required("count", INTEGER),
    required("total", INTEGER),
    required("most", INTEGER),
    clustered=True,
)
"""What an NPC lived through since its last reflection: the first position, how much, and how weighty."""

SEGMENTS = table(
    "memory_segments",
    required("npc_id", name(), key=True),
    required("first", INTEGER, key=True),
    required("generation", name(32)),
    required("block", BLOB),
)
"""The index of memories (`commands.mind.memory.segment`): a cache beside the read model, no part of it."""


def own_scope(npc_id: str) -> str:
    return f"npc:{npc_id}"


def faction_scope(faction_id: str) -> str:
    return f"faction:{faction_id}"


def area_of(map_name: str, x: int, y: int) -> str:
    """The square of `AREA` cells that holds a cell."""
    return f"{map_name[:120]}:{x // AREA}:{y // AREA}"
