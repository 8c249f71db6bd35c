"""`/api/generate` and `/api/proposals`: drafts by a model or from tables, of which game masters make elements."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue
from pydantic_core import PydanticCustomError, to_json
from starlette.responses import Response

from adapters.gamemaster.acceptance import Choice, accept
from adapters.gamemaster.dressing import dressed
from adapters.gamemaster.generation import (
    MAX_DRAFTS,
    MAX_DRAWN_ON,
    Asker,
    Generation,
    UnfitTarget,
    UnknownCampaign,
    UnknownElement,
    Wanted,
    recorded,
)
from adapters.http.access import LEADS, Signed, SignedIn, member
from adapters.http.paging import Cursor
from adapters.http.platform import Platform
from adapters.http.problems import Problem, ask, correlation, new_id
from adapters.http.versions import AtLeast, answer
from commands.proposal import MAX_BRIEF
from events.commit import Json
from projections import campaign_spending, proposals

MAX_AT_ONCE = 3
"""Proposals that one account may have in the making at a time: each may cost four calls of a model."""

Kind = Literal["location", "npc", "quest", "event", "description"]
Status = Literal["open", "accepted", "rejected"]
Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z_-]+$")]
Which = Annotated[str, Path(max_length=64, pattern=r"^[0-9A-Za-z_-]+$")]


def _bounded(value: dict[str, Any]) -> dict[str, Any]:
    try:
        size = len(to_json(value))
    except ValueError:
        raise PydanticCustomError("unicode", "must be valid Unicode text") from None
    if size > 200_000:
        raise PydanticCustomError("too_long", "must have at most 200000 bytes")
    return value


def _text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise PydanticCustomError("unicode", "must be valid Unicode text") from None
    return value


Values = Annotated[dict[str, JsonValue], Field(max_length=64), AfterValidator(_bounded)]
Text = Annotated[str, AfterValidator(_text)]

EXAMPLE: Json = {
    "proposal_id": "0199b6c2f1a47c3e9d5b8a7760e4d2c1",
    "campaign_id": "0199b6c2f1a47c3e9d5b8a7760e4d2c0",
    "kind": "npc",
    "brief": "a ferrywoman with a secret",
    "status": "open",
    "at": "2026-11-27T04:00:00+00:00",
    "by": {"account_id": "0199b6c2f1a47c3e9d5b8a7760e4d2cf", "name": "mira"},
    "drafts": [
        {
            "draft": 0,
            "fields": {"name": "Vesna Half-Hand", "hit_dice": "3d8+3", "hit_points": 30},
            "claims": {},
            "verdicts": [
                {
                    "rule": "creature.hit_points",
                    "ok": False,
                    "severity": "error",
                    "message": "30 hit points do not follow from 3d8+3: its average is 16.",
                    "field": "hit_points",
                    "source": "SRD 5.2",
                }
            ],
            "route": "model",
            "model": "gpt-4o",
            "decision_id": "dec_2f7c…",
            "cost": 0.0041,
            "tokens": 1820,
            "problem": "",
        }
    ],
    "considered": [{"block": "brief", "note": "the brief", "tokens": 12}],
    "left_out": [],
    "cost": 0.0041,
    "tokens": 1820,
    "element_id": None,
}


class Wish(BaseModel):
    """`draw_on` names elements that matter most, `target` one to change instead of making a new one. `options` are told
    to the model as they are; `difficulty` (low, moderate, high) also bounds fights."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"campaign_id": "0199…", "brief": "a ferrywoman with a secret", "drafts": 2}]
        },
    )
    campaign_id: Id
    brief: Annotated[Text, Field(max_length=MAX_BRIEF)] = ""
    drafts: Annotated[int, Field(ge=1, le=MAX_DRAFTS)] = 1
    draw_on: Annotated[list[Id], Field(max_length=MAX_DRAWN_ON)] = []
    options: Annotated[Values, Field(max_length=12)] = {}
    target: Id | None = None


class Acceptance(BaseModel):
    """Without `fields` the whole draft is taken; `edits` are values that go before it, null leaves a field out."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"draft": 0, "edits": {"hit_points": 16}, "visibility": "gm"}]},
    )
    draft: Annotated[int, Field(ge=0, lt=8)] = 0
    fields: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=64)] | None = None
    edits: Values = {}
    visibility: Literal["gm", "all", "members"] = "gm"
    members: Annotated[list[Id], Field(max_length=64)] = []


class Rejection(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "too grim"}]})
    reason: Annotated[Text, Field(max_length=500)] = ""


def _shows(example: Any) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": "Done.", "content": {"application/json": {"example": example}}}}


PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: {"description": "Nobody is signed in."},
    403: {"description": "Only game masters of the campaign may do this."},
    404: {"description": "There is none, or it is none of your business."},
    409: {"description": "The proposal was decided before, or the campaign is archived."},
    422: {"description": "Something cannot be understood; `field` names it."},
    429: {"description": "Too much at once; `Retry-After` says when to come again."},
    503: {"description": "The log or the read models cannot be reached right now."},
}


def router(platform: Platform) -> APIRouter:
    """The routes of proposals."""
    generation = platform.assistant.generation
    routes = APIRouter(tags=["generation"], responses=PROBLEMS)
    _making(routes, platform, generation)
    _reading(routes, platform)
    _deciding(routes, platform)
    return routes


def _making(routes: APIRouter, platform: Platform, generation: Generation) -> None:
    at_work: Counter[str] = Counter()

    @routes.post("/api/generate/{kind}", summary="Have something drafted", responses=_shows(EXAMPLE))
    async def generate(
        kind: Kind, wish: Wish, signed: SignedIn, request: Request, at_least: AtLeast
    ) -> Response:
        """One to four drafts of a place, person, quest, event or text, checked against the rules and the campaign.

        They become a proposal, and nothing else until a game master accepts one. Where no model is on, tables write
        them (`route` template). Repeating the request under the same `Idempotency-Key` gives the same proposal.
        """
        await member(platform, signed, wish.campaign_id, *LEADS, at_least=at_least)
        wanted = Wanted(
            wish.campaign_id,
            kind,
            wish.brief,
            wish.drafts,
            tuple(dict.fromkeys(wish.draw_on)),
            wish.options,
            wish.target or "",
        )
        async with _turn(at_work, signed):
            try:
                made = await generation.propose(
                    new_id(signed, request, "proposal"),
                    wanted,
                    Asker(signed.actor, correlation(request)),
                    at_least=at_least,
                )
            except UnknownCampaign:
                raise Problem(404, detail="there is no such campaign", field="campaign_id") from None
            except UnknownElement as unknown:
                which = "target" if str(unknown) == wanted.target else "draw_on"
                told = f"{which}: this campaign has no element {str(unknown)[:64]!r}"
                raise Problem(422, detail=told, field=which) from None
            except UnfitTarget as unfit:
                raise Problem(422, detail=f"target: {unfit}", field="target") from None
        return answer(await dressed(platform.reader, made), position=made["position"])


@asynccontextmanager
async def _turn(at_work: Counter[str], signed: Signed) -> AsyncIterator[None]:
    """One of the account's turns. Raises `Problem` 429 when all are taken."""
    if at_work[signed.account_id] >= MAX_AT_ONCE:
        told = f"{MAX_AT_ONCE} proposals are in the making for you already; wait for one of them"
        raise Problem(429, detail=told, code="too_many_at_once", headers={"Retry-After": "5"})
    at_work[signed.account_id] += 1
    try:
        yield
    finally:
        at_work[signed.account_id] -= 1
        if not at_work[signed.account_id]:
            del at_work[signed.account_id]


def _reading(routes: APIRouter, platform: Platform) -> None:
    @routes.get(
        "/api/campaigns/{campaign_id}/proposals",
        summary="Proposals of a campaign, newest first",
        responses=_shows({"items": [EXAMPLE], "next": None}),
    )
    async def some(
        campaign_id: Which,
        signed: SignedIn,
        at_least: AtLeast,
        status: Status | None = None,
        kind: Kind | None = None,
        cursor: Cursor = None,
        limit: Annotated[int, Query(ge=1, le=proposals.MAX_PAGE)] = 20,
    ) -> Response:
        """For its game masters."""
        await member(platform, signed, campaign_id, *LEADS, at_least=at_least)
        try:
            found = await platform.reader.run(
                proposals.proposals,
                campaign_id,
                at_least=at_least,
                status=status,
                kind=kind,
                cursor=cursor,
                limit=limit,
            )
        except ValueError as error:
            raise Problem(422, detail=f"cursor: {error}", field="cursor") from None
        return answer(found)

    @routes.get(
        "/api/campaigns/{campaign_id}/spending",
        summary="What models cost the campaign, and whose questions they were",
        responses=_shows(
            {"cost": 0.31, "decisions": 40, "tokens": 81_200, "by": [{"account_id": "0199…", "cost": 0.31}]}
        ),
    )
    async def spent(campaign_id: Which, signed: SignedIn, at_least: AtLeast) -> Response:
        """For its game masters, in US dollars."""
        await member(platform, signed, campaign_id, *LEADS, at_least=at_least)
        return answer(await platform.reader.run(campaign_spending.spending, campaign_id, at_least=at_least))

    @routes.get("/api/proposals/{proposal_id}", summary="One proposal", responses=_shows(EXAMPLE))
    async def one(proposal_id: Which, signed: SignedIn, at_least: AtLeast) -> Response:
        """Straight from the log, so that it is never behind."""
        found = await _proposal(platform, signed, proposal_id, at_least)
        return answer(await dressed(platform.reader, found), version=found["version"])


def _deciding(routes: APIRouter, platform: Platform) -> None:
    @routes.post(
        "/api/proposals/{proposal_id}/accept",
        summary="Make an element of a draft",
        responses=_shows({**EXAMPLE, "status": "accepted", "element_id": "5a7c…"}),
    )
    async def take(
        proposal_id: Which, choice: Acceptance, signed: SignedIn, request: Request, at_least: AtLeast
    ) -> Response:
        """Whole or by field, with edits of one's own. Repeating it changes nothing.

        A proposal for something that exists (`target`) changes that. The answer is the proposal with `element`:
        its id and version.
        """
        found = await _proposal(platform, signed, proposal_id, at_least)
        accepted = await accept(
            found,
            Choice(
                choice.draft,
                None if choice.fields is None else tuple(dict.fromkeys(choice.fields)),
                choice.edits,
                choice.visibility,
                tuple(choice.members),
            ),
            bus=platform.bus,
            log=platform.log,
            actor=signed.actor,
            correlation_id=correlation(request),
        )
        now = await recorded(platform.log, proposal_id) or found
        element = {"element_id": accepted.element_id, "version": accepted.version}
        shown = await dressed(platform.reader, {**now, "element": element})
        return answer(shown, position=accepted.position)

    @routes.post(
        "/api/proposals/{proposal_id}/reject",
        summary="Turn a proposal down",
        responses=_shows({**EXAMPLE, "status": "rejected"}),
    )
    async def refuse(
        proposal_id: Which, rejection: Rejection, signed: SignedIn, request: Request, at_least: AtLeast
    ) -> Response:
        """It stays where it is, and may still be accepted."""
        await _proposal(platform, signed, proposal_id, at_least)
        reply = await ask(
            platform,
            "proposal.reject",
            f"proposal/{proposal_id}",
            {"reason": rejection.reason},
            signed,
            request,
        )
        now = await recorded(platform.log, proposal_id)
        return answer(await dressed(platform.reader, now or {}), position=reply.position)


async def _proposal(platform: Platform, signed: Signed, proposal_id: str, at_least: int | None) -> Json:
    """A proposal of a campaign that the one who asks leads. Raises `Problem` 403, 404."""
    nobodys = Problem(404, detail="there is no such proposal", field="proposal_id")
    found = await recorded(platform.log, proposal_id)
    if found is None:
        raise nobodys
    try:
        await member(platform, signed, found["campaign_id"], *LEADS, at_least=at_least)
    except Problem as problem:
        raise nobodys if problem.status == 404 else problem from None
    return found
