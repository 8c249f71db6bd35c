"""`/api/campaigns/{id}/fork`: a new campaign that begins as this one was at a position of the log."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from adapters.http.access import SignedIn, member
from adapters.http.campaigns import EXAMPLE, read_one
from adapters.http.platform import Platform
from adapters.http.problems import Problem, ask, new_id
from adapters.http.versions import MAX_POSITION, AtLeast, answer
from adapters.http.viewing import EDITS, PROBLEMS, position_of, shows, written
from commands.campaign_fork import MAX_ELEMENTS
from commands.membership import OWNER
from events.campaign import CampaignForkBegun
from events.commit import Json
from projections import campaign_time, forks

FORKED: Json = {
    **EXAMPLE,
    "name": "The Drowned Crown, if Ilsa had lived",
    "status": "forking",
    "forked_from": {
        "campaign_id": "0199…",
        "position": 12,
        "state": "forking",
        "elements": 3,
        "copied": 0,
        "characters": 0,
        "problem": "",
        "begun_at": "2026-11-27T03:00:00+00:00",
        "ended_at": None,
    },
}


class NewFork(BaseModel):
    """`at` is a log position, an RFC 3339 time or an age such as 2h; without it, as the campaign is."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "The Drowned Crown, if Ilsa had lived", "at": "12"}]},
    )
    name: Annotated[str, Field(min_length=1, max_length=120)]
    at: Annotated[str, Field(max_length=40)] | Annotated[int, Field(ge=1, lt=MAX_POSITION)] | None = None


def router(platform: Platform) -> APIRouter:
    """The route of forks."""
    routes = APIRouter(tags=["campaigns: time"], responses=PROBLEMS)

    @routes.post(
        "/api/campaigns/{campaign_id}/fork",
        summary="A new campaign that begins as this one was",
        status_code=202,
        responses={**shows(FORKED, 202), 409: EDITS[409]},
    )
    async def fork(
        campaign_id: str, body: NewFork, signed: SignedIn, request: Request, at_least: AtLeast
    ) -> Response:
        """By the owner, who owns the new one, too. Elements, references, who sees what, and characters are copied
        meanwhile; until `forked_from.state` is `finished` nobody can change anything in it. Nobody else is a member.
        Repeating the request under the same `Idempotency-Key` gives the same campaign."""
        await member(platform, signed, campaign_id, OWNER, at_least=at_least)
        fork_id = new_id(signed, request, "fork")

        async def shown(position: int | None) -> Json:
            return await read_one(platform, signed, fork_id, None, position)

        async for recorded in platform.log.read(f"campaign/{fork_id}"):
            # Asked for before: what the original is like now does not matter.
            begun = next(
                (each for each in recorded.commit.events if isinstance(each, CampaignForkBegun)), None
            )
            if begun is None or begun.origin != campaign_id:
                raise Problem(
                    409, detail="Idempotency-Key: it was used for something else", field="Idempotency-Key"
                )
            found = await shown(recorded.position)
            return answer(found, 202, position=recorded.position, version=found["version"])
        head = await platform.reader.run(campaign_time.head, at_least=at_least)
        asked = await position_of(platform, campaign_id, None if body.at is None else str(body.at))
        position = head if asked is None else min(asked, head)
        details = await platform.reader.run(campaign_time.details_at, campaign_id, position)
        if details is None:
            raise Problem(422, detail="at: there was no such campaign then", field="at")
        if details["status"] == "forking":
            raise Problem(422, detail="at: the campaign was itself being copied then", field="at")
        elements = await platform.reader.run(forks.elements_then, campaign_id, position)
        if elements > MAX_ELEMENTS:
            told = f"at: it had {elements} elements then; at most {MAX_ELEMENTS} can be copied"
            raise Problem(422, detail=told, field="at")
        kept = ("description", "ruleset", "language", "theme", "level")
        args = {
            "origin": campaign_id,
            "position": position,
            "elements": elements,
            "name": body.name,
            **{part: details[part] for part in kept},
        }
        reply = await ask(platform, "campaign.fork", f"campaign/{fork_id}", args, signed, request)
        return await written(reply, shown, 202)

    return routes
