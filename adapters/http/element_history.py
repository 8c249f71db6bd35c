"""`/api/elements/{id}/revisions` and `…/backlinks`: what was done to an element, and what refers to it since when."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from adapters.http.access import SignedIn
from adapters.http.element_bodies import Given
from adapters.http.elements import dressed
from adapters.http.paging import DEFAULT_PAGE, Cursor, Limit, page, place_of
from adapters.http.platform import Platform
from adapters.http.problems import Problem
from adapters.http.versions import AtLeast, answer
from adapters.http.viewing import PROBLEMS, At, ViewAs, no_element, position_of, shows, viewer_of_element
from events.commit import Json
from projections import backlinks, element_revisions, elements


def router(platform: Platform) -> APIRouter:
    """The routes of an element's history."""
    routes = APIRouter(tags=["elements: history"], responses=PROBLEMS)
    revision = {
        "version": 2,
        "position": 41,
        "at": "2026-11-27T03:00:00+00:00",
        "actor": {"kind": "account", "id": "0199…", "name": "mira"},
        "what": ["element.changed"],
        "changed": ["name"],
        "visibility": "all",
        "origin": {"by": "hand"},
    }

    @routes.get(
        "/api/elements/{element_id}/revisions",
        summary="What was done to it, the latest first",
        responses=shows({"items": [revision], "next": None}),
    )
    async def revisions(
        element_id: Given,
        signed: SignedIn,
        at_least: AtLeast,
        view_as: ViewAs = None,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_PAGE,
    ) -> Json:
        """Players see what changed something they may see."""
        _, viewer = await viewer_of_element(platform, signed, element_id, view_as, at_least)
        before = place_of(cursor, int)
        found = await platform.reader.run(
            element_revisions.revisions,
            element_id,
            viewer,
            before=before[0] if before else None,
            limit=limit,
            at_least=at_least,
        )
        if not found and before is None:
            raise no_element()
        return page(found, limit, lambda each: (each["version"],), lambda each: each)

    @routes.get(
        "/api/elements/{element_id}/revisions/{version}",
        summary="It as it was after a revision",
        responses=shows(revision | {"fields": {"name": "Ilsa Vane"}}),
    )
    async def one(
        element_id: Given,
        version: Annotated[int, Path(ge=1, le=1_000_000_000)],
        signed: SignedIn,
        at_least: AtLeast,
        view_as: ViewAs = None,
    ) -> Response:
        campaign_id, viewer = await viewer_of_element(platform, signed, element_id, view_as, at_least)
        found = await platform.reader.run(
            element_revisions.revision, element_id, version, viewer, at_least=at_least
        )
        if found is None:
            raise Problem(404, detail="there is no such revision", field="version")
        return answer(await dressed(found, campaign_id))

    link = {
        "element_id": "0199…",
        "kind": "npc",
        "name": "Ilsa Vane",
        "field": "location_id",
        "label": "",
        "weight": 0,
        "since": 12,
        "until": None,
    }

    @routes.get(
        "/api/elements/{element_id}/backlinks",
        summary="What refers to it",
        responses=shows({"items": [link], "next": None}),
    )
    async def links(
        element_id: Given,
        signed: SignedIn,
        at_least: AtLeast,
        at: At = None,
        history: Annotated[bool, Query(description="Game masters: also what refers to it no more.")] = False,
        view_as: ViewAs = None,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_PAGE,
    ) -> Json:
        campaign_id, viewer = await viewer_of_element(platform, signed, element_id, view_as, at_least)
        position = await position_of(platform, campaign_id, at)
        if (
            await platform.reader.run(elements.seen, element_id, viewer, at=position, at_least=at_least)
            is None
        ):
            raise no_element()
        after = place_of(cursor, str, str, str, int)
        found = await platform.reader.run(
            backlinks.backlinks,
            campaign_id,
            element_id,
            viewer,
            at=position,
            ended=history,
            after=(after[0], after[1], after[2], after[3]) if after else None,
            limit=limit,
            at_least=at_least,
        )
        key = ("element_id", "field", "label", "since")
        return page(found, limit, lambda each: [each[part] for part in key], lambda each: each)

    return routes
