"""`/api/gamemaster/campaign/{id}/…`: what is in a campaign, where its characters are, and filling it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request

from adapters.http.access import PLAYS, SignedIn, member
from adapters.http.older.wording import CONTENT_KINDS, Body, Forgiving, done, named, pascal
from adapters.http.platform import Platform
from adapters.http.problems import Problem, ask
from commands.forms.filling import references
from events.commit import Json
from projections import characters, elements
from projections.sight import Viewer

CampaignId = Annotated[str, Path(max_length=64)]
MAX_SHOWN = 200


class Place(Body):
    location: str = named("location", "new_location", most=120)


class Places(Body):
    character_locations: dict[str, str] = {}  # noqa: RUF012 - pydantic copies it


def router(platform: Platform) -> APIRouter:
    """The routes of a campaign's contents."""
    routes = APIRouter(prefix="/api/gamemaster/campaign", tags=["older clients"], route_class=Forgiving)

    @routes.get("/{campaign_id}/elements", summary="Everything in a campaign that one may see")
    async def everything(campaign_id: CampaignId, signed: SignedIn) -> Json:
        viewer = await _viewer(platform, signed, campaign_id)
        return done(
            **{
                title: await _all(platform, campaign_id, viewer, kind)
                for title, kind in CONTENT_KINDS.items()
            }
        )

    @routes.get("/{campaign_id}/npcs", summary="The NPCs that one may see")
    async def npcs(campaign_id: CampaignId, signed: SignedIn) -> Json:
        viewer = await _viewer(platform, signed, campaign_id)
        return done(npcs=await _all(platform, campaign_id, viewer, "npc"))

    @routes.get("/{campaign_id}/locations", summary="The locations that one may see")
    async def locations(campaign_id: CampaignId, signed: SignedIn) -> Json:
        viewer = await _viewer(platform, signed, campaign_id)
        return done(locations=await _all(platform, campaign_id, viewer, "location"))

    @routes.get("/{campaign_id}/quests", summary="The quests that one may see")
    async def quests(campaign_id: CampaignId, signed: SignedIn) -> Json:
        viewer = await _viewer(platform, signed, campaign_id)
        return done(quests=await _all(platform, campaign_id, viewer, "quest"))

    @routes.get("/{campaign_id}/character_quests", summary="The quests that a character may know of")
    async def of_character(
        campaign_id: CampaignId, signed: SignedIn, character_id: Annotated[str, Query(max_length=64)]
    ) -> Json:
        """As its player sees them; a game master who asks sees them with the player's eyes."""
        viewer = await _viewer(platform, signed, campaign_id)
        found = await platform.reader.run(characters.character, campaign_id, character_id, viewer)
        if found is None:
            raise Problem(404, detail="there is no such character", field="character_id")
        eyes = Viewer(found["player"], "player") if viewer.master and found["player"] else viewer
        return done(character_id=character_id, quests=await _all(platform, campaign_id, eyes, "quest"))

    return routes


def whereabouts(platform: Platform) -> APIRouter:
    """The routes of where characters are."""
    routes = APIRouter(prefix="/api/gamemaster/campaign", tags=["older clients"], route_class=Forgiving)

    @routes.get("/{campaign_id}/character/{character_id}/location", summary="Where a character is")
    async def where(campaign_id: CampaignId, character_id: CampaignId, signed: SignedIn) -> Json:
        viewer = await _viewer(platform, signed, campaign_id)
        found = await platform.reader.run(characters.character, campaign_id, character_id, viewer)
        if found is None:
            raise Problem(404, detail="there is no such character", field="character_id")
        place = await _name(platform, campaign_id, viewer, found["fields"].get("location_id"))
        return done(character_id=character_id, current_location=place)

    @routes.post("/{campaign_id}/character/{character_id}/location", summary="Move a character")
    async def move(
        campaign_id: CampaignId, character_id: CampaignId, body: Place, signed: SignedIn, request: Request
    ) -> Json:
        """`location` is a place's id or its name, as far as one knows it."""
        viewer = await _viewer(platform, signed, campaign_id)
        place = await _move(platform, campaign_id, viewer, character_id, body.location, signed, request)
        return done(character_id=character_id, new_location=place)

    @routes.post("/{campaign_id}/sync_locations", summary="Move several characters")
    async def sync(campaign_id: CampaignId, body: Places, signed: SignedIn, request: Request) -> Json:
        """`updated` says where each went, `failed` why another did not."""
        viewer = await _viewer(platform, signed, campaign_id)
        updated, refused = {}, {}
        for character_id, place in list(body.character_locations.items())[:64]:
            try:
                updated[character_id] = await _move(
                    platform, campaign_id, viewer, character_id, place, signed, request
                )
            except Problem as problem:
                refused[character_id] = problem.detail
        return {"success": not refused, "updated": updated, "failed": refused}

    @routes.get("/{campaign_id}/locations/characters", summary="Who is where")
    async def everywhere(campaign_id: CampaignId, signed: SignedIn) -> Json:
        viewer = await _viewer(platform, signed, campaign_id)
        found = await platform.reader.run(characters.characters, campaign_id, viewer)
        ids = [place for each in found if (place := each["fields"].get("location_id"))]
        known = await platform.reader.run(elements.briefs, campaign_id, ids, viewer)
        told: dict[str, list[Json]] = {}
        for each in found:
            place = known.get(each["fields"].get("location_id") or "")
            told.setdefault(place["name"] if place else "", []).append(
                {"character_id": each["character_id"], "name": each["name"]}
            )
        return done(locations=told)

    return routes


async def _viewer(platform: Platform, signed: Any, campaign_id: str) -> Viewer:
    found = await member(platform, signed, campaign_id)
    return Viewer(found.account_id, found.role)


async def _all(platform: Platform, campaign_id: str, viewer: Viewer, kind: str) -> list[Json]:
    rows = await platform.reader.run(elements.elements, campaign_id, viewer, kind=kind, limit=MAX_SHOWN)
    whole = [
        await platform.reader.run(elements.element, each["element_id"], viewer) for each in rows[:MAX_SHOWN]
    ]
    there = [each for each in whole if each is not None]
    ids = sorted({each.to for row in there for each in references(kind, row["fields"])})[:400]
    known = await platform.reader.run(elements.briefs, campaign_id, ids, viewer)
    names = {element_id: brief["name"] for element_id, brief in known.items()}
    return [pascal(kind, row, names) for row in there]


async def _name(platform: Platform, campaign_id: str, viewer: Viewer, element_id: str | None) -> str | None:
    if not element_id:
        return None
    known = await platform.reader.run(elements.briefs, campaign_id, [element_id], viewer)
    return known[element_id]["name"] if element_id in known else None


async def _move(
    platform: Platform,
    campaign_id: str,
    viewer: Viewer,
    character_id: str,
    place: str,
    signed: Any,
    request: Request,
) -> str:
    if viewer.role not in PLAYS:
        raise Problem(
            403, detail=f"in this campaign you are {viewer.role} and only look on", code="campaign_role"
        )
    found = await _place(platform, campaign_id, viewer, place)
    await ask(
        platform,
        "campaign.change_character",
        f"campaign/{campaign_id}",
        {"character_id": character_id, "set": {"location_id": found["element_id"]}},
        signed,
        request,
        part=character_id,
    )
    return str(found["name"])


async def _place(platform: Platform, campaign_id: str, viewer: Viewer, wanted: str) -> Json:
    """A place by its id or its name."""
    known = await platform.reader.run(elements.briefs, campaign_id, [wanted], viewer)
    if wanted in known and known[wanted]["kind"] == "location":
        return known[wanted]
    found = await platform.reader.run(
        elements.elements, campaign_id, viewer, kind="location", words=wanted, limit=20
    )
    same = [each for each in found if each["name"].casefold() == wanted.casefold()]
    if not same:
        raise Problem(
            404, detail=f"location: no place of this campaign is called {wanted[:60]!r}", field="location"
        )
    return dict(same[0])
