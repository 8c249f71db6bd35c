"""`/api/auth`: signing in, staying signed in, signing out.

The access token is for the `Authorization` header and lives as long as a page; the refresh token is a cookie that no
script can read and that is sent to `/api/auth` only. What the cookie alone allows asks for a header of our own, too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints
from starlette.responses import Response

from adapters.accounts.accounts import Granted
from adapters.accounts.directory import now
from adapters.accounts.passwords import MOST, PasswordRefused, TooManyHashes
from adapters.accounts.people import SignInRefused
from adapters.accounts.sign_ins import RefreshRefused, RefreshReused
from adapters.accounts.signed import Signed
from adapters.accounts.throttle import TooOften
from adapters.http.access import SignedIn, signed_by, too_often
from adapters.http.platform import Platform
from adapters.http.problems import Problem
from adapters.http.versions import answer
from events.commit import Json

COOKIE = "lorestream_refresh"
COOKIE_PATH = "/api/auth"
OWN_HEADERS = ("idempotency-key", "x-requested-with")
"""No form and no picture can send one of these; a script of another origin only where we allowed it, and we do not."""

Line = Annotated[str, StringConstraints(min_length=1, max_length=254)]
Secret = Annotated[SecretStr, Field(max_length=MOST)]


class SignInBody(BaseModel):
    """`name` or `email`, and the password."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "admin", "password": "k7mf-29xq-hh3d-wprs-t6bn"}]}
    )
    name: Line | None = None
    email: Line | None = None
    password: Secret


class SignOutBody(BaseModel):
    """`everywhere` ends all sign-ins of the account, on every machine."""

    everywhere: bool = False


class DescriptionBody(BaseModel):
    """The name others see, and the language of the page: two letters."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"language": "fr"}]})
    display: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")] | None = None


class PasswordBody(BaseModel):
    """The password now, and the one from now on."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"old": "k7mf-29xq-hh3d-wprs-t6bn", "new": "a longer one of my own"}]}
    )
    old: Secret
    new: Secret


PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: {"description": "Name or password are wrong, or nobody is signed in."},
    403: {"description": "The account is disabled, or a page of another origin asked."},
    422: {"description": "A field cannot be understood; `field` names it."},
    429: {"description": "Too often; `Retry-After` says when to come again."},
    503: {"description": "The log or the database of accounts cannot be reached right now."},
}
_USER: Json = {
    "account_id": "0199b6c2f1a47c3e9d5b8a7760e4d2c1",
    "name": "mira",
    "display": "Mira the Grey",
    "role": "gamemaster",
    "language": "en",
}
_GRANTED: Json = {
    "access_token": "eyJhbGciOiJIUzI1NiIsImtpZCI6IjYxZjA4…",
    "token_type": "bearer",
    "expires_in": 600,
    "user": _USER,
}


def _ok(example: Json) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {"application/json": {"example": example}}}}


def router(platform: Platform) -> APIRouter:
    """The routes of signing in."""
    routes = APIRouter(tags=["sign-in"], responses=PROBLEMS)
    desk = SignInDesk(platform)

    @routes.post("/api/auth/login", summary="Sign in", responses=_ok(_GRANTED))
    async def login(body: SignInBody, request: Request) -> Response:
        """An access token, and the refresh token as a cookie. After some wrong passwords one has to wait."""
        return desk.handed_out(await desk.sign_in(body, request), request)

    @routes.post(
        "/api/auth/refresh",
        summary="A new access token, for the refresh token in the cookie",
        responses=_ok(_GRANTED),
    )
    async def refresh(request: Request) -> Response:
        """Each refresh token is good for one use; the cookie is replaced. A second use ends the sign-in."""
        return desk.handed_out(await desk.renew(request), request)

    @routes.post("/api/auth/logout", summary="Sign out, here or everywhere", status_code=204)
    async def logout(request: Request, body: SignOutBody | None = None) -> Response:
        """Ends the sign-in of the access token, or without one that of the cookie."""
        await desk.sign_out(request, everywhere=body is not None and body.everywhere)
        response = answer(None)
        response.delete_cookie(COOKIE, path=COOKIE_PATH)
        return response

    @routes.get("/api/auth/user", summary="Who is signed in", responses=_ok(_USER))
    async def user(signed: SignedIn) -> Json:
        return shown(signed)

    @routes.patch(
        "/api/auth/user", summary="Change how one is called, and one's language", responses=_ok(_USER)
    )
    async def describe(body: DescriptionBody, signed: SignedIn) -> Json:
        values = body.model_dump(exclude_none=True)
        account, _ = await platform.accounts.people.change(signed.account_id, by=signed.actor, **values)
        return shown(replace(signed, display=account.display, language=account.language))

    @routes.post("/api/auth/password", summary="Change one's own password", status_code=204)
    async def password(body: PasswordBody, signed: SignedIn) -> Response:
        """All other sign-ins of the account end; this one goes on."""
        return answer(None, position=await desk.change_password(body, signed))

    return routes


class SignInDesk:
    """Signing in and out for requests: what goes wrong becomes a problem."""

    def __init__(self, platform: Platform) -> None:
        self._platform, self._accounts = platform, platform.accounts

    async def sign_in(self, body: SignInBody, request: Request) -> Granted:
        name = body.name or body.email
        if not name:
            raise Problem(422, detail="name: the name to sign in with is missing", field="name")
        try:
            return await self._accounts.sign_in(name, body.password.get_secret_value(), address(request))
        except SignInRefused as error:
            if error.disabled:
                raise Problem(403, detail=str(error), code="disabled") from None
            raise Problem(401, detail=str(error), code="wrong") from None
        except TooOften as error:
            raise too_often(error) from None
        except TooManyHashes:
            raise busy() from None

    async def renew(self, request: Request) -> Granted:
        token = self._cookie(request)
        try:
            return await self._accounts.renew(token, address(request))
        except TooOften as error:
            raise too_often(error) from None
        except RefreshRefused as error:
            reused = isinstance(error, RefreshReused)
            told = "this sign-in has ended; sign in again"
            raise Problem(401, detail=told, code="token_reused" if reused else "sign_in_ended") from None

    async def sign_out(self, request: Request, *, everywhere: bool) -> None:
        if "authorization" in request.headers:
            try:
                signed = await signed_by(self._platform, token_of(request))
            except Problem:
                if COOKIE not in request.cookies:
                    return
            else:
                await self._accounts.sign_out(signed, everywhere=everywhere)
                return
        if COOKIE in request.cookies:
            await self._accounts.sign_out_cookie(self._cookie(request))

    async def change_password(self, body: PasswordBody, signed: Signed) -> int:
        try:
            return await self._accounts.people.set_password(
                signed.account_id,
                body.new.get_secret_value(),
                by=signed.actor,
                reset=False,
                old=body.old.get_secret_value(),
                keep=signed.sign_in,
            )
        except SignInRefused:
            raise Problem(403, detail="old: that is not your password", field="old", code="wrong") from None
        except PasswordRefused as error:
            raise Problem(422, detail=f"new: {error}", field="new", code="password") from None
        except TooOften as error:
            raise too_often(error) from None
        except TooManyHashes:
            raise busy() from None
        except LookupError:
            raise Problem(404, detail="there is no such account") from None

    def handed_out(self, granted: Granted, request: Request) -> Response:
        response = answer(
            {
                "access_token": granted.access_token,
                "token_type": "bearer",
                "expires_in": granted.expires_in,
                "user": shown(granted.signed),
            }
        )
        response.set_cookie(
            COOKIE,
            granted.refresh_token,
            max_age=max(0, (granted.refresh_until - now()) // 1_000_000),
            path=COOKIE_PATH,
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )
        return response

    @staticmethod
    def _cookie(request: Request) -> str:
        """The refresh token. Raises `Problem` 401 without one, 403 where a foreign page could have sent it."""
        token = request.cookies.get(COOKIE)
        if not token:
            raise Problem(401, detail="nobody is signed in here; sign in first", code="sign_in_missing")
        if not any(name in request.headers for name in OWN_HEADERS):
            told = "send a header of your own, Idempotency-Key or X-Requested-With, beside the cookie"
            raise Problem(403, detail=told, code="cross_site")
        if not {"sec-fetch-site", "origin"} & set(request.headers):
            raise Problem(
                403, detail="the cookie needs Sec-Fetch-Site or Origin beside it", code="cross_site"
            )
        return token


def shown(signed: Signed) -> Json:
    """What a page is told of who uses it."""
    return {
        "account_id": signed.account_id,
        "name": signed.name,
        "display": signed.display or signed.name,
        "role": signed.role,
        "language": signed.language,
    }


def address(request: Request) -> str:
    """Where a request came from."""
    return request.client.host if request.client else ""


def busy() -> Problem:
    """The answer while too many passwords are being checked."""
    told = "too many people sign in at this moment"
    return Problem(503, detail=told, code="busy", headers={"Retry-After": "2"})


def token_of(request: Request, token: str | None = None) -> str:
    """The access token of a request, or `token` where it carries none. Raises `Problem` 401 without either."""
    scheme, _, carried = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and carried.strip():
        return carried.strip()
    if token:
        return token
    raise Problem(401, detail="Authorization: Bearer … is missing", code="token_missing")
