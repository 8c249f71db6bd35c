"""Whom an NPC is likely to meet: its factions' members, and those on its map within a walk."""

from __future__ import annotations

from sqlalchemy import Connection, and_, bindparam, select

from commands.mind.memory.perception import SIGHT
from projections.npc_tables import MEMBERS, NPCS
from projections.projection import reads

WALK = 30
"""Cells, in either direction, an NPC is taken to walk about."""
MOST = 64
"""Companions of either kind that are considered: those whose ids follow the NPC's own, round the alphabet."""


@reads("npcs")
def company(connection: Connection, npc_id: str, place: tuple[str, int, int] | None = None) -> list[str]:
    """Ids of at most `4 * MOST` NPCs, without the NPC itself and without those in sight of `place` (map, x, y)."""
    found: dict[str, None] = {}
    for query in (_COLLEAGUES, _NEIGHBOURS):
        for turn in (query.where(_AFTER), query.where(_BEFORE)):
            rows = connection.execute(turn, {"npc_id": npc_id, "walk": WALK, "most": MOST}).all()
            for row in rows:
                if place is None or not _sees(row.map, row.x, row.y, place):
                    found[row.npc_id] = None
    return list(found)


def _sees(map_name: str | None, x: int | None, y: int | None, place: tuple[str, int, int]) -> bool:
    if map_name != place[0] or x is None or y is None:
        return False
    return abs(x - place[1]) <= SIGHT and abs(y - place[2]) <= SIGHT


_me = NPCS.alias("me")
_mine = MEMBERS.alias("mine")
_AFTER = NPCS.c.npc_id > bindparam("npc_id")
_BEFORE = NPCS.c.npc_id < bindparam("npc_id")
_COLLEAGUES = (
    select(NPCS.c.npc_id, NPCS.c.map, NPCS.c.x, NPCS.c.y)
    .join_from(_mine, MEMBERS, MEMBERS.c.faction_id == _mine.c.faction_id)
    .join(NPCS, NPCS.c.npc_id == MEMBERS.c.npc_id)
    .where(_mine.c.npc_id == bindparam("npc_id"))
    .order_by(NPCS.c.npc_id)
    .limit(bindparam("most"))
)
_NEIGHBOURS = (
    select(NPCS.c.npc_id, NPCS.c.map, NPCS.c.x, NPCS.c.y)
    .join_from(
        _me,
        NPCS,
        and_(
            NPCS.c.map == _me.c.map,
            NPCS.c.x.between(_me.c.x - bindparam("walk"), _me.c.x + bindparam("walk")),
            NPCS.c.y.between(_me.c.y - bindparam("walk"), _me.c.y + bindparam("walk")),
        ),
    )
    .where(_me.c.npc_id == bindparam("npc_id"))
    .order_by(NPCS.c.npc_id)
    .limit(bindparam("most"))
)
