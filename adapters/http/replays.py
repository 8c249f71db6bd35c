"""`/api/decisions/{which}/replay` and `/rerun`: a decision of a model proven, or put to another one, for operators."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from adapters.audit import record
from adapters.audit.again import CannotBeAsked, ask_again
from adapters.audit.rerun import recorded_decision
from adapters.http.access import Signed, realm_role
from adapters.http.operator_acts import act
from adapters.http.problems import Problem
from adapters.http.versions import answer
from adapters.jobs.jobs import JobFailed
from events.errors import CodecError, InvalidStreamName

if TYPE_CHECKING:
    from adapters.http.platform import Platform

REPLAY_SECONDS = 60.0

Operator = Annotated[Signed, realm_role("operator")]


class Rerun(BaseModel):
    """Who is asked: a provider of conf/models.toml, or whoever has the model; neither: who answered then."""

    model_config = ConfigDict(extra="forbid")

    provider: str | None = Field(None, min_length=1, max_length=100)
    model: str | None = Field(None, min_length=1, max_length=200)


def router(platform: Platform) -> APIRouter:
    """The routes; both need the role operator and are recorded."""
    routes = APIRouter(tags=["decisions"], dependencies=[realm_role("operator")])

    @routes.post(
        "/api/decisions/{which}/replay", summary="Live through one decision again with its recorded answer"
    )
    async def replay(which: str, signed: Operator, request: Request) -> Response:
        """`{"faithful", "decisions", "commits", "differences", …}`: does the log follow from the record?

        No model is asked. Takes about a second: the log around the decision is read by a process of its own.
        """
        decision_id = await _decision(platform, which)
        found = await recorded_decision(platform.log, decision_id)
        if found is None:
            raise Problem(404, detail=f"no decision belongs to {which[:64]!r}", field="which")
        position = found[0].position
        await act(platform, signed, request, "decision.replay", decision_id)
        try:
            done = await platform.jobs.aside({"action": "replay", "position": position}, REPLAY_SECONDS)
        except JobFailed as error:
            raise Problem(503, detail=f"the replay came to nothing: {error}") from None
        return answer({"decision_id": decision_id, "position": position, **done})

    @routes.post("/api/decisions/{which}/rerun", summary="Put the question to another model")
    async def rerun(which: str, wanted: Rerun, signed: Operator, request: Request) -> Response:
        """`{"decision_id", "recorded", "rerun", "stored"}`: both proposals and what the deciders say to them.

        The world is not changed; the agent `audit` pays. The provider must be switched on.
        """
        decision_id = await _decision(platform, which)
        told = {"provider": wanted.provider, "model": wanted.model}
        await act(platform, signed, request, "decision.rerun", decision_id, told)
        try:
            outcome, stored = await ask_again(
                platform.settings,
                platform.bus,
                platform.log,
                platform.reader,
                decision_id,
                provider=wanted.provider,
                model=wanted.model,
                actor=signed.actor,
            )
        except CannotBeAsked as error:
            raise Problem(422, detail=str(error), field=error.field) from None
        made = outcome.question.made
        recorded = {
            "provider": made.provider,
            "model": made.model,
            "prompt": made.prompt and asdict(made.prompt),
            "proposal": made.proposal,
            "problem": made.problem,
            "usage": asdict(made.usage),
            "cost": made.cost,
            "latency": made.latency,
            **asdict(outcome.original),
        }
        body = {
            "decision_id": decision_id,
            "recorded": recorded,
            "rerun": asdict(outcome.rerun),
            "stored": stored,
        }
        return answer(body, position=stored)

    return routes


async def _decision(platform: Platform, which: str) -> str:
    """The id of the decision meant. Raises `Problem` 404."""
    try:
        ids = await record.named(platform.log, platform.reader, which)
    except (CodecError, InvalidStreamName) as error:
        raise Problem(404, detail=str(error), field="which") from None
    if not ids:
        raise Problem(404, detail=f"no decision belongs to {which[:64]!r}", field="which")
    return ids[0]
