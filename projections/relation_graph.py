"""Who stands how to whom, as a graph: around one NPC, or what moved last, now and at any position."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, select

from projections.feed_places import time_at
from projections.mind_fold import NAME, MindRules
from projections.mind_history import pair_then, recent_relations, related, relations_then, strongest, then
from projections.npc_pages import registered_among
from projections.projection import reads
from projections.relationships import RELATIONSHIPS

MAX_EDGES = 1000
MAX_NEIGHBOURS = 24
"""Of so many of those it cares about, it is told how they stand to each other."""
MAX_ADMIRERS = 100
MAX_AMONG = 50
"""Of so many at once it is told how they stand to each other."""
FACTION = "faction/"


@reads(NAME, "npcs", "relationships", "feed")
def graph(
    connection: Connection,
    rules: MindRules,
    *,
    npc_id: str = "",
    at: int,
    now: int | None = None,
    limit: int = 300,
) -> dict[str, Any]:
    """`{"nodes": [{"id", "kind", "name"}], "edges": [{"from", "to", "kind", "label", "weight", …}], "more"}`.

    Around an NPC: those it has feelings about, those who have some about it, and the NPCs among them. Without one, the
    relationships that were moved last. `at` is a position, `now` the moment (µs) of the readings, else that of `at`.
    """
    limit = max(1, min(limit, MAX_EDGES))
    at_us = now or time_at(connection, at)
    edges: dict[tuple[str, str], dict[str, Any]] = {}
    if npc_id:
        _around(connection, rules, npc_id, at, at_us, limit, edges)
    else:
        for source, target, position, state in recent_relations(connection, at, limit + 1):
            edges[source, target] = related(target, position, state, max(at_us, state.at))
    shown = dict(list(edges.items())[:limit])
    people = list(dict.fromkeys([npc_id] * bool(npc_id) + [each for pair in shown for each in pair]))
    npcs = registered_among(connection, people) | {source for source, _ in shown}
    return {
        "nodes": [{"id": each, "kind": _kind(each, npcs), "name": _name(each)} for each in people],
        "edges": _shown(shown),
        "more": len(edges) > limit,
    }


@reads(NAME, "npcs", "relationships", "feed")
def among(
    connection: Connection, rules: MindRules, npc_ids: Iterable[str], *, at: int, now: int | None = None
) -> dict[str, Any]:
    """As `graph`: the registered NPCs of `npc_ids`, the first `MAX_AMONG` by name, and how they stand to each other."""
    at_us = now or time_at(connection, at)
    there = sorted(registered_among(connection, sorted(set(npc_ids))))
    minds = {each: then(connection, each, at, rules) for each in there[:MAX_AMONG]}
    some = {each: mind for each, mind in minds.items() if mind is not None}
    edges = {
        (each, edge["target_id"]): edge
        for each, mind in some.items()
        for edge in strongest(relations_then(mind, at_us))
        if edge["target_id"] in some
    }
    return {
        "nodes": [{"id": each, "kind": "npc", "name": each} for each in some],
        "edges": _shown(edges),
        "more": len(there) > MAX_AMONG,
    }


def _shown(edges: dict[tuple[str, str], dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "from": source,
            "to": target,
            "kind": "relation",
            "label": edge["level"],
            "weight": edge["score"],
            **{name: edge[name] for name in ("trust", "affection", "interactions", "position")},
        }
        for (source, target), edge in edges.items()
    ]


def _around(
    connection: Connection,
    rules: MindRules,
    npc_id: str,
    at: int,
    at_us: int,
    limit: int,
    edges: dict[tuple[str, str], dict[str, Any]],
) -> None:
    known = then(connection, npc_id, at, rules)
    own = strongest(relations_then(known, at_us)) if known is not None else []
    for edge in own[: limit + 1]:
        edges[npc_id, edge["target_id"]] = edge
    admirers = connection.execute(
        select(RELATIONSHIPS.c.npc_id).where(RELATIONSHIPS.c.target_id == npc_id).limit(MAX_ADMIRERS)
    )
    circle = {npc_id, *(edge["target_id"] for edge in own[:limit])}
    for (admirer,) in admirers.all():
        found = pair_then(connection, admirer, npc_id, at)
        if found is not None:
            edges[admirer, npc_id] = related(npc_id, *found, max(at_us, found[1].at))
            circle.add(admirer)
    others = sorted(registered_among(connection, sorted(circle - {npc_id})))
    for neighbour in others[:MAX_NEIGHBOURS]:
        mind = then(connection, neighbour, at, rules)
        for edge in relations_then(mind, at_us) if mind is not None else ():
            if edge["target_id"] in circle:
                edges.setdefault((neighbour, edge["target_id"]), edge)


def _kind(each: str, npcs: set[str]) -> str:
    if each.startswith(FACTION):
        return "faction"
    return "npc" if each in npcs else "player"


def _name(each: str) -> str:
    return each.removeprefix(FACTION)
