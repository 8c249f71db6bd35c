"""Whose memories grew: what there is to index or to embed when nothing else is to be done."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection, bindparam, select

from projections.memory_tables import LISTENING, MEMORIES

_GROWN = (
    select(MEMORIES.c.position, MEMORIES.c.ordinal, MEMORIES.c.scope)
    .where(MEMORIES.c.position > bindparam("after"))
    .order_by(MEMORIES.c.position, MEMORIES.c.ordinal)
    .limit(bindparam("count"))
)
_REST = select(MEMORIES.c.scope).where(
    MEMORIES.c.position == bindparam("position"), MEMORIES.c.ordinal > bindparam("ordinal")
)
_LISTENERS = (
    select(LISTENING.c.npc_id)
    .where(LISTENING.c.npc_id > bindparam("after"))
    .distinct()
    .order_by(LISTENING.c.npc_id)
    .limit(bindparam("count"))
)
_NPC = "npc:"


def grown(connection: Connection, after: int, count: int) -> tuple[int, Counter[str]]:
    """Of the next `count` memories after a position: the last position, and how many are whose own.

    A position is never divided: one commit may leave several memories, and the next page begins behind it.

    Whoever only looked on, or heard of it with the whole world, is indexed when it lives through something itself.
    """
    rows = connection.execute(_GROWN, {"after": after, "count": count}).all()
    if not rows:
        return after, Counter()
    last = rows[-1]
    rest = connection.scalars(_REST, {"position": last.position, "ordinal": last.ordinal})
    scopes = [*(row.scope for row in rows), *rest]
    return last.position, Counter(s.removeprefix(_NPC) for s in scopes if s.startswith(_NPC))


def listeners(connection: Connection, after: str, count: int) -> list[str]:
    """The next `count` NPCs that have memories, or may have, in order of their ids."""
    return list(connection.scalars(_LISTENERS, {"after": after, "count": count}))
