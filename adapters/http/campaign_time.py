"""What changed in a campaign, how it was at any log position, and its graph, now or then."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Query

from adapters import rulebooks
from adapters.http.access import Signed, SignedIn
from adapters.http.paging import DEFAULT_PAGE, MAX_PAGE, Cursor, Limit, page, place_of
from adapters.http.platform import Platform
from adapters.http.problems import Problem
from adapters.http.versions import AtLeast
from adapters.http.viewing import PROBLEMS, At, ViewAs, position_of, shows, viewer_of
from events.commit import Json
from projections import campaign_graph, campaign_time, relation_graph
from projections.elements import brief_shown
from projections.mind_history import NEW
from projections.sight import Viewer

WORLD = "world/"
"""Before the ids of the game world's NPCs, so that no element is taken for one."""

_CHANGE: Json = {
    "position": 41,
    "ordinal": 0,
    "at": "2026-11-27T03:00:00+00:00",
    "actor": {"kind": "account", "id": "0199…", "name": "mira"},
    "what": "element.changed",
    "name": "Ilsa Vane",
    "fields": ["name"],
    "element_id": "0199…",
    "kind": "npc",
}
_GRAPH: Json = {
    "nodes": [{"id": "0199…", "kind": "npc", "name": "Ilsa Vane", "visibility": "all"}],
    "edges": [{"from": "0199…", "to": "0199…", "kind": "location_id", "label": "", "weight": 0, "since": 12}],
    "position": 41,
    "more": False,
}
_THEN: Json = {
    "position": 12,
    "at": "2026-11-27T03:00:00+00:00",
    "campaign": {"name": "The Drowned Crown", "status": "active"},
    "members": [],
    "sessions": [],
    "characters": [],
    "elements": [
        {"element_id": "0199…", "kind": "npc", "name": "Ilsa Vane", "visibility": "all", "version": 1}
    ],
    "next": None,
}


def router(platform: Platform) -> APIRouter:
    """The routes of a campaign's time and graph."""
    routes = APIRouter(tags=["campaigns: time"], responses=PROBLEMS)

    @routes.get(
        "/api/campaigns/{campaign_id}/changes",
        summary="What happened, the latest first",
        responses=shows({"items": [_CHANGE], "next": None, "since": 12}),
    )
    async def changes(
        campaign_id: str,
        signed: SignedIn,
        at_least: AtLeast,
        since: Annotated[
            str, Query(max_length=40, description="session: since the last evening ended; else as `at`.")
        ] = "",
        view_as: ViewAs = None,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_PAGE,
    ) -> Json:
        viewer = await viewer_of(platform, signed, campaign_id, view_as, at_least)
        if since == "session":
            start = await platform.reader.run(
                campaign_time.since_last_session, campaign_id, at_least=at_least
            )
        else:
            start = await position_of(platform, campaign_id, since, "since") or 0
        before = place_of(cursor, int, int)
        found = await platform.reader.run(
            campaign_time.changes,
            campaign_id,
            viewer,
            since=start,
            before=(before[0], before[1]) if before else None,
            limit=limit,
            at_least=at_least,
        )
        return page(found, limit, lambda each: (each["position"], each["ordinal"]), _itself) | {
            "since": start
        }

    @routes.get(
        "/api/campaigns/{campaign_id}/graph",
        summary="What refers to what, now or then",
        responses=shows(_GRAPH),
    )
    async def graph(
        campaign_id: str,
        signed: SignedIn,
        at_least: AtLeast,
        at: At = None,
        view_as: ViewAs = None,
        limit: Annotated[int, Query(ge=1, le=campaign_graph.MAX_NODES)] = 500,
        npcs: Annotated[
            bool,
            Query(description="Game masters: with the game world's NPCs that elements name by `npc_id`."),
        ] = False,
    ) -> Json:
        """Elements and players' characters; an edge's `kind` is the field that refers.

        With `npcs` also nodes of kind `world_npc`, an edge of kind `npc_id` from each element that names one, and how
        they stand to each other: edges of kind `relation` with a weight from -1 to 1.
        """
        viewer = await viewer_of(platform, signed, campaign_id, view_as, at_least)
        position = await position_of(platform, campaign_id, at)
        found: Json = await platform.reader.run(
            campaign_graph.graph, campaign_id, viewer, at=position, limit=limit, at_least=at_least
        )
        return await _with_npcs(platform, found, signed, viewer, position, at_least) if npcs else found

    @routes.get(
        "/api/campaigns/{campaign_id}/at",
        summary="A campaign as it was, or how two moments differ",
        responses=shows(_THEN),
    )
    async def then(
        campaign_id: str,
        signed: SignedIn,
        at_least: AtLeast,
        position: At = None,
        compare: Annotated[
            str | None, Query(max_length=40, description="Answer how the elements differ from this moment.")
        ] = None,
        view_as: ViewAs = None,
        cursor: Cursor = None,
        limit: Limit = MAX_PAGE,
    ) -> Json:
        """Without `position`, as it is. With `compare`: `{from, to, added, removed, changed, more}`."""
        viewer = await viewer_of(platform, signed, campaign_id, view_as, at_least)
        at = await position_of(platform, campaign_id, position, "position")
        if at is None:
            at = await platform.reader.run(campaign_time.head, at_least=at_least)
        if compare is not None:
            other = await position_of(platform, campaign_id, compare, "compare")
            if other is None:
                raise Problem(422, detail="compare: a log position, a time or an age", field="compare")
            earlier, later = sorted((at, other))
            found: Json = await platform.reader.run(
                campaign_time.compare, campaign_id, viewer, earlier, later, at_least=at_least
            )
            return found
        after = place_of(cursor, str, str)
        was = await platform.reader.run(
            campaign_time.as_of,
            campaign_id,
            viewer,
            at,
            after=(after[0], after[1]) if after else None,
            limit=limit,
            at_least=at_least,
        )
        some = page(was["elements"], limit, lambda each: (each["sort"], each["element_id"]), brief_shown)
        return was | {"elements": some["items"], "next": some["next"]}

    return routes


async def _with_npcs(
    platform: Platform,
    found: Json,
    signed: Signed,
    viewer: Viewer,
    position: int | None,
    at_least: int | None,
) -> Json:
    """A campaign's graph joined with the NPCs of the game world that its elements name. Raises `Problem` 403."""
    if not viewer.master:
        raise Problem(403, detail="npcs: only game masters see the game world's NPCs", code="campaign_role")
    if not signed.has("gamemaster", "operator"):
        raise Problem(
            403, detail=f"npcs: this needs the role gamemaster; yours is {signed.role}", code="role"
        )
    named = {node["npc_id"] for node in found["nodes"] if node.get("npc_id")}
    known = await platform.reader.run(
        relation_graph.among,
        rulebooks.load(),
        named,
        at=NEW if position is None else position,
        now=time.time_ns() // 1000 if position is None else None,
        at_least=at_least,
    )
    there = {node["id"] for node in known["nodes"]}
    naming = [
        {
            "from": node["id"],
            "to": WORLD + node["npc_id"],
            "kind": "npc_id",
            "label": "",
            "weight": 0,
            "since": None,
        }
        for node in found["nodes"]
        if node.get("npc_id") in there
    ]
    relations = [
        {
            **{part: edge[part] for part in ("kind", "label", "weight")},
            "from": WORLD + edge["from"],
            "to": WORLD + edge["to"],
            "since": edge["position"],
        }
        for edge in known["edges"]
    ]
    world = [
        {"id": WORLD + each, "kind": "world_npc", "name": each, "visibility": "gm", "npc_id": each}
        for each in sorted(there)
    ]
    return found | {
        "nodes": found["nodes"] + world,
        "edges": found["edges"] + naming + relations,
        "more": found["more"] or known["more"],
    }


def _itself(each: Any) -> Any:
    return each
