"""`/api/decisions` and `/api/llm`: what language models decided and what it cost, for audits and dashboards."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic_core import to_json
from starlette.responses import Response

from adapters.audit import record
from adapters.http.problems import Problem
from adapters.moments import moment_of
from adapters.rathena.status import Status
from events.errors import CodecError, LogError, ProjectionError
from projections import decisions, spending

NANO = 1_000_000_000
MAX_TEXT = 200
TIME = "RFC 3339 time, or an age such as 2h (s, m, h, d)."

Text = Annotated[str | None, Query(max_length=MAX_TEXT)]
When = Annotated[str | None, Query(max_length=40, description=TIME)]
Dollars = Annotated[
    float | None, Query(ge=0, le=1e6, description="Only decisions that cost at least so much.")
]
Code = Annotated[
    int | None, Query(ge=-699, le=99, description="The code it ended with: 0, a warning, negative.")
]
Limit = Annotated[int, Query(ge=1, le=decisions.MAX_PAGE)]

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    422: {"description": "A parameter cannot be understood; `detail` names it."},
    503: {"description": "The log or the read models cannot be reached right now."},
}


def router(status: Status) -> APIRouter:
    """The routes; they read, and never change anything."""
    routes = APIRouter(tags=["decisions"], responses=_PROBLEMS)
    routes.include_router(_records(status))
    routes.include_router(_sums(status))
    return routes


def _records(status: Status) -> APIRouter:
    routes = APIRouter()

    @routes.get("/api/decisions", summary="Decisions of language models, newest first")
    async def some(
        agent: Text = None,
        purpose: Text = None,
        npc: Text = None,
        player: Text = None,
        request: Text = None,
        route: Annotated[str | None, Query(description="model, cache, fallback or none.")] = None,
        provider: Text = None,
        model: Text = None,
        code: Code = None,
        failed: bool = False,
        since: When = None,
        until: When = None,
        min_cost: Dollars = None,
        cursor: Annotated[str | None, Query(description="`next` of the page before.")] = None,
        limit: Limit = 50,
    ) -> Response:
        """`{"decisions": [...], "next": cursor or null}`. Costs are billionths of a US dollar, latencies µs."""
        return await _answer(
            status,
            decisions.decisions,
            cursor=cursor,
            limit=limit,
            agent=agent,
            purpose=purpose,
            npc_id=npc,
            player_id=player,
            request_id=request,
            route=route,
            provider=provider,
            model=model,
            code=code,
            failed=failed,
            min_cost=None if min_cost is None else round(min_cost * NANO),
            since=since,
            until=until,
        )

    @routes.get(
        "/api/decisions/{which}",
        summary="One decision in full",
        responses={404: {"description": "No decision belongs to that."}},
    )
    async def one(which: str) -> Response:
        """The question part by part with estimated tokens, parameters, attempts, the answer and its proposal, verdicts,
        memories, cost and reruns. `which` is a decision's id, a log position that belongs to it, or a request; where
        several decisions belong to it, the first is answered and `others` names the rest.
        """
        return await _one(status, which)

    return routes


def _sums(status: Status) -> APIRouter:
    routes = APIRouter()

    @routes.get("/api/llm/cost", summary="What models cost, by agent, model, NPC or day")
    async def cost(
        by: Annotated[
            str, Query(max_length=MAX_TEXT, description=f"Any of {', '.join(spending.GROUPS)}.")
        ] = "model",
        agent: Text = None,
        npc: Text = None,
        player: Text = None,
        model: Text = None,
        since: When = None,
        until: When = None,
    ) -> Response:
        """`{"groups": [...], "total": {...}, "more": bool}`, dearest group first, in billionths of a US dollar."""
        groups = [name.strip() for name in by.split(",") if name.strip()]
        return await _answer(
            status,
            spending.cost,
            groups,
            agent=agent,
            npc_id=npc,
            player_id=player,
            model=model,
            since=since,
            until=until,
        )

    @routes.get("/api/llm/budgets", summary="What each agent reserved and spent, by day")
    async def budgets(limit: Limit = 100) -> Response:
        """Newest day first; `reserved` counts as spent until it is settled."""
        return await _answer(status, spending.budgets, limit=limit)

    @routes.get("/api/llm/stats", summary="Calls, failures, latency, and how often a template was enough")
    async def stats(
        agent: Text = None,
        purpose: Text = None,
        npc: Text = None,
        provider: Text = None,
        model: Text = None,
        since: When = None,
        until: When = None,
    ) -> Response:
        """Counts by route, code and verdict, tokens, cost, latency percentiles, failed attempts, template ratio."""
        return await _answer(
            status,
            spending.stats,
            agent=agent,
            purpose=purpose,
            npc_id=npc,
            provider=provider,
            model=model,
            since=since,
            until=until,
        )

    return routes


async def _one(status: Status, which: str) -> Response:
    try:
        ids = await record.named(status.log, status.reader, which)
        found = await record.read(status.log, ids[0]) if ids else None
    except CodecError as error:
        return Problem(500, detail=f"the decision cannot be read: {error}").response()
    except (LogError, ProjectionError) as error:
        return Problem(503, detail=str(error)).response()
    if found is None:
        return Problem(404, detail=f"no decision belongs to {which[:64]!r}").response()
    return _json(found | {"others": ids[1:]})


async def _answer(
    status: Status, query: Any, *args: Any, since: str | None = None, until: str | None = None, **options: Any
) -> Response:
    try:
        return _json(await status.reader.run(query, *args, **options, **_times(since, until)))
    except ValueError as error:
        return Problem(422, detail=str(error)).response()
    except ProjectionError as error:
        return Problem(503, detail=str(error)).response()


def _times(since: str | None, until: str | None) -> dict[str, int]:
    """Raises `ValueError` naming the parameter."""
    found = {}
    for name, value in (("since", since), ("until", until)):
        if value is not None:
            try:
                found[name] = moment_of(value)
            except (ValueError, OverflowError):
                raise ValueError(f"{name}: {value!r} is neither a time nor an age. {TIME}") from None
    return found


def _json(found: Any) -> Response:
    return Response(to_json(found, inf_nan_mode="null"), media_type="application/json")
