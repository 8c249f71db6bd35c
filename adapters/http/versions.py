"""Edits that know what they change: ETags of versions, and positions of the log for reading one's own writes."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from pydantic_core import to_json
from starlette.responses import Response

from adapters.http.problems import Problem

MAX_POSITION = 2**53 - 1
_TAG = re.compile(r'(?:W/)?"v(\d{1,15})"')


def etag(version: int) -> str:
    """The ETag of something at this version."""
    return f'"v{version}"'


def if_match(request: Request) -> int:
    """The version an edit was made from, from `If-Match`. Raises `Problem` 428 without it, 422 for no tag of ours."""
    given = request.headers.get("if-match")
    if given is None:
        raise Problem(
            428,
            detail='name the version you edit: If-Match: "v…", the ETag it was read with',
            field="If-Match",
        )
    found = _TAG.fullmatch(given.strip())
    if found is None:
        raise Problem(422, detail='If-Match: one tag like "v3"', field="If-Match")
    return int(found[1])


def stale(current: int) -> Problem:
    """The answer to an edit of an older version."""
    told = f"it is at version {current} now; read it again, then repeat the edit"
    return Problem(412, detail=told, code="stale", headers={"ETag": etag(current)}, more={"version": current})


IfMatch = Annotated[int, Depends(if_match)]
"""The parameter of a route that edits: the version the edit was made from."""


def at_least(
    request: Request,
    at_least: Annotated[
        int | None,
        Query(
            ge=0, le=MAX_POSITION, description="Wait until this log position can be read (also X-At-Least)."
        ),
    ] = None,
) -> int | None:
    """The log position that an answer must know of. Raises `Problem` 422."""
    given = request.headers.get("x-at-least")
    if at_least is not None or given is None:
        return at_least
    if not given.isdecimal() or len(given) > 15:
        raise Problem(422, detail="X-At-Least: a log position", field="X-At-Least")
    return int(given) or None


AtLeast = Annotated[int | None, Depends(at_least)]
"""The parameter of a route that reads: pass it to `platform.reader.run(…, at_least=…)`."""


def answer(
    body: Any,
    status: int = 200,
    *,
    position: int | None = None,
    version: int | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """A JSON answer, with the position a write took and the version of the one thing it shows. None: no body."""
    told = dict(headers or {})
    if position:
        told["X-Position"] = str(position)
    if version is not None:
        told["ETag"] = etag(version)
    if body is None:
        return Response(status_code=204 if status == 200 else status, headers=told)
    return Response(to_json(body, inf_nan_mode="null"), status, told, "application/json")
