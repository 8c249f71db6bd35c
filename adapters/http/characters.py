"""`/api/campaigns/{id}/characters`: the characters of players, who change their own."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from adapters import markdown
from adapters.http.access import Signed, SignedIn
from adapters.http.element_bodies import Fields, Given
from adapters.http.platform import Platform
from adapters.http.problems import Problem, new_id
from adapters.http.versions import AtLeast, IfMatch, answer
from adapters.http.viewing import EDITS, PROBLEMS, At, ViewAs, edit, position_of, shows, viewer_of, written
from commands.forms.kinds import BY_NAME
from events.commit import Json
from projections import characters

Account = Annotated[str, Field(max_length=128)]

EXAMPLE: Json = {
    "character_id": "0199…",
    "name": "Brannoc",
    "player": "0199…",
    "version": 7,
    "changed_at": "2026-11-27T03:00:00+00:00",
    "fields": {"name": "Brannoc", "class": "Cleric", "level": 3},
    "html": {},
}


class NewCharacter(BaseModel):
    """`player` is the account that plays it; a player's own by default, nobody's for a game master."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"fields": {"name": "Brannoc"}}]}
    )
    fields: Fields
    player: Account | None = None


class CharacterChange(BaseModel):
    """null empties a field; `player` "" takes the character from its player. PUT empties what is not named."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"fields": {"level": 4}}]})
    fields: Fields = {}
    player: Account | None = None


def router(platform: Platform) -> APIRouter:
    """The routes of characters."""
    routes = APIRouter(tags=["characters"], responses=PROBLEMS)
    place = "/api/campaigns/{campaign_id}/characters"

    async def change(campaign_id: str, args: Json, signed: Signed, request: Request) -> Response:
        stream, character_id = f"campaign/{campaign_id}", args["character_id"]
        reply = await edit(platform, "campaign.change_character", stream, args, signed, request)
        return await written(
            reply, lambda position: _one(platform, signed, campaign_id, character_id, None, position)
        )

    @routes.get(place, summary="All characters by name", responses=shows({"items": [EXAMPLE], "next": None}))
    async def some(
        campaign_id: Given, signed: SignedIn, at_least: AtLeast, at: At = None, view_as: ViewAs = None
    ) -> Json:
        """Private notes are shown to game masters and to the player."""
        viewer = await viewer_of(platform, signed, campaign_id, view_as, at_least)
        position = await position_of(platform, campaign_id, at)
        if position is None:
            found = await platform.reader.run(characters.characters, campaign_id, viewer, at_least=at_least)
        else:
            found = await platform.reader.run(
                characters.characters_at, campaign_id, viewer, position, at_least=at_least
            )
        return {"items": [_dressed(each, campaign_id) for each in found], "next": None}

    @routes.post(
        place, summary="A new character", status_code=201, responses={**shows(EXAMPLE, 201), 409: EDITS[409]}
    )
    async def create(campaign_id: Given, body: NewCharacter, request: Request, signed: SignedIn) -> Response:
        character_id = new_id(signed, request)
        args = {"character_id": character_id, **body.model_dump()}
        reply = await edit(
            platform, "campaign.add_character", f"campaign/{campaign_id}", args, signed, request
        )
        return await written(
            reply, lambda position: _one(platform, signed, campaign_id, character_id, None, position), 201
        )

    @routes.get(place + "/{character_id}", summary="One character", responses=shows(EXAMPLE))
    async def one(
        campaign_id: Given, character_id: Given, signed: SignedIn, at_least: AtLeast, view_as: ViewAs = None
    ) -> Response:
        found = await _one(platform, signed, campaign_id, character_id, view_as, at_least)
        return answer(found, version=found["version"])

    @routes.put(
        place + "/{character_id}", summary="Replace a character", responses={**shows(EXAMPLE), **EDITS}
    )
    async def replace(
        campaign_id: Given,
        character_id: Given,
        body: CharacterChange,
        version: IfMatch,
        request: Request,
        signed: SignedIn,
    ) -> Response:
        args = {"set": body.fields, "whole": True, "player": body.player, "expected": version}
        return await change(campaign_id, {"character_id": character_id, **args}, signed, request)

    @routes.patch(
        place + "/{character_id}", summary="Change a character", responses={**shows(EXAMPLE), **EDITS}
    )
    async def alter(
        campaign_id: Given,
        character_id: Given,
        body: CharacterChange,
        version: IfMatch,
        request: Request,
        signed: SignedIn,
    ) -> Response:
        args = {"set": body.fields, "player": body.player, "expected": version}
        return await change(campaign_id, {"character_id": character_id, **args}, signed, request)

    @routes.delete(place + "/{character_id}", summary="Remove a character", status_code=204, responses=EDITS)
    async def remove(
        campaign_id: Given, character_id: Given, version: IfMatch, request: Request, signed: SignedIn
    ) -> Response:
        args = {"character_id": character_id, "expected": version}
        reply = await edit(
            platform, "campaign.remove_character", f"campaign/{campaign_id}", args, signed, request
        )
        return answer(None, 204, position=reply.position)

    return routes


async def _one(
    platform: Platform,
    signed: Signed,
    campaign_id: str,
    character_id: str,
    view_as: str | None,
    at_least: int | None,
) -> Json:
    viewer = await viewer_of(platform, signed, campaign_id, view_as, at_least)
    found = await platform.reader.run(
        characters.character, campaign_id, character_id, viewer, at_least=at_least
    )
    if found is None:
        raise Problem(404, detail="there is no such character", field="character_id")
    return _dressed(found, campaign_id)


def _dressed(each: Json, campaign_id: str) -> Json:
    form = BY_NAME["character"]
    texts = {
        name: text for name, text in each["fields"].items() if name in form and form[name].form == "text"
    }
    return each | {"html": {name: markdown.render(text, {}, campaign_id) for name, text in texts.items()}}
