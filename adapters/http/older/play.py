"""`/api/gamemaster/…`: an evening with the assistant as game master, and characters made by it."""

from __future__ import annotations

import re
from typing import Any

from fastapi import APIRouter, Request

from adapters.gamemaster.conversation import Said, Stopped
from adapters.gamemaster.wanted import Asker, UnknownCampaign, Wanted
from adapters.http.access import LEADS, PLAYS, Membership, SignedIn, member
from adapters.http.older.wording import Body, Forgiving, done, named, pascal
from adapters.http.platform import Platform
from adapters.http.problems import Problem, ask, correlation, new_id
from commands.chat import MAX_SAID
from commands.forms.filling import with_mentions
from events.commit import Json
from projections import campaigns, characters, elements
from projections.sight import Viewer

_UNFIT = re.compile(r"[^0-9A-Za-z_-]+")
_OPEN = frozenset({"available", "discovered", "active", "in_progress"})


class Begin(Body):
    campaign_id: str = named("campaignId", "campaign_id")
    session_id: str = named("sessionId", "session_id", default="")
    character_id: str = named("characterId", "character_id", default="")
    player_name: str = named("playerName", "player_name", default="")


class Spoken(Body):
    campaign_id: str = named("campaignId", "campaign_id")
    session_id: str = named("sessionId", "session_id", default="")
    character_id: str = named("characterId", "character_id", default="")
    message: str = named("message", most=MAX_SAID)


class End(Body):
    """`message` is the summary of an evening where the body is a `session_summary`."""

    campaign_id: str = named("campaignId", "campaign_id")
    session_id: str = named("sessionId", "session_id", default="")
    message: str = named("message", "summary", default="", most=20_000)


class Character(Body):
    campaign_id: str = named("campaign_id", "campaignId")
    character_id: str = named("character_id", "characterId")
    character_name: str = named("character_name", "characterName", default="", most=120)
    character_race: str = named("character_race", default="", most=120)
    character_gender: str = named("character_gender", default="", most=60)
    character_class: str = named("character_class", default="", most=120)
    character_background: str = named("character_background", default="", most=200)
    character_alignment: str = named("character_alignment", default="", most=60)


def router(platform: Platform) -> APIRouter:
    """The routes of play."""
    routes = APIRouter(prefix="/api/gamemaster", tags=["older clients"], route_class=Forgiving)

    @routes.post("/start_campaign", summary="Begin to play: where the story stands")
    async def start(body: Begin, signed: SignedIn, request: Request) -> Json:
        """A game master's call begins the evening, unless one runs. The introduction tells what players may know."""
        found = await member(platform, signed, body.campaign_id)
        if found.role in LEADS:
            await _session(platform, body.campaign_id, signed, request)
        return done(campaign_id=body.campaign_id, introduction=await _introduction(platform, found, body))

    @routes.post("/send_message", summary="Say something to the game master")
    async def send(body: Spoken, signed: SignedIn, request: Request) -> Json:
        """The assistant answers out of what the speaker may know. `quest_discovery` names quests it spoke of."""
        found = await member(platform, signed, body.campaign_id, *PLAYS)
        viewer = Viewer(found.account_id, found.role)
        chat = _UNFIT.sub("-", body.session_id)[:60].strip("-") or "main"
        said = Said(
            body.campaign_id,
            f"{body.campaign_id}/{signed.account_id}/{chat}",
            new_id(signed, request, "message"),
            body.message,
            body.character_id,
        )
        asker = Asker(signed.actor, correlation(request))
        try:
            told = await platform.assistant.conversations.answer(said, viewer, asker, lambda _: None)
        except Stopped:
            raise Problem(409, detail="the answer was stopped; ask again") from None
        ids = [each["id"] for each in told["cites"] if each["kind"] == "element"]
        known = await platform.reader.run(elements.briefs, body.campaign_id, ids, viewer)
        text = with_mentions(told["text"], lambda each: known[each]["name"] if each in known else "…")
        quests = await _quests(
            platform, viewer, [each for each in ids if known.get(each, {}).get("kind") == "quest"]
        )
        discovery = {"discovered": True, "quests": quests, "count": len(quests)} if quests else None
        return done(
            message=text, campaign_state="active", **({"quest_discovery": discovery} if discovery else {})
        )

    @routes.post("/end_session", summary="End the evening")
    async def end(body: End, signed: SignedIn, request: Request) -> Json:
        """What is sent as a summary becomes the recap that players read."""
        await member(platform, signed, body.campaign_id, *LEADS)
        await ask(
            platform,
            "campaign.end_session",
            f"campaign/{body.campaign_id}",
            {"recap_players": body.message},
            signed,
            request,
        )
        return done(message="the session has ended", campaign_state="paused")

    @routes.post("/generate_character_content", summary="Describe a character")
    async def describe(body: Character, signed: SignedIn, request: Request) -> Json:
        """The description is drafted, and kept as a proposal; a portrait is asked for with the images' own routes."""
        await member(platform, signed, body.campaign_id, *LEADS)
        told = {
            name: value
            for name, value in body.model_dump().items()
            if name.startswith("character_") and value
        }
        told.pop("character_id", None)
        brief = "A description of a player's character: " + ", ".join(
            f"{name.removeprefix('character_')} {value}" for name, value in told.items()
        )
        wanted = Wanted(body.campaign_id, "description", brief)
        asker = Asker(signed.actor, correlation(request))
        try:
            proposal = await platform.assistant.generation.propose(
                new_id(signed, request, "proposal"), wanted, asker
            )
        except UnknownCampaign:
            raise Problem(404, detail="there is no such campaign", field="campaign_id") from None
        drafted = next((each["fields"] for each in proposal["drafts"] if each["fields"]), None)
        if drafted is None:
            raise Problem(502, detail=proposal["drafts"][0]["problem"] or "no draft could be made")
        return done(
            character_id=body.character_id,
            description=drafted.get("description", ""),
            portrait_url="",
            message=f"drafted as proposal {proposal['proposal_id']}",
        )

    return routes


async def _session(platform: Platform, campaign_id: str, signed: Any, request: Request) -> None:
    try:
        await ask(platform, "campaign.start_session", f"campaign/{campaign_id}", {}, signed, request)
    except Problem as problem:
        # One that runs already is what was asked for.
        if problem.status != 409:
            raise


async def _introduction(platform: Platform, found: Membership, body: Begin) -> str:
    """What everybody at the table may hear: the campaign, what happened last, who plays, where."""
    table = Viewer(found.account_id, "player")
    row = await platform.reader.run(campaigns.campaign, body.campaign_id, table)
    if row is None:
        raise Problem(404, detail="there is no such campaign", field="campaign_id")
    parts = [row["name"], row["description"]]
    evenings = await platform.reader.run(campaigns.sessions, body.campaign_id, table, limit=3)
    recap = next((each["recap_players"] for each in evenings if each["recap_players"]), "")
    if recap:
        parts.append(recap)
    if body.character_id:
        viewer = Viewer(found.account_id, found.role)
        hero = await platform.reader.run(characters.character, body.campaign_id, body.character_id, viewer)
        if hero is not None:
            place = hero["fields"].get("location_id")
            known = await platform.reader.run(
                elements.briefs, body.campaign_id, [place] if place else [], table
            )
            parts.append(hero["name"] + (f", {known[place]['name']}" if place in known else ""))
    text = "\n\n".join(part for part in parts if part)
    return with_mentions(text, lambda _: "…")


async def _quests(platform: Platform, viewer: Viewer, ids: list[str]) -> list[Json]:
    found = [await platform.reader.run(elements.element, each, viewer) for each in ids[:10]]
    return [
        pascal("quest", row)
        for row in found
        if row is not None and row["fields"].get("status", "available") in _OPEN
    ]
