"""The people of the game world as a list: who they are, what they feel, and how much is known of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select

from events.commit import moment
from projections import minds
from projections.memory_tables import MEMORIES, own_scope
from projections.mind_fold import NAME, MindRules
from projections.mind_tables import RELATIONS
from projections.npc_tables import NPCS, PROFILES
from projections.projection import reads

MAX_PAGE = 200


@reads("npcs", NAME, "memories")
def page(
    connection: Connection, rules: MindRules, now: int, *, wanted: str = "", after: str = "", limit: int = 50
) -> list[dict[str, Any]]:
    """NPCs whose id or archetype holds `wanted`, by id, after the id `after`; one more than `limit` if there are."""
    query = select(NPCS, PROFILES.c.archetype, PROFILES.c.current_goal).join(
        PROFILES, NPCS.c.npc_id == PROFILES.c.npc_id
    )
    if wanted:
        pattern = "%" + _escaped(wanted.lower()) + "%"
        named = func.lower(NPCS.c.npc_id).like(pattern, escape="\\")
        query = query.where(named | func.lower(PROFILES.c.archetype).like(pattern, escape="\\"))
    if after:
        query = query.where(NPCS.c.npc_id > after)
    limit = max(1, min(limit, MAX_PAGE)) + 1
    found = connection.execute(query.order_by(NPCS.c.npc_id).limit(limit)).mappings().all()
    ids = [row["npc_id"] for row in found]
    relations = _counted(connection, RELATIONS.c.npc_id, ids)
    memories = _counted(connection, MEMORIES.c.scope, [own_scope(npc_id) for npc_id in ids])
    return [
        {
            "npc_id": row["npc_id"],
            "archetype": row["archetype"],
            "current_goal": row["current_goal"],
            **_felt(connection, row["npc_id"], now, rules),
            "health": row["health"],
            "map": row["map"],
            "x": row["x"],
            "y": row["y"],
            "position": row["position"],
            "version": row["version"],
            "changed_at": moment(row["updated_at"]).isoformat(),
            "counts": {
                "relationships": relations.get(row["npc_id"], 0),
                "memories": memories.get(own_scope(row["npc_id"]), 0),
            },
        }
        for row in found
    ]


@reads("npcs")
def registered_among(connection: Connection, ids: list[str]) -> set[str]:
    """Those of `ids` that are registered NPCs."""
    found: set[str] = set()
    for start in range(0, len(ids), 500):
        query = select(NPCS.c.npc_id).where(NPCS.c.npc_id.in_(ids[start : start + 500]))
        found.update(connection.execute(query).scalars())
    return found


def _felt(connection: Connection, npc_id: str, now: int, rules: MindRules) -> dict[str, Any]:
    found = minds.summary(connection, npc_id, now, rules)
    return found or {"emotion": "neutral", "intensity": 0.0, "mood": "neutral"}


def _counted(connection: Connection, column: Any, values: list[str]) -> dict[str, int]:
    query = select(column, func.count()).where(column.in_(values)).group_by(column)
    rows: Any = connection.execute(query).all() if values else ()
    return {name: count for name, count in rows}  # noqa: C416 - rows are no pairs to a type checker


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
