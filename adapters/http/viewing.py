"""What routes of a campaign have in common: who looks, as of when, and edits that somebody else was faster with."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import Query, Request
from starlette.responses import Response

from adapters.http.access import Membership, Signed, campaign_role, member
from adapters.http.platform import Platform
from adapters.http.problems import Problem, ask
from adapters.http.versions import MAX_POSITION, answer, stale
from adapters.moments import moment_of
from commands.codes import Code
from commands.message import Reply
from events.commit import Json
from events.errors import ProjectionError
from projections import campaign_time, elements
from projections.sight import Viewer

ViewAs = Annotated[
    str | None,
    Query(max_length=128, description="Game masters: as the member of this account would get it."),
]
At = Annotated[
    str | None,
    Query(max_length=40, description="As it was: a log position, an RFC 3339 time, or an age such as 2h."),
]

PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: {"description": "Nobody is signed in."},
    403: {"description": "The role in the campaign is too small."},
    404: {"description": "There is none, or it is none of your business."},
    422: {"description": "Something cannot be understood; `field` names it."},
    429: {"description": "Too often; `Retry-After` says when to come again."},
    503: {"description": "The log or the read models cannot be reached right now."},
}
EDITS: dict[int | str, dict[str, Any]] = {
    409: {"description": "Not in the state it is in; `detail` says why."},
    412: {"description": "Somebody changed it meanwhile; `version` is the one it is at."},
    428: {"description": "If-Match is missing."},
}


def shows(example: Any, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """A successful answer with an example, for the documentation."""
    return {status: {"description": "Done.", "content": {"application/json": {"example": example}}}}


async def viewer_of(
    platform: Platform, signed: Signed, campaign_id: str, view_as: str | None, at_least: int | None
) -> Viewer:
    """Who looks at a campaign: the one who asks, or for game masters the member `view_as`. Raises `Problem`."""
    found = await member(platform, signed, campaign_id, at_least=at_least)
    return await _as(platform, found, view_as)


async def viewer_of_element(
    platform: Platform, signed: Signed, element_id: str, view_as: str | None, at_least: int | None
) -> tuple[str, Viewer]:
    """The campaign of an element and who looks at it. Raises `Problem` 404, the same for all he must not know of."""
    found = await platform.reader.run(elements.place, element_id, signed.account_id, at_least=at_least)
    campaign_id, role = found or ("", None)
    if found and signed.role == "admin":
        role = "owner"
    if role is None:
        raise no_element()
    return campaign_id, await _as(platform, Membership(campaign_id, signed.account_id, role), view_as)


async def _as(platform: Platform, found: Membership, view_as: str | None) -> Viewer:
    if view_as is None:
        return Viewer(found.account_id, found.role)
    if not found.leads:
        raise Problem(
            403, detail="view_as: only game masters see with the eyes of others", code="campaign_role"
        )
    role = await platform.reader.run(campaign_role, found.campaign_id, view_as)
    if not role:
        raise Problem(404, detail="view_as: no member of this campaign", field="view_as")
    return Viewer(view_as, role)


def no_element() -> Problem:
    """The answer for an element that does not exist, or not for who asks."""
    return Problem(404, detail="there is no such element", field="element_id")


async def position_of(platform: Platform, campaign_id: str, at: str | None, field: str = "at") -> int | None:
    """The log position that a position, time or age means for a campaign; None for now. Raises `Problem` 422."""
    if at is None or at == "":
        return None
    if at.isdecimal() and len(at) <= 15:
        return min(int(at), MAX_POSITION - 1)
    try:
        moment = moment_of(at)
    except (ValueError, OverflowError):
        raise Problem(
            422, detail=f"{field}: a log position, an RFC 3339 time or an age such as 2h", field=field
        ) from None
    return await platform.reader.run(campaign_time.position_at, campaign_id, moment)


_AT_VERSION = re.compile(r"it is at version (\d+)")


async def edit(
    platform: Platform, name: str, stream: str, args: Json, signed: Signed, request: Request
) -> Reply:
    """As `problems.ask`; an edit of an older version is 412, with the version there is."""
    try:
        return await ask(platform, name, stream, args, signed, request)
    except Problem as problem:
        told = _AT_VERSION.search(problem.detail)
        if problem.field == "version" and problem.code == Code.INVALID_STATE_TRANSITION and told:
            raise stale(int(told[1])) from None
        raise


async def replied(
    platform: Platform,
    verb: str,
    campaign_id: str,
    args: Json,
    signed: Signed,
    request: Request,
    status: int = 200,
) -> Response:
    """The answer to an edit of a campaign that only tells what the command `campaign.<verb>` replied."""
    reply = await edit(platform, f"campaign.{verb}", f"campaign/{campaign_id}", args, signed, request)
    return answer(reply.data, status, position=reply.position)


async def written(reply: Reply, read: Any, status: int = 200) -> Response:
    """The answer to a write: what `read(at_least)` then reads, or where that takes too long what the command replied.

    The write has happened: a read model that is late must not make it look as if it had failed.
    """
    try:
        found = await read(reply.position)
    except ProjectionError:
        return answer(reply.data, status, position=reply.position, version=reply.data.get("version"))
    return answer(found, status, position=reply.position, version=found.get("version"))
