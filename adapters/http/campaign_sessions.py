"""`/api/campaigns/{id}/sessions`: the evenings of a campaign, begun, ended and told afterwards."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from adapters import markdown
from adapters.http.access import SignedIn
from adapters.http.campaigns import Prose
from adapters.http.paging import DEFAULT_PAGE, Cursor, Limit, page, place_of
from adapters.http.platform import Platform
from adapters.http.versions import AtLeast
from adapters.http.viewing import EDITS, PROBLEMS, ViewAs, replied, shows, viewer_of
from events.commit import Json
from projections import campaigns

Line = Annotated[str, Field(max_length=400)]


class NewSession(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: Line = ""


class SessionEnd(BaseModel):
    """`recap` is the game masters'; `recap_players` is what players read."""

    model_config = ConfigDict(extra="forbid")
    recap: Prose = ""
    recap_players: Prose = ""


class SessionChange(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: Line | None = None
    recap: Prose | None = None
    recap_players: Prose | None = None


def router(platform: Platform) -> APIRouter:
    """The routes of evenings."""
    routes = APIRouter(tags=["campaigns"], responses=PROBLEMS)
    session = {"campaign_id": "0199…", "number": 1, "version": 9}
    evening = {
        "number": 1,
        "title": "Into the deep",
        "started_at": "2026-11-27T18:00:00+00:00",
        "started_position": 12,
        "ended_at": None,
        "ended_position": None,
        "recap": "",
        "recap_players": "",
        "html": {"recap": "", "recap_players": ""},
    }

    @routes.get(
        "/api/campaigns/{campaign_id}/sessions",
        summary="Evenings, the latest first",
        responses=shows({"items": [evening], "next": None}),
    )
    async def some(
        campaign_id: str,
        signed: SignedIn,
        at_least: AtLeast,
        view_as: ViewAs = None,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_PAGE,
    ) -> Json:
        viewer = await viewer_of(platform, signed, campaign_id, view_as, at_least)
        after = place_of(cursor, int)
        found = await platform.reader.run(
            campaigns.sessions,
            campaign_id,
            viewer,
            before=after[0] if after else None,
            limit=limit,
            at_least=at_least,
        )
        return page(found, limit, lambda each: (each["number"],), lambda each: _evening(each, campaign_id))

    @routes.post(
        "/api/campaigns/{campaign_id}/sessions",
        summary="Begin an evening",
        status_code=201,
        responses={**shows(session, 201), 409: EDITS[409]},
    )
    async def start(campaign_id: str, body: NewSession, request: Request, signed: SignedIn) -> Response:
        return await replied(platform, "start_session", campaign_id, body.model_dump(), signed, request, 201)

    @routes.post(
        "/api/campaigns/{campaign_id}/sessions/current/end",
        summary="End the evening",
        responses={**shows(session), 409: EDITS[409]},
    )
    async def end(campaign_id: str, body: SessionEnd, request: Request, signed: SignedIn) -> Response:
        return await replied(platform, "end_session", campaign_id, body.model_dump(), signed, request)

    @routes.patch(
        "/api/campaigns/{campaign_id}/sessions/{number}",
        summary="Write a recap afterwards",
        responses={**shows(session), 409: EDITS[409]},
    )
    async def recap(
        campaign_id: str,
        number: Annotated[int, Field(ge=1, le=100_000)],
        body: SessionChange,
        request: Request,
        signed: SignedIn,
    ) -> Response:
        args = {"number": number, **body.model_dump(exclude_none=True)}
        return await replied(platform, "change_session", campaign_id, args, signed, request)

    return routes


def _evening(each: Json, campaign_id: str) -> Json:
    html = {
        part: markdown.render(each[part], {}, campaign_id)
        for part in ("recap", "recap_players")
        if part in each
    }
    return each | {"html": html}
