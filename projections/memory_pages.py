"""What an NPC has lived through, was told and knows, page by page, the latest first, as of any position.

Those are the memories of its own, the news it listened to, and what named it. What it only saw happen to others nearby
is found by asking about it (`projections.recall`).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from projections.memory_tables import LISTED_NPCS, MEMORIES, own_scope
from projections.projection import reads
from projections.recall import told
from projections.recollection import PerceivedRows, periods

MAX_PAGE = 200
END = 2**62


@reads("memories")
def page(
    connection: Connection,
    rows: PerceivedRows,
    npc_id: str,
    *,
    at: int = END,
    before: tuple[int, int] | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """The memories an NPC had at a position, latest first, before an event (position, ordinal).

    One more than `limit` where there are more, each as `projections.recall.told` says.
    """
    limit = max(1, min(limit, MAX_PAGE)) + 1
    found = set(_own(connection, own_scope(npc_id), 0, at + 1, before, limit))
    for scope, after, until in periods(connection, npc_id):
        found.update(_own(connection, scope, after, min(until, at + 1), before, limit))
    found.update(_listed(connection, npc_id, at, before, limit))
    events = sorted(found, reverse=True)[:limit]
    memories = {(each.position, each.index): each for each in rows.find(connection, npc_id, events)}
    return [told(memories[event]) for event in events if event in memories]


@reads("memories")
def count(connection: Connection, npc_id: str, at: int = END) -> int:
    """How many memories of its own an NPC had at a position."""
    query = select(func.count()).where(MEMORIES.c.scope == own_scope(npc_id), MEMORIES.c.position <= at)
    return int(connection.execute(query.select_from(MEMORIES)).scalar_one())


def _own(
    connection: Connection, scope: str, after: int, until: int, before: tuple[int, int] | None, limit: int
) -> list[tuple[int, int]]:
    place = (MEMORIES.c.position, MEMORIES.c.ordinal)
    query = select(*place).where(MEMORIES.c.scope == scope, place[0] > after, place[0] < until)
    if before is not None:
        query = query.where(place[0] <= before[0], _earlier(place, before))
    ordered = query.order_by(place[0].desc(), place[1].desc()).limit(limit)
    return [(row[0], row[1]) for row in connection.execute(ordered)]


def _listed(
    connection: Connection, npc_id: str, at: int, before: tuple[int, int] | None, limit: int
) -> list[tuple[int, int]]:
    place = (LISTED_NPCS.c.position, LISTED_NPCS.c.ordinal)
    query = select(*place).where(LISTED_NPCS.c.npc_id == npc_id, place[0] <= at)
    if before is not None:
        query = query.where(_earlier(place, before))
    ordered = query.order_by(place[0].desc(), place[1].desc()).limit(limit)
    return [(row[0], row[1]) for row in connection.execute(ordered)]


def _earlier(place: Any, before: tuple[int, int]) -> Any:
    position, ordinal = place
    return or_(position < before[0], and_(position == before[0], ordinal < before[1]))
