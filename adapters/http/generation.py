"""`/api/generate` and `/api/proposals`: drafts by a model or from tables, of which game masters make elements."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from adapters.gamemaster.acceptance import Choice, accept
from adapters.gamemaster.dressing import dressed
from adapters.gamemaster.generation import Generation, recorded
from adapters.gamemaster.wanted import Asker, UnfitTarget, UnknownCampaign, UnknownElement, Wanted
from adapters.http.access import LEADS, Signed, SignedIn, member
from adapters.http.drafts import EXAMPLE, PROBLEMS, Acceptance, Kind, Rejection, Status, Which, Wish, shows
from adapters.http.paging import Cursor
from adapters.http.platform import Platform
from adapters.http.problems import Problem, ask, correlation, new_id
from adapters.http.versions import AtLeast, answer
from events.commit import Json
from projections import proposals

MAX_AT_ONCE = 3
"""Proposals that one account may have in the making at a time: each may cost four calls of a model."""


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

    @routes.post("/api/generate/{kind}", summary="Have something drafted", responses=shows(EXAMPLE))
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
        responses=shows({"items": [EXAMPLE], "next": None}),
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

    @routes.get("/api/proposals/{proposal_id}", summary="One proposal", responses=shows(EXAMPLE))
    async def one(proposal_id: Which, signed: SignedIn, at_least: AtLeast) -> Response:
        """Straight from the log, so that it is never behind."""
        found = await _proposal(platform, signed, proposal_id, at_least)
        return answer(await dressed(platform.reader, found), version=found["version"])


def _deciding(routes: APIRouter, platform: Platform) -> None:
    @routes.post(
        "/api/proposals/{proposal_id}/accept",
        summary="Make an element of a draft",
        responses=shows({**EXAMPLE, "status": "accepted", "element_id": "5a7c…"}),
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
        responses=shows({**EXAMPLE, "status": "rejected"}),
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
