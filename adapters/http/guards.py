"""What stands before the application: a limit on bodies, and the key."""

from __future__ import annotations

import hmac

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

OPEN_PATHS = frozenset({"/", "/health", "/health/live", "/docs", "/redoc", "/openapi.json"})


OWN_KEYS = "/v1/"
"""Paths whose callers show keys of their own (`adapters.http.keys`)."""


class BodyTooLarge(Exception):
    """More arrived than is read."""


class BodyLimit:
    """Answers 413 instead of reading more than `largest` bytes, also when no length was announced."""

    def __init__(self, app: ASGIApp, largest: int) -> None:
        self._app = app
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        too_large = JSONResponse({"detail": f"the body may have at most {self._largest} bytes"}, 413)
        announced = _header(scope, b"content-length") or b"0"
        if not announced.isdigit() or int(announced) > self._largest:
            await too_large(scope, receive, send)
            return
        arrived = 0

        async def counted() -> Message:
            nonlocal arrived
            message = await receive()
            arrived += len(message.get("body", b""))
            if arrived > self._largest:
                raise BodyTooLarge
            return message

        try:
            await self._app(scope, counted, send)
        except BodyTooLarge:
            await too_large(scope, receive, send)


class ApiKey:
    """Asks for `X-API-Key` everywhere but on `OPEN_PATHS`: 401 when it is missing, 403 when it is wrong."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self._app = app
        self._key = key.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in OPEN_PATHS or scope["path"].startswith(OWN_KEYS):
            await self._app(scope, receive, send)
            return
        given = _header(scope, b"x-api-key")
        if given is None:
            missing = {"detail": "X-API-Key is missing"}
            await JSONResponse(missing, 401, {"WWW-Authenticate": "ApiKey"})(scope, receive, send)
        elif not hmac.compare_digest(given, self._key):
            await JSONResponse({"detail": "X-API-Key is not valid"}, 403)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _header(scope: Scope, name: bytes) -> bytes | None:
    return next((bytes(value) for key, value in scope["headers"] if key == name), None)
