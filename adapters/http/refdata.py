"""`/api/refdata`: reference data of a ruleset, with the attribution its licence asks for in every answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from adapters.http.problems import Problem
from adapters.refdata.entry import Kind, Ruleset
from adapters.refdata.library import MAX_QUERY, MAX_RESULTS, Library, open_library
from events.errors import ReferenceDataError

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    422: {"description": "A parameter cannot be understood; `detail` names it."},
    503: {"description": "The reference data cannot be read; `detail` says why."},
}


def router(state: Path) -> APIRouter:
    """The routes over the reference data in a state directory; they read, and never change anything."""
    routes = APIRouter(prefix="/api/refdata", tags=["reference data"], responses=_PROBLEMS)

    @routes.get(
        "", summary="What is there: documents with licence and attribution, and how much of each kind"
    )
    async def status() -> Response:
        """`{"sample": bool, "documents": [...], "entries": {kind: number}}`."""
        return await _answer(state, lambda library: library.status())

    @routes.get("/search", summary="Search names and texts, best first")
    async def search(
        q: Annotated[
            str, Query(min_length=1, max_length=MAX_QUERY, description="Words; the last may be a beginning.")
        ],
        kind: Kind | None = None,
        ruleset: Ruleset | None = None,
        limit: Annotated[int, Query(ge=1, le=MAX_RESULTS)] = 20,
    ) -> Response:
        """`{"results": [...], "sources": [...], "sample": bool}`; `sources` holds licence and attribution."""
        return await _answer(state, lambda library: library.search(q, kind, ruleset, limit))

    @routes.get(
        "/{kind}/{key}",
        summary="One entry, by key or name",
        responses={404: {"description": "There is none."}},
    )
    async def entry(kind: Kind, key: str, ruleset: Ruleset | None = None) -> Response:
        """The entry with its `source`: document, licence and attribution. Of several, the newest ruleset's."""
        if len(key) > MAX_QUERY:
            return Problem(422, detail=f"key: longer than {MAX_QUERY} characters").response()
        return await _answer(state, lambda library: library.entry(kind, key, ruleset))

    return routes


async def _answer(state: Path, ask: Callable[[Library], Any]) -> Response:
    try:
        found = await asyncio.to_thread(_ask, state, ask)
    except ReferenceDataError as error:
        # The path of the file is the operator's business; the log of the gateway has it.
        return Problem(503, detail=f"reference data: {error.problem}").response()
    if found is None:
        return Problem(404, detail="the reference data has no such entry").response()
    return JSONResponse(found)


def _ask(state: Path, ask: Callable[[Library], Any]) -> Any:
    with open_library(state) as library:
        return ask(library)
