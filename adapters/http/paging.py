"""Pages of lists: an opaque cursor that names the last row of the page before, never a number of rows to skip."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Query
from pydantic_core import from_json, to_json

from adapters.http.problems import Problem
from events.commit import Json

Row = TypeVar("Row")

MAX_PAGE = 200
DEFAULT_PAGE = 50
LARGEST = 2**63 - 1
"""What a database can compare with."""

Cursor = Annotated[str | None, Query(max_length=600, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="The most items of a page.")]


def cursor_of(*place: str | int | None) -> str:
    """A cursor for the row whose sort key is `place`."""
    return base64.urlsafe_b64encode(to_json(place)).decode().rstrip("=")


def place_of(cursor: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """The sort key in a cursor, or None for the first page. Raises `Problem` 422 for one that is not ours."""
    if not cursor:
        return None
    try:
        found = from_json(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        found = None
    if (
        not isinstance(found, list)
        or len(found) != len(kinds)
        or not all(type(part) is kind for part, kind in zip(found, kinds, strict=True))
        or any(isinstance(part, int) and abs(part) > LARGEST for part in found)
    ):
        raise Problem(422, detail="cursor: not the `next` of a page of this list", field="cursor")
    return tuple(found)


def page(
    rows: Sequence[Row], limit: int, place: Callable[[Row], Sequence[Any]], show: Callable[[Row], Any]
) -> Json:
    """`{"items", "next"}` of `rows`, of which one more than `limit` was looked up; `place` is a row's sort key."""
    here = rows[:limit]
    more = len(rows) > limit and bool(here)
    return {"items": [show(row) for row in here], "next": cursor_of(*place(here[-1])) if more else None}
