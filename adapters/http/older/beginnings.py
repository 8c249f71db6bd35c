"""`…/generate_content` and `…/content_status`: a campaign that is filled while its page asks how far that is."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request

from adapters.gamemaster.wanted import Asker
from adapters.http.access import LEADS, SignedIn, member
from adapters.http.older.wording import Forgiving, done
from adapters.http.platform import Platform
from adapters.http.problems import Problem, correlation, new_id
from adapters.http.versions import AtLeast
from events.commit import Json
from projections import campaigns, images, proposals
from projections.sight import Viewer

CampaignId = Annotated[str, Path(max_length=64)]


def router(platform: Platform) -> APIRouter:
    """The routes of filling a campaign."""
    routes = APIRouter(
        prefix="/api/gamemaster/campaign/{campaign_id}", tags=["older clients"], route_class=Forgiving
    )
    beginnings = platform.assistant.beginnings

    @routes.post("/generate_content", summary="Have a place, a person and a quest drafted to begin with")
    async def fill(campaign_id: CampaignId, request: Request, signed: SignedIn, at_least: AtLeast) -> Json:
        """They wait as proposals: nothing enters a campaign that nobody accepted."""
        found = await member(platform, signed, campaign_id, *LEADS, at_least=at_least)
        row = await platform.reader.run(
            campaigns.campaign, campaign_id, Viewer(found.account_id, found.role), at_least=at_least
        )
        if row is None:
            raise Problem(404, detail="there is no such campaign", field="campaign_id")
        begun = beginnings.begin(
            campaign_id,
            row["language"],
            Asker(signed.actor, correlation(request)),
            lambda kind: new_id(signed, request, f"beginning/{kind}"),
        )
        told = "proposals are being drafted" if begun else "proposals are being drafted already"
        return done(status="started", message=told)

    @routes.get("/content_status", summary="How far the drafting is")
    async def status(campaign_id: CampaignId, signed: SignedIn, at_least: AtLeast) -> Json:
        """NotStarted, InProgress, Completed or Failed; ImagesInProgress while pictures are being made."""
        await member(platform, signed, campaign_id, *LEADS, at_least=at_least)
        reader = platform.reader
        known = beginnings.of(campaign_id)
        if known is not None:
            ended = known.ended.isoformat() if known.ended else None
            told = {"error": known.problem or None, "started_at": known.started.isoformat()}
            word = "InProgress" if ended is None else "Failed" if known.problem else "Completed"
        else:
            # What another gateway made, or this one before it was started again.
            found = await reader.run(proposals.proposals, campaign_id, limit=1, at_least=at_least)
            ended = found["items"][0]["at"] if found["items"] else None
            told, word = {"error": None, "started_at": ended}, "Completed" if ended else "NotStarted"
        pictures: int = await reader.run(images.in_the_making, campaign_id, at_least=at_least)
        if word == "Completed" and pictures:
            word = "ImagesInProgress"
        return done(status=word, **told, completed_at=ended)

    return routes
