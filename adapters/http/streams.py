"""`/api/streams`: one stream as its decider sees it, now or at any time, and what changed in between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from adapters.http.access import realm_role
from adapters.http.problems import Problem
from adapters.http.versions import answer
from adapters.places import position_of
from adapters.streams import TooLong, Version, as_of, differences
from events.commit import Json
from events.errors import CodecError, InvalidStreamName

if TYPE_CHECKING:
    from adapters.http.platform import Platform

MOST_COMMITS = 20_000
PLACE = "A position, an RFC 3339 time or an age such as 15m."


def router(platform: Platform) -> APIRouter:
    """The route; it needs the role operator."""
    routes = APIRouter(tags=["streams"], dependencies=[realm_role("operator")])

    @routes.get("/api/streams/{category}/{entity:path}", summary="The state of a stream, now or then")
    async def state(
        category: str,
        entity: str,
        at: Annotated[str | None, Query(max_length=40, description=PLACE)] = None,
        diff: Annotated[
            str | None,
            Query(max_length=40, description=f"{PLACE} `previous`: without its last commit."),
        ] = None,
    ) -> Response:
        """`{"stream", "version", "position", "at", "state"}`; with `diff` also `from` and the `changes` since.

        The state is folded by the decider's own `evolve`, so this is what the next command would have seen.
        """
        stream = f"{category}/{entity}"
        try:
            before, now = await _versions(platform, stream, at, diff)
        except TooLong as error:
            raise Problem(422, detail=str(error), field="entity", code="too_long") from None
        except InvalidStreamName as error:
            raise Problem(404, detail=str(error), field="stream") from None
        except CodecError as error:
            raise Problem(500, detail=f"a commit of the stream cannot be read: {error}") from None
        if not now.version:
            raise Problem(404, detail=f"the stream has no commits{' there' if at else ''}", field="stream")
        shown: Json = _shown(now)
        if before is not None:
            changes = differences(before.state, now.state)
            shown |= {"from": {"version": before.version, "position": before.position}, "changes": changes}
        return answer(shown)

    return routes


async def _versions(
    platform: Platform, stream: str, at: str | None, diff: str | None
) -> tuple[Version | None, Version]:
    log = platform.log
    up_to = (await log.head()).position if not at else await _position(platform, "at", at)
    if not diff:
        return None, (await as_of(log, stream, up_to, most=MOST_COMMITS))[0]
    if diff != "previous":
        before = min(await _position(platform, "diff", diff), up_to)
        first, now = await as_of(log, stream, before, up_to, most=MOST_COMMITS)
        return first, now
    now = (await as_of(log, stream, up_to, most=MOST_COMMITS))[0]
    return (await as_of(log, stream, max(now.position - 1, 0), most=MOST_COMMITS))[0], now


async def _position(platform: Platform, field: str, place: str) -> int:
    try:
        return await position_of(platform.log, place)
    except ValueError as error:
        raise Problem(422, detail=f"{field}: {error}", field=field) from None


def _shown(version: Version) -> Json:
    return {
        "stream": version.stream,
        "version": version.version,
        "position": version.position,
        "at": version.at.isoformat() if version.at else None,
        "state": version.state,
    }
