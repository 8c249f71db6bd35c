"""`/api/campaigns/{id}/spending`: what models cost a campaign, and what its owner lets them cost."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from adapters.http.access import LEADS, Signed, SignedIn, member
from adapters.http.drafts import Which
from adapters.http.platform import Platform
from adapters.http.problems import ask
from adapters.http.versions import AtLeast, answer
from adapters.http.viewing import EDITS, PROBLEMS, shows, written
from events.commit import Json
from projections import allowances, campaign_spending

NANO = 1_000_000_000

EXAMPLE: Json = {
    "cost": 0.31,
    "decisions": 40,
    "tokens": 81_200,
    "by": [
        {
            "account_id": "0199…",
            "purpose": "generate_npc",
            "cost": 0.31,
            "decisions": 40,
            "unusable": 1,
            "tokens": 81_200,
            "last_at": "2026-11-27T20:14:00+00:00",
        }
    ],
    "day": {"spent": 0.04, "reserved": 0.0, "calls": 5},
    "month": {"spent": 0.31, "reserved": 0.0, "calls": 40},
    "limit": {
        "amount": 5.0,
        "period": "month",
        "spent": 0.31,
        "reserved": 0.0,
        "left": 4.69,
        "used_up": False,
        "resets_at": "2026-12-01T00:00:00+00:00",
        "set_at": "2026-11-02T18:00:00+00:00",
        "set_by": "0199…",
    },
}


class SpendingLimit(BaseModel):
    """`amount` in US dollars; 0 leaves models that cost nothing."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"amount": 5.0, "period": "month"}]}
    )
    amount: Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)]
    period: Literal["day", "month"] = "month"


def router(platform: Platform) -> APIRouter:
    """The routes of a campaign's spending."""
    routes = APIRouter(tags=["generation"], responses=PROBLEMS)

    async def told(campaign_id: str, at_least: int | None) -> Json:
        spent = await platform.reader.run(campaign_spending.spending, campaign_id, at_least=at_least)
        today = datetime.now(UTC).date()
        allowed = await platform.reader.run(allowances.allowance, campaign_id, today, at_least=at_least)
        return {**spent, **allowed}

    async def limit(campaign_id: str, args: Json, signed: Signed, request: Request) -> Response:
        reply = await ask(
            platform, "campaign.limit_spending", f"campaign/{campaign_id}", args, signed, request
        )
        return await written(reply, lambda position: told(campaign_id, position))

    @routes.get(
        "/api/campaigns/{campaign_id}/spending",
        summary="What models cost the campaign, whose questions they were, and the limit",
        responses=shows(EXAMPLE),
    )
    async def spent(campaign_id: Which, signed: SignedIn, at_least: AtLeast) -> Response:
        """For its game masters, in US dollars. Days and months are those of UTC; `reserved` is set aside for calls
        under way, at their worst, and counts as spent until they end."""
        await member(platform, signed, campaign_id, *LEADS, at_least=at_least)
        return answer(await told(campaign_id, at_least))

    @routes.put(
        "/api/campaigns/{campaign_id}/spending/limit",
        summary="Limit what models may cost the campaign",
        responses={**shows(EXAMPLE), 409: EDITS[409]},
    )
    async def set_limit(
        campaign_id: Which, body: SpendingLimit, signed: SignedIn, request: Request
    ) -> Response:
        """By the owner. When it is used up no model that costs anything is asked: tables draft and answer, pictures
        are drawn cards, and each says so."""
        args = {"amount": round(body.amount * NANO), "period": body.period}
        return await limit(campaign_id, args, signed, request)

    @routes.delete(
        "/api/campaigns/{campaign_id}/spending/limit",
        summary="Lift the limit",
        responses={**shows({**EXAMPLE, "limit": None}), 409: EDITS[409]},
    )
    async def lift(campaign_id: Which, signed: SignedIn, request: Request) -> Response:
        """By the owner."""
        return await limit(campaign_id, {}, signed, request)

    return routes
