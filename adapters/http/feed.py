"""`/api/feed`, `/api/trace`, `/api/events`: the log as a list, as a tree and commit by commit, for operators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from adapters.http.access import realm_role
from adapters.http.problems import Problem
from adapters.http.versions import AtLeast, answer
from adapters.places import time_of
from events import codec
from events.commit import Json
from events.errors import CodecError
from events.log import RawMessage
from projections import feed, feed_pages, feed_places
from projections.feed_pages import Filters

if TYPE_CHECKING:
    from adapters.http.platform import Platform

MAX_POSITION = 2**53 - 1
MAX_RAW = 4000
TIME = "RFC 3339 time, or an age such as 2h (s, m, h, d)."

Text = Annotated[str | None, Query(max_length=400)]
When = Annotated[str | None, Query(max_length=40, description=TIME)]
Types = Annotated[
    list[str] | None, Query(alias="type", max_length=64, description="Event types; may be repeated.")
]
Limit = Annotated[int, Query(ge=1, le=feed_pages.MAX_PAGE)]
Position = Annotated[int, Query(ge=0, le=MAX_POSITION)]


def filters(
    category: Annotated[str | None, Query(max_length=32, description="npc, world, element …")] = None,
    types: Types = None,
    stream: Annotated[str | None, Query(max_length=400, description="category/id, exactly.")] = None,
    prefix: Annotated[str | None, Query(max_length=400, description="How the stream begins.")] = None,
    actor: Annotated[str | None, Query(max_length=400, description="kind/id.")] = None,
    correlation: Text = None,
    since: When = None,
    until: When = None,
) -> Filters:
    """The filters of a request. Raises `Problem` 422."""
    return Filters(
        category or None,
        tuple(types or ()),
        stream or None,
        prefix or None,
        actor or None,
        correlation or None,
        moment("since", since),
        moment("until", until),
    )


Wanted = Annotated[Filters, Depends(filters)]


def moment(field: str, text: str | None) -> int | None:
    """µs since the epoch. Raises `Problem` 422 that names the field."""
    if not text:
        return None
    try:
        return time_of(text)
    except ValueError:
        raise Problem(
            422, detail=f"{field}: {text[:60]!r} is neither a time nor an age. {TIME}", field=field
        ) from None


def router(platform: Platform) -> APIRouter:
    """The routes; all of them need the role operator."""
    routes = APIRouter(tags=["feed"], dependencies=[realm_role("operator")])
    _list(routes, platform)
    _commits(routes, platform)
    return routes


def _list(routes: APIRouter, platform: Platform) -> None:
    @routes.get("/api/feed", summary="Events by any filter, in both directions, from any place")
    async def page(
        wanted: Wanted,
        at_least: AtLeast,
        cursor: Annotated[
            str | None, Query(max_length=60, description="`next` or `previous` of a page.")
        ] = None,
        direction: Literal["older", "newer"] = "older",
        around: Annotated[
            str | None, Query(max_length=40, description="A position, a time or an age to begin at.")
        ] = None,
        limit: Limit = 50,
    ) -> Response:
        """`{"items": [...], "next": cursor or null}`; older pages newest first, newer ones oldest first.

        A page may hold fewer items than `limit` though there are more: go on while `next` is not null. With `around`,
        items on both sides of the place, newest first, and `previous`, the cursor to newer ones.
        """
        reader = platform.reader
        try:
            if around is not None:
                position = await _place(platform, "around", around)
                found = await reader.run(feed_pages.around, wanted, position, limit=limit, at_least=at_least)
            else:
                newer = direction == "newer"
                found = await reader.run(
                    feed_pages.page, wanted, cursor=cursor, newer=newer, limit=limit, at_least=at_least
                )
        except ValueError as error:
            raise Problem(422, detail=str(error), field="cursor") from None
        return answer(found)

    @routes.get("/api/feed/span", summary="From where to where the feed goes")
    async def span(at_least: AtLeast) -> Response:
        """`{"first", "last", "count", "first_at", "last_at"}`; `count` positions, for the rows of a table."""
        return answer(await platform.reader.run(feed_places.span, at_least=at_least))

    @routes.get("/api/feed/rows", summary="The events at so many positions: index access for a table")
    async def rows(
        first: Annotated[int, Query(alias="from", ge=0, le=MAX_POSITION, description="The first position.")],
        limit: Annotated[int, Query(ge=1, le=feed_places.MAX_ROWS, description="How many positions.")] = 100,
    ) -> Response:
        """`{"items": [...], "from", "first", "last"}`, oldest first. A commit of several events has several items."""
        return answer(await platform.reader.run(feed_places.rows, first, limit))

    @routes.get("/api/feed/density", summary="How much happened when")
    async def density(
        wanted: Wanted, buckets: Annotated[int, Query(ge=1, le=feed_places.MAX_BUCKETS)] = 120
    ) -> Response:
        """`{"buckets": [{"at", "position", "count"}], "from", "to", "seconds", "sampled"}`, equal parts of the time.

        Of the filters, one of category, type, stream, actor and correlation may be given, and the time.
        """
        by, values = _counted(wanted)
        found = await platform.reader.run(
            feed_places.density,
            buckets=buckets,
            since=wanted.since,
            until=wanted.until,
            by=by,
            values=values,
        )
        return answer(found)

    @routes.get("/api/feed/place", summary="The position of a moment")
    async def place(at: Annotated[str, Query(max_length=40, description=TIME)]) -> Response:
        """`{"position"}`: the first event at that time or later."""
        return answer({"position": await _place(platform, "at", at)})


def _commits(routes: APIRouter, platform: Platform) -> None:
    @routes.get("/api/trace/{correlation_id:path}", summary="What one request set in motion, as a tree")
    async def trace(correlation_id: str) -> Response:
        """`{"correlation_id", "roots": [node], "commits", "more"}`; a node is a commit with its `events` and what it
        caused, its `children`. At most 1,000 events."""
        rows = await platform.reader.run(feed.trace, correlation_id[:400], limit=feed.MAX_TRACE + 1)
        if not rows:
            raise Problem(404, detail="no event has that correlation id", field="correlation_id")
        roots, commits = feed.tree(rows[: feed.MAX_TRACE])
        more = len(rows) > feed.MAX_TRACE
        return answer({"correlation_id": correlation_id, "roots": roots, "commits": commits, "more": more})

    @routes.get("/api/events/{position}", summary="A whole commit")
    async def event(position: int) -> Response:
        """The commit as stored, with `position`, the position of its `cause` and those of its `effects`.

        One that this release cannot read has `unreadable`, which says why, and the beginning of its `raw` text.
        """
        if not 0 < position <= MAX_POSITION:
            raise Problem(404, detail="there is no such position", field="position")
        stored = await platform.log.at(position)
        if stored is None or not stored.subject.startswith(f"log.{platform.log.realm}."):
            raise Problem(404, detail=f"the log holds nothing at position {position}", field="position")
        return answer(await _whole(platform, stored))


async def _whole(platform: Platform, stored: RawMessage) -> Json:
    try:
        commit = codec.decode(stored.body)
    except CodecError as error:
        raw = stored.body[:MAX_RAW].decode(errors="replace")
        return {"position": stored.position, "subject": stored.subject, "unreadable": str(error), "raw": raw}
    rows = await platform.reader.run(feed.trace, commit.correlation_id)
    causes = [row["position"] for row in rows if row["commit_id"] == commit.causation_id]
    effects = [row["position"] for row in rows if row["causation_id"] == commit.id]
    return {
        "position": stored.position,
        **codec.to_json(commit),
        "cause": causes[0] if causes and commit.causation_id else None,
        "effects": list(dict.fromkeys(effects)),
    }


async def _place(platform: Platform, field: str, text: str) -> int:
    """The position a place names: a number, or the first event at a time. Raises `Problem` 422."""
    if text.isascii() and text.isdecimal() and len(text) <= 15:
        return int(text)
    at = moment(field, text)
    if at is None:
        raise Problem(422, detail=f"{field}: a log position, or a {TIME}", field=field)
    return await platform.reader.run(feed_places.position_at, at)


def _counted(wanted: Filters) -> tuple[str | None, tuple[str, ...]]:
    """What density counts by. Raises `Problem` 422 for more than one filter."""
    given: list[tuple[str, Any]] = [
        ("stream", wanted.stream),
        ("actor", wanted.actor),
        ("correlation_id", wanted.correlation_id),
        ("type", wanted.wanted_types()),
    ]
    asked = [(name, value) for name, value in given if value is not None]
    if wanted.prefix or len(asked) > 1:
        raise Problem(422, detail="density: one filter beside the time, and not prefix", field="prefix")
    if not asked:
        return None, ()
    by, value = asked[0]
    return by, value if isinstance(value, tuple) else (value,)
