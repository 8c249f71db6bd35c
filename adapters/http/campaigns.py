"""`/api/campaigns`: campaigns themselves. Who is in them, and their evenings, have modules of their own."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from adapters import markdown
from adapters.http.access import Signed, SignedIn, realm_role
from adapters.http.paging import DEFAULT_PAGE, Cursor, Limit, page, place_of
from adapters.http.platform import Platform
from adapters.http.problems import Problem, ask, new_id
from adapters.http.versions import AtLeast, IfMatch, answer
from adapters.http.viewing import EDITS, PROBLEMS, ViewAs, edit, shows, viewer_of, written
from events.commit import Json
from projections import campaigns, forks

Prose = Annotated[str, Field(max_length=20_000)]

EXAMPLE: Json = {
    "campaign_id": "0199b6c2f1a47c3e9d5b8a7760e4d2c1",
    "name": "The Drowned Crown",
    "description": "A **sunken** city.",
    "html": {"description": "<p>A <strong>sunken</strong> city.</p>"},
    "ruleset": "2024",
    "language": "en",
    "theme": "maritime horror",
    "level": 3,
    "status": "active",
    "archived": False,
    "my_role": "owner",
    "version": 1,
    "created_at": "2026-11-27T03:00:00+00:00",
    "changed_at": "2026-11-27T03:00:00+00:00",
    "session": None,
    "sessions": 0,
    "last_ended": 0,
    "members": [
        {"account_id": "0199…", "role": "owner", "name": "mira", "joined_at": "2026-11-27T03:00:00+00:00"}
    ],
    "counts": {"location": 2, "npc": 1},
    "forked_from": None,
}


class NewCampaign(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "The Drowned Crown", "level": 3}]}
    )
    name: Annotated[str, Field(min_length=1, max_length=120)]
    description: Prose = ""
    ruleset: Literal["2014", "2024"] = "2024"
    language: Literal["en", "fr"] = "en"
    theme: Annotated[str, Field(max_length=300)] = ""
    level: Annotated[int, Field(ge=1, le=20)] = 1


class WholeCampaign(NewCampaign):
    status: Literal["active", "paused", "completed"] = "active"


class CampaignChange(BaseModel):
    """What is to be different."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"status": "paused"}]})
    name: Annotated[str, Field(min_length=1, max_length=120)] | None = None
    description: Prose | None = None
    ruleset: Literal["2014", "2024"] | None = None
    language: Literal["en", "fr"] | None = None
    theme: Annotated[str, Field(max_length=300)] | None = None
    level: Annotated[int, Field(ge=1, le=20)] | None = None
    status: Literal["active", "paused", "completed"] | None = None


class Draft(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: Prose


def router(platform: Platform) -> APIRouter:
    """The routes of campaigns as a whole."""
    routes = APIRouter(tags=["campaigns"], responses=PROBLEMS)
    _campaigns(routes, platform)
    _editing(routes, platform)
    return routes


def _campaigns(routes: APIRouter, platform: Platform) -> None:
    master = realm_role("gamemaster")

    @routes.get(
        "/api/campaigns",
        summary="Your campaigns, newest first",
        responses=shows({"items": [EXAMPLE], "next": None}),
    )
    async def mine(
        signed: SignedIn,
        at_least: AtLeast,
        archived: bool = False,
        everybodys: Annotated[
            bool, Query(alias="all", description="Admins: also those you are not in.")
        ] = False,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_PAGE,
    ) -> Json:
        after = place_of(cursor, str)
        account = None if everybodys and signed.role == "admin" else signed.account_id
        found = await platform.reader.run(
            campaigns.campaigns,
            account,
            archived=archived,
            before=after[0] if after else None,
            limit=limit,
            at_least=at_least,
        )
        return page(found, limit, lambda each: (each["campaign_id"],), lambda each: _listed(each, signed))

    @routes.post("/api/campaigns", summary="A new campaign", status_code=201, responses=shows(EXAMPLE, 201))
    async def create(body: NewCampaign, request: Request, signed: Signed = master) -> Response:
        """Whoever creates it is its owner."""
        campaign_id = new_id(signed, request)
        reply = await ask(
            platform, "campaign.create", f"campaign/{campaign_id}", body.model_dump(), signed, request
        )
        return await written(
            reply, lambda position: read_one(platform, signed, campaign_id, None, position), 201
        )

    @routes.get("/api/campaigns/{campaign_id}", summary="One campaign", responses=shows(EXAMPLE))
    async def one(campaign_id: str, signed: SignedIn, at_least: AtLeast, view_as: ViewAs = None) -> Response:
        """With its members, the evening that runs, and how many elements of each kind you see."""
        found = await read_one(platform, signed, campaign_id, view_as, at_least)
        return answer(found, version=found["version"])


def _editing(routes: APIRouter, platform: Platform) -> None:
    async def change(
        campaign_id: str, args: Json, signed: Signed, request: Request, verb: str = "change"
    ) -> Response:
        reply = await edit(platform, f"campaign.{verb}", f"campaign/{campaign_id}", args, signed, request)
        return await written(reply, lambda position: read_one(platform, signed, campaign_id, None, position))

    @routes.put(
        "/api/campaigns/{campaign_id}",
        summary="Replace a campaign's description",
        responses={**shows(EXAMPLE), **EDITS},
    )
    async def replace(
        campaign_id: str, body: WholeCampaign, version: IfMatch, request: Request, signed: SignedIn
    ) -> Response:
        return await change(campaign_id, {**body.model_dump(), "expected": version}, signed, request)

    @routes.patch(
        "/api/campaigns/{campaign_id}", summary="Change a campaign", responses={**shows(EXAMPLE), **EDITS}
    )
    async def alter(
        campaign_id: str, body: CampaignChange, version: IfMatch, request: Request, signed: SignedIn
    ) -> Response:
        args = body.model_dump(exclude_none=True)
        return await change(campaign_id, {**args, "expected": version}, signed, request)

    @routes.delete(
        "/api/campaigns/{campaign_id}", summary="Archive a campaign", responses={**shows(EXAMPLE), **EDITS}
    )
    async def archive(campaign_id: str, version: IfMatch, request: Request, signed: SignedIn) -> Response:
        """Nothing is deleted: it rests, can be read, and can be restored."""
        return await change(campaign_id, {"expected": version}, signed, request, "archive")

    @routes.post(
        "/api/campaigns/{campaign_id}/restore",
        summary="Restore an archived campaign",
        responses={**shows(EXAMPLE), **EDITS},
    )
    async def restore(campaign_id: str, request: Request, signed: SignedIn) -> Response:
        return await change(campaign_id, {}, signed, request, "restore")

    @routes.post(
        "/api/campaigns/{campaign_id}/render",
        summary="How a text will look",
        responses=shows({"html": "<p>…</p>"}),
    )
    async def render(campaign_id: str, body: Draft, signed: SignedIn) -> Json:
        await viewer_of(platform, signed, campaign_id, None, None)
        return {"html": markdown.render(body.text, {}, campaign_id)}


def _listed(each: Json, signed: Signed) -> Json:
    mine = next((m["role"] for m in each["members"] if m["account_id"] == signed.account_id), "")
    return each | {"my_role": mine or ("owner" if signed.role == "admin" else "")}


async def read_one(
    platform: Platform, signed: Signed, campaign_id: str, view_as: str | None, at_least: int | None
) -> Json:
    """A campaign as it is shown to who asks, or for game masters to `view_as`. Raises `Problem` 404, 403."""
    viewer = await viewer_of(platform, signed, campaign_id, view_as, at_least)
    found: Json | None = await platform.reader.run(
        forks.campaign_and_origin, campaign_id, viewer, at_least=at_least
    )
    if found is None:
        raise Problem(404, detail="there is no such campaign", field="campaign_id")
    return found | {"html": {"description": markdown.render(found["description"], {}, campaign_id)}}
