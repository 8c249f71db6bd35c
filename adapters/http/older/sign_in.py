"""`/auth/…`: signing in as clients of the older game master service do, with an access token alone."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, StringConstraints

from adapters.accounts.accounts import Granted
from adapters.accounts.signed import Signed
from adapters.accounts.tokens import TokenInvalid
from adapters.http.access import signed_by
from adapters.http.auth import PROBLEMS, SignInBody, SignInDesk, token_of
from adapters.http.platform import Platform
from adapters.http.problems import Problem
from events.commit import Json


class TokenBody(BaseModel):
    """An access token, where it does not come in `Authorization`."""

    model_config = ConfigDict(extra="allow")
    token: Annotated[str, StringConstraints(max_length=4096)] | None = None


def router(platform: Platform) -> APIRouter:
    """The routes of signing in."""
    routes = APIRouter(prefix="/auth", tags=["older clients"], responses=PROBLEMS)
    desk = SignInDesk(platform)

    @routes.post("/login", summary="Sign in, as clients of the published service do")
    async def login(body: SignInBody, request: Request) -> Json:
        return _as_published(await desk.sign_in(body, request))

    @routes.post("/verify-token", summary="Whether an access token is good, and whose it is")
    async def verify(request: Request, body: TokenBody | None = None) -> Json:
        signed = await signed_by(platform, token_of(request, body.token if body else None))
        return {"valid": True, "user": _published_user(signed)}

    @routes.post("/refresh-token", summary="Another access token, before this one expires")
    async def refresh(request: Request, body: TokenBody | None = None) -> Json:
        signed = await signed_by(platform, token_of(request, body.token if body else None))
        try:
            return _as_published(await platform.accounts.renew_access(signed))
        except TokenInvalid as error:
            raise Problem(401, detail=str(error), code="token_invalid") from None

    return routes


def _as_published(granted: Granted) -> Json:
    return {
        "access_token": granted.access_token,
        "token_type": "bearer",
        "expires_in": granted.expires_in,
        "user": _published_user(granted.signed),
    }


def _published_user(signed: Signed) -> Json:
    return {
        "id": signed.account_id,
        "username": signed.name,
        "email": signed.name,
        "email_confirmed": True,
        "role": signed.role,
    }
