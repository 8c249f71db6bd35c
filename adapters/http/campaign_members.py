"""`/api/campaigns/{id}/members` and `/owner`: who is in a campaign, and as what."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from adapters.http.access import SignedIn
from adapters.http.campaigns import EXAMPLE as CAMPAIGN
from adapters.http.campaigns import read_one
from adapters.http.platform import Platform
from adapters.http.problems import Problem
from adapters.http.versions import AtLeast
from adapters.http.viewing import EDITS, PROBLEMS, replied, shows, viewer_of
from events.commit import Json

Role = Literal["cogm", "player", "observer"]
Id = Annotated[str, Field(min_length=1, max_length=128)]


class NewMember(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"account_id": "0199…", "role": "player"}]}
    )
    account_id: Id
    role: Role = "player"


class MemberRole(BaseModel):
    model_config = ConfigDict(extra="forbid")
    role: Role


class Owner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    account_id: Id


def router(platform: Platform) -> APIRouter:
    """The routes of members."""
    routes = APIRouter(tags=["campaigns"], responses=PROBLEMS)
    member = {"account_id": "0199…", "role": "player", "campaign_id": "0199…", "version": 7}

    @routes.get(
        "/api/campaigns/{campaign_id}/members",
        summary="Members",
        responses=shows({"items": CAMPAIGN["members"], "next": None}),
    )
    async def members(campaign_id: str, signed: SignedIn, at_least: AtLeast) -> Json:
        found = await read_one(platform, signed, campaign_id, None, at_least)
        return {"items": found["members"], "next": None}

    @routes.post(
        "/api/campaigns/{campaign_id}/members",
        summary="Invite somebody",
        status_code=201,
        responses={**shows(member, 201), 409: EDITS[409]},
    )
    async def invite(campaign_id: str, body: NewMember, request: Request, signed: SignedIn) -> Response:
        """Game masters invite; only the owner makes somebody a co-GM."""
        await viewer_of(platform, signed, campaign_id, None, None)
        account = await platform.accounts.people.find(body.account_id)
        if account is None:
            raise Problem(422, detail="account_id: there is no such account", field="account_id")
        args = {**body.model_dump(), "name": account.display or account.name}
        return await replied(platform, "add_member", campaign_id, args, signed, request, 201)

    @routes.patch(
        "/api/campaigns/{campaign_id}/members/{account_id}",
        summary="Change a member's role",
        responses={**shows(member), 409: EDITS[409]},
    )
    async def promote(
        campaign_id: str, account_id: str, body: MemberRole, request: Request, signed: SignedIn
    ) -> Response:
        return await replied(
            platform,
            "change_member",
            campaign_id,
            {"account_id": account_id, "role": body.role},
            signed,
            request,
        )

    @routes.delete(
        "/api/campaigns/{campaign_id}/members/{account_id}",
        summary="Remove a member, or leave",
        responses={**shows(member), 409: EDITS[409]},
    )
    async def remove(campaign_id: str, account_id: str, request: Request, signed: SignedIn) -> Response:
        return await replied(
            platform, "remove_member", campaign_id, {"account_id": account_id}, signed, request
        )

    @routes.post(
        "/api/campaigns/{campaign_id}/owner",
        summary="Hand the campaign over to a member",
        responses={**shows(member), 409: EDITS[409]},
    )
    async def hand_over(campaign_id: str, body: Owner, request: Request, signed: SignedIn) -> Response:
        """The owner becomes a co-GM."""
        return await replied(platform, "hand_over", campaign_id, body.model_dump(), signed, request)

    return routes
