"""`/api/campaigns/{id}/dice`: rolls that are facts, each with the seed that it follows from."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from adapters.http.access import SignedIn
from adapters.http.element_bodies import Given
from adapters.http.paging import DEFAULT_PAGE, Cursor, Limit, cursor_of, place_of
from adapters.http.platform import Platform
from adapters.http.problems import Problem, ask
from adapters.http.versions import MAX_POSITION, AtLeast, answer
from adapters.http.viewing import PROBLEMS, ViewAs, shows, viewer_of
from commands.rules.proof import prove
from events.commit import Json
from projections import dice

SEED_BYTES = 16

EXAMPLE: Json = {
    "position": 44,
    "at": "2026-11-27T03:00:00+00:00",
    "by": "0199…",
    "name": "tom",
    "label": "Fireball",
    "visibility": "all",
    "expression": "8d6",
    "mode": "normal",
    "seed": "9f86d081884c7d659a2feaa0c55ad015",
    "faces": [[4, 2, 6, 1, 1, 5, 3, 6]],
    "total": 28,
}


class NewRoll(BaseModel):
    """`visibility` gm rolls behind the screen."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"expression": "1d20+5", "mode": "advantage"}]}
    )
    expression: Annotated[str, Field(min_length=1, max_length=100)]
    mode: Literal["normal", "advantage", "disadvantage"] = "normal"
    label: Annotated[str, Field(max_length=120)] = ""
    visibility: Literal["all", "gm"] = "all"


def router(platform: Platform) -> APIRouter:
    """The routes of dice."""
    routes = APIRouter(tags=["dice"], responses=PROBLEMS)
    place = "/api/campaigns/{campaign_id}/dice"

    @routes.get(place, summary="Rolls, the latest first", responses=shows({"items": [EXAMPLE], "next": None}))
    async def some(
        campaign_id: Given,
        signed: SignedIn,
        at_least: AtLeast,
        view_as: ViewAs = None,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_PAGE,
    ) -> Json:
        viewer = await viewer_of(platform, signed, campaign_id, view_as, at_least)
        before = place_of(cursor, int)
        found = await platform.reader.run(
            dice.rolls,
            campaign_id,
            viewer,
            before=before[0] if before else None,
            limit=limit,
            at_least=at_least,
        )
        following = None if found["next"] is None else cursor_of(found["next"])
        return {"items": found["items"], "next": following}

    @routes.post(place, summary="Roll", status_code=201, responses=shows(EXAMPLE, 201))
    async def roll(campaign_id: Given, body: NewRoll, request: Request, signed: SignedIn) -> Response:
        """The gateway draws the seed; whoever asks cannot choose it. Observers do not roll."""
        args = {**body.model_dump(), "seed": secrets.token_hex(SEED_BYTES)}
        reply = await ask(platform, "dice.roll", f"dice/{campaign_id}", args, signed, request)
        return answer(
            reply.data | {"position": reply.position, "name": signed.name}, 201, position=reply.position
        )

    @routes.get(
        place + "/{position}",
        summary="One roll, and the proof that it follows from its seed",
        responses=shows(EXAMPLE | {"verdicts": [{"rule": "dice.faces", "ok": True, "message": "…"}]}),
    )
    async def one(
        campaign_id: Given,
        position: Annotated[int, Path(ge=1, le=MAX_POSITION)],
        signed: SignedIn,
        at_least: AtLeast,
    ) -> Json:
        viewer = await viewer_of(platform, signed, campaign_id, None, at_least)
        found = await platform.reader.run(
            dice.rolls, campaign_id, viewer, before=position + 1, limit=1, at_least=at_least
        )
        if not found["items"] or found["items"][0]["position"] != position:
            raise Problem(404, detail="there is no such roll", field="position")
        rolled: Json = found["items"][0]
        return rolled | {"verdicts": [asdict(verdict) for verdict in prove(rolled)]}

    return routes
