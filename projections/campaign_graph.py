"""The graph of a campaign: its elements and characters as nodes, what refers to what as edges, now or at a position."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from projections.campaign_tables import OPEN
from projections.campaigns import NAME, position
from projections.characters import characters, characters_at
from projections.element_tables import ELEMENTS, REFERENCES, SPANS
from projections.elements import fields_shown, loaded, past_briefs, spans_at
from projections.projection import reads
from projections.sight import Viewer, narrowed, seen_by

MAX_NODES = 2000
MAX_EDGES = 20_000
SOURCES_AT_ONCE = 500

_NODE = (
    "element_id",
    "campaign_id",
    "kind",
    "status",
    "visibility",
    "name",
    "npc_id",
    "members",
    "field_visibility",
)


@reads(NAME)
def graph(
    connection: Connection, campaign_id: str, viewer: Viewer, *, at: int | None = None, limit: int = MAX_NODES
) -> dict[str, Any]:
    """`{"nodes", "edges", "position", "more"}` as `viewer` may see it; `more`: there are more nodes than `limit`.

    Nodes are `{id, kind, name, visibility, npc_id?}`; edges `{from, to, kind, label, weight, since}`, their kind the
    field that refers. An edge is there if both its ends and its field may be seen.
    """
    limit = max(1, min(limit, MAX_NODES))
    rows = _nodes(connection, campaign_id, viewer, at, limit)
    nodes, shown = list[dict[str, Any]](), dict[str, Any]()
    for row, now in rows[:limit]:
        seen = seen_by(row, viewer, now)
        if seen is not None:
            nodes.append(_node(seen))
            shown[row["element_id"]] = fields_shown(row, now, viewer)
    edges = _edges(connection, campaign_id, shown, at)
    company = (
        characters(connection, campaign_id, viewer)
        if at is None
        else characters_at(connection, campaign_id, viewer, at)
    )
    for each in company:
        nodes.append(
            {"id": each["character_id"], "kind": "character", "name": each["name"], "visibility": "all"}
        )
        where = each["fields"].get("location_id")
        if where in shown:
            edges.append(
                {
                    "from": each["character_id"],
                    "to": where,
                    "kind": "location_id",
                    "label": "",
                    "weight": 0,
                    "since": None,
                }
            )
    return {
        "nodes": nodes,
        "edges": edges,
        "position": position(connection) if at is None else at,
        "more": len(rows) > limit or len(edges) >= MAX_EDGES,
    }


def _nodes(
    connection: Connection, campaign_id: str, viewer: Viewer, at: int | None, limit: int
) -> list[tuple[dict[str, Any], dict[str, Any] | None]]:
    if at is None:
        query = select(*(ELEMENTS.c[part] for part in _NODE)).where(
            ELEMENTS.c.campaign_id == campaign_id, ELEMENTS.c.status == "live"
        )
        ordered = narrowed(query, ELEMENTS, viewer).order_by(ELEMENTS.c.sort, ELEMENTS.c.element_id)
        return [(loaded(row), None) for row in connection.execute(ordered.limit(limit + 1)).mappings()]
    past = narrowed(spans_at(campaign_id, at).where(SPANS.c.status == "live"), SPANS, viewer)
    ordered = past.order_by(SPANS.c.sort, SPANS.c.element_id).limit(limit + 1)
    return [(row, now) for row, now in past_briefs(connection, ordered)]


def _node(seen: Mapping[str, Any]) -> dict[str, Any]:
    node = {
        "id": seen["element_id"],
        "kind": seen["kind"],
        "name": seen["name"],
        "visibility": seen["visibility"],
    }
    return node | ({"npc_id": seen["npc_id"]} if seen["npc_id"] else {})


def _edges(
    connection: Connection, campaign_id: str, shown: Mapping[str, Any], at: int | None
) -> list[dict[str, Any]]:
    query = select(REFERENCES).where(REFERENCES.c.campaign_id == campaign_id)
    if at is None:
        query = query.where(REFERENCES.c.until == OPEN)
    else:
        query = query.where(REFERENCES.c.until > at, REFERENCES.c.since <= at)
    sources, rows = sorted(shown), list[Any]()
    for start in range(0, len(sources), SOURCES_AT_ONCE):
        some = query.where(REFERENCES.c.from_id.in_(sources[start : start + SOURCES_AT_ONCE]))
        # In the order of the key, so that the same graph is the same text.
        ordered = some.order_by(*REFERENCES.primary_key).limit(MAX_EDGES - len(rows))
        rows += connection.execute(ordered).mappings()
    return [
        {
            "from": row["from_id"],
            "to": row["to_id"],
            "kind": row["field"],
            "label": row["label"],
            "weight": row["weight"],
            "since": row["since"],
        }
        for row in rows
        if row["to_id"] in shown and row["field"] in shown.get(row["from_id"], ())
    ]
