"""The read model of relationships: with whom an NPC had to do, how often, since when.

Trust and affection are neutral here; what they become is decided by the mind and folded from its events.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Index, bindparam, select

from events.commit import moment
from events.npc import NpcInteracted, NpcPerceived, NpcSpoke
from projections.projection import Address, Entry, Projection, reads
from projections.rows import Rows
from projections.schema import INTEGER, TEXT, Codec, brief, from_text, name, required, table, to_text

NEUTRAL = 50
MAX_KINDS = 32
MAX_PAGE = 500
OTHER_KINDS = "other"
LEVELS = ((20, "well_known"), (5, "familiar"), (1, "acquaintance"), (0, "stranger"))
"""From how many interactions on somebody is no longer what comes next."""

RELATIONSHIPS = table(
    "relationships",
    required("npc_id", name(), key=True),
    required("target_id", name(), key=True),
    required("interactions", INTEGER),
    required("kinds", TEXT, codec=Codec(to_text, from_text)),
    required("first_contact", INTEGER),
    required("last_contact", INTEGER),
    required("position", INTEGER),
    clustered=True,
)
Index("ix_relationships_target", RELATIONSHIPS.c.target_id, RELATIONSHIPS.c.npc_id)


def _contact(event: Any) -> tuple[str, str, int] | None:
    """With whom, of what kind, and whether it counts as an interaction."""
    if type(event) is NpcInteracted:
        return event.player_id, event.interaction_type, 1
    if type(event) is NpcSpoke:
        return event.player_id, "dialogue", 1
    if type(event) is NpcPerceived and event.subject:
        return event.subject, event.event_type, 0
    return None


def _keys(entry: Entry) -> Iterable[Address]:
    for event in entry.commit.events:
        contact = _contact(event)
        if contact is not None:
            yield RELATIONSHIPS, (entry.entity, contact[0])


def _fold(rows: Rows, entry: Entry) -> None:
    commit = entry.commit
    for event in commit.events:
        contact = _contact(event)
        if contact is None:
            continue
        target_id, kind, interactions = contact
        key = (entry.entity, target_id)
        row = rows.get(RELATIONSHIPS, key)
        rows.put(
            RELATIONSHIPS,
            key,
            {
                "npc_id": entry.entity,
                "target_id": target_id,
                "interactions": (row["interactions"] if row else 0) + interactions,
                "kinds": _counted(row["kinds"] if row else {}, kind),
                "first_contact": row["first_contact"] if row else entry.at,
                "last_contact": entry.at,
                "position": entry.position,
            },
        )


def _counted(kinds: Mapping[str, int], kind: str) -> Mapping[str, int]:
    kind = brief(kind, 64)
    if kind not in kinds and len(kinds) >= MAX_KINDS:
        kind = OTHER_KINDS
    return {**kinds, kind: kinds.get(kind, 0) + 1}


RELATIONSHIP_COUNTS = Projection("relationships", 1, (RELATIONSHIPS,), _keys, _fold, frozenset({"npc"}))

_ONE = select(RELATIONSHIPS).where(
    RELATIONSHIPS.c.npc_id == bindparam("npc_id"), RELATIONSHIPS.c.target_id == bindparam("target_id")
)
_PAGE = (
    select(RELATIONSHIPS)
    .where(RELATIONSHIPS.c.npc_id == bindparam("npc_id"), RELATIONSHIPS.c.target_id > bindparam("cursor"))
    .order_by(RELATIONSHIPS.c.target_id)
    .limit(bindparam("count"))
)


@reads("relationships")
def relationship(connection: Connection, npc_id: str, target_id: str) -> dict[str, Any]:
    """How an NPC stands to a player or another NPC; somebody it never met is a stranger.

    `{"target_id", "relationship_level", "trust", "affection" 0–100, "interactions", "last_contact"}` and,
    after a first contact, `first_contact` and the counts by kind.
    """
    row = connection.execute(_ONE, {"npc_id": npc_id, "target_id": target_id}).mappings().first()
    if row is None:
        return {
            "target_id": target_id,
            "relationship_level": level(0),
            "trust": NEUTRAL,
            "affection": NEUTRAL,
            "interactions": 0,
            "last_contact": None,
        }
    return _shown(row)


@reads("relationships")
def relationships(
    connection: Connection, npc_id: str, *, cursor: str | None = None, limit: int = 50
) -> dict[str, Any]:
    """A page of an NPC's relationships by the other's id: `{"relationships", "next"}`; `limit` at most 500."""
    limit = max(1, min(limit, MAX_PAGE))
    values = {"npc_id": npc_id, "cursor": cursor or "", "count": limit + 1}
    found = connection.execute(_PAGE, values).mappings().all()
    shown = [_shown(row) for row in found[:limit]]
    return {"relationships": shown, "next": shown[-1]["target_id"] if len(found) > limit else None}


@reads("relationships")
def contact(connection: Connection, npc_id: str, target_id: str) -> dict[str, Any]:
    """`{"first_contact", "last_contact", "kinds": counts}`, whatever the contacts meant; empty without any."""
    row = connection.execute(_ONE, {"npc_id": npc_id, "target_id": target_id}).mappings().first()
    if row is None:
        return {}
    shown = _shown(row)
    return {key: shown[key] for key in ("first_contact", "last_contact", "kinds")}


def level(interactions: int) -> str:
    """The name of a relationship that has seen so many interactions."""
    return next(title for least, title in LEVELS if interactions >= least)


def _shown(row: Any) -> dict[str, Any]:
    return {
        "target_id": row["target_id"],
        "relationship_level": level(row["interactions"]),
        "trust": NEUTRAL,
        "affection": NEUTRAL,
        "interactions": row["interactions"],
        "last_contact": moment(row["last_contact"]).isoformat(),
        "first_contact": moment(row["first_contact"]).isoformat(),
        "kinds": from_text(row["kinds"]),
    }
