"""Callers that are no people: scripts with the game server's `X-API-Key`, and audits by a key or by an operator."""

from __future__ import annotations

import hmac
from typing import Any

from fastapi import Depends, Request
from fastapi.security import APIKeyHeader

from adapters.accounts.signed import Signed
from adapters.http.access import bearer, signed_in
from adapters.http.problems import Problem
from adapters.settings import Settings

HEADER = "X-API-Key"
_shown = APIKeyHeader(name=HEADER, auto_error=False, description="`http.api_key`, where one is set.")


def game_server(settings: Settings) -> Any:
    """A dependency that asks for `http.api_key`, where one is set: `Problem` 401 when it is missing, 403 when wrong."""
    key = settings.http.api_key.get_secret_value().encode()

    async def check(request: Request, _key: Any = Depends(_shown)) -> None:  # noqa: B008 - how FastAPI declares it
        if key:
            _compare(request, key)

    return Depends(check)


def auditor(settings: Settings, *roles: str) -> Any:
    """A dependency that lets in who has `http.api_key`, or is signed in as operator, admin or one of `roles`.

    Without either: `Problem` 401; with the wrong one, 403.
    """
    key = settings.http.api_key.get_secret_value().encode()

    async def check(
        request: Request,
        _key: Any = Depends(_shown),  # noqa: B008 - how FastAPI declares it
        _token: Any = Depends(bearer),  # noqa: B008
    ) -> None:
        if HEADER in request.headers and key:
            _compare(request, key)
            return
        if "authorization" not in request.headers:
            told = f"sign in as an operator (Authorization: Bearer …), or show {HEADER} where http.api_key is set"
            raise Problem(401, detail=told, code="token_missing", headers={"WWW-Authenticate": "Bearer"})
        signed: Signed = await signed_in(request)
        if not signed.has("operator", *roles):
            raise _needs(("operator", *roles), signed)

    return Depends(check)


def known(settings: Settings, *roles: str) -> Any:
    """A dependency that, where `http.api_key` is set, lets in who has it or is signed in: `Problem` 401, 403.

    With `roles`, a person has to have one of them.
    """
    key = settings.http.api_key.get_secret_value().encode()

    async def check(
        request: Request,
        _key: Any = Depends(_shown),  # noqa: B008 - how FastAPI declares it
        _token: Any = Depends(bearer),  # noqa: B008
    ) -> None:
        if not key:
            return
        if HEADER not in request.headers and "authorization" in request.headers:
            signed: Signed = await signed_in(request)
            if roles and not signed.has(*roles):
                raise _needs(roles, signed)
        else:
            _compare(request, key)

    return Depends(check)


def _needs(roles: tuple[str, ...], signed: Signed) -> Problem:
    wanted = " or ".join((*roles, "admin"))
    return Problem(403, detail=f"this needs the role {wanted}; yours is {signed.role}", code="role")


def _compare(request: Request, key: bytes) -> None:
    given = request.headers.get(HEADER)
    if given is None:
        raise Problem(401, detail=f"{HEADER} is missing", headers={"WWW-Authenticate": "ApiKey"})
    if not hmac.compare_digest(given.encode("latin-1", "replace"), key):
        raise Problem(403, detail=f"{HEADER} is not valid")
