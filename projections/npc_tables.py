"""The tables of the read model of NPCs."""

from __future__ import annotations

from sqlalchemy import Index

from projections.schema import INTEGER, TEXT, name, optional, required, table

# Hot and narrow: every commit of an NPC touches its row, so what rarely changes lives in `npc_profiles`.
NPCS = table(
    "npcs",
    required("npc_id", name(), key=True),
    required("emotion", name(64)),
    required("health", INTEGER),
    optional("map", name(64)),
    optional("x", INTEGER),
    optional("y", INTEGER),
    required("position", INTEGER),
    required("version", INTEGER),
    required("updated_at", INTEGER),
    clustered=True,
)

PROFILES = table(
    "npc_profiles",
    required("npc_id", name(), key=True),
    required("archetype", name()),
    optional("mood", name()),
    optional("current_goal", TEXT),
    required("goals", TEXT),
    required("factions", TEXT),
    required("personality", TEXT),
    required("schedule", TEXT),
    required("extra", TEXT),
    required("registered_position", INTEGER),
)

MEMBERS = table(
    "npc_members",
    required("faction_id", name(), key=True),
    required("npc_id", name(), key=True),
    required("rank", name()),
    required("position", INTEGER),
    clustered=True,
)
Index("ix_npc_members_npc", MEMBERS.c.npc_id)
