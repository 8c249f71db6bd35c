"""Who asks and what he may: from the access token, the realm's roles and the campaign's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from sqlalchemy import Connection, select

from adapters.accounts.signed import Signed
from adapters.accounts.throttle import TooOften
from adapters.accounts.tokens import TokenInvalid
from adapters.http.problems import Problem, Word
from projections.campaign_tables import CAMPAIGNS, MEMBERS
from projections.projection import reads

if TYPE_CHECKING:
    from adapters.http.platform import Platform

__all__ = ["Membership", "Signed", "SignedIn", "member", "realm_role", "signed_by"]

LEADS = ("owner", "cogm")
PLAYS = (*LEADS, "player")
SEES = (*PLAYS, "observer")
"""Roles within a campaign, each tuple those who may at least so much."""

bearer = HTTPBearer(auto_error=False, description="The access token of `POST /api/auth/login`.")


async def signed_by(platform: Platform, token: str) -> Signed:
    """Who an access token belongs to. Raises `Problem` 401."""
    try:
        return await platform.accounts.signed(token)
    except TokenInvalid as error:
        code: Word = "token_expired" if error.expired else "token_invalid"
        raise _unauthorised(str(error), code, 'Bearer error="invalid_token"') from None


async def signed_in(request: Request, _shown: Annotated[Any, Depends(bearer)] = None) -> Signed:
    """Who asks. Raises `Problem` 401 without a good token, 429 when asked too often."""
    known: Signed | None = getattr(request.state, "signed", None)
    if known is not None:
        return known
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _unauthorised("Authorization: Bearer … is missing; sign in first", "token_missing", "Bearer")
    platform: Platform = request.app.state.platform
    signed = await signed_by(platform, token.strip())
    try:
        request.state.allowance = platform.accounts.throttle.request(signed.account_id)
    except TooOften as error:
        raise too_often(error) from None
    request.state.signed = signed
    return signed


SignedIn = Annotated[Signed, Depends(signed_in)]
"""The parameter of a route that only those who are signed in may use."""


def realm_role(*roles: str) -> Any:
    """A dependency that lets only accounts with one of these roles in, and admins; its value is who asks.

    Raises `Problem` 401, 403.
    """

    async def check(signed: SignedIn) -> Signed:
        if not signed.has(*roles):
            wanted = " or ".join(dict.fromkeys((*roles, "admin")))
            raise Problem(403, detail=f"this needs the role {wanted}; yours is {signed.role}", code="role")
        return signed

    check.roles = frozenset(roles) | {"admin"}  # type: ignore[attr-defined]
    return Depends(check)


@dataclass(frozen=True, slots=True)
class Membership:
    """What somebody is in a campaign: `owner`, `cogm`, `player` or `observer`. An admin counts as owner everywhere."""

    campaign_id: str
    account_id: str
    role: str

    @property
    def leads(self) -> bool:
        """Whether everything of the campaign is open to him."""
        return self.role in LEADS


async def member(
    platform: Platform, signed: Signed, campaign_id: str, *roles: str, at_least: int | None = None
) -> Membership:
    """The membership of who asks, of one of `roles` if any are given.

    Raises `Problem` 404 when the campaign is none of his business, or there is none; 403 when his role is too small.
    """
    role = await platform.reader.run(campaign_role, campaign_id, signed.account_id, at_least=at_least)
    if role is not None and signed.role == "admin":
        role = "owner"
    if not role:
        raise Problem(
            404, detail="there is no such campaign, or you are not one of its members", field="campaign_id"
        )
    if roles and role not in roles:
        raise Problem(
            403,
            detail=f"in this campaign you are {role}; this needs {' or '.join(roles)}",
            code="campaign_role",
        )
    return Membership(campaign_id, signed.account_id, role)


@reads("campaigns")
def campaign_role(connection: Connection, campaign_id: str, account_id: str) -> str | None:
    """The role of an account in a campaign, "" when it is no member, None when there is no such campaign."""
    found = connection.execute(
        select(MEMBERS.c.role)
        .select_from(
            CAMPAIGNS.outerjoin(
                MEMBERS,
                (MEMBERS.c.campaign_id == CAMPAIGNS.c.campaign_id) & (MEMBERS.c.account_id == account_id),
            )
        )
        .where(CAMPAIGNS.c.campaign_id == campaign_id)
    ).first()
    return None if found is None else found.role or ""


def too_often(error: TooOften) -> Problem:
    """The answer to who asks too often."""
    headers = {"Retry-After": str(error.retry_after), **error.allowance.headers()}
    return Problem(429, detail=str(error), code="too_often", headers=headers)


def _unauthorised(detail: str, code: Word, challenge: str) -> Problem:
    return Problem(401, detail=detail, code=code, headers={"WWW-Authenticate": challenge})
