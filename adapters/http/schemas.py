"""`/api/schemas`: what the fields of every kind are, as JSON Schemas that forms are made from."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from adapters.http.access import SignedIn
from adapters.http.platform import Platform
from adapters.http.viewing import PROBLEMS, shows
from commands.forms.kinds import BY_NAME
from commands.forms.schema import schema
from events.commit import Json

Kind = Literal["location", "npc", "quest", "event", "note", "encounter", "character"]
Language = Annotated[Literal["en", "fr"], Query(description="The language of titles.")]


def router(_platform: Platform) -> APIRouter:
    """The routes of schemas; they are the same for everybody who is signed in."""
    routes = APIRouter(tags=["schemas"], responses={code: PROBLEMS[code] for code in (401, 422, 429)})

    @routes.get(
        "/api/schemas", summary="All kinds", responses=shows({"npc": {"title": "NPC", "type": "object"}})
    )
    async def every(signed: SignedIn, lang: Language = "en") -> Json:  # noqa: ARG001 - only whether
        return {kind: schema(kind, lang) for kind in BY_NAME}

    @routes.get(
        "/api/schemas/{kind}", summary="One kind", responses=shows({"title": "NPC", "type": "object"})
    )
    async def one(kind: Kind, signed: SignedIn, lang: Language = "en") -> dict[str, Any]:  # noqa: ARG001
        return schema(kind, lang)

    return routes
