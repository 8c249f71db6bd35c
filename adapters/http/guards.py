"""What stands before every route: the host's name, foreign pages, large bodies, and headers on each answer."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from fastapi import HTTPException
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.http.problems import Problem, unforeseen

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_FETCHES = frozenset({b"same-origin", b"none"})

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
CLOSED = "default-src 'none'; frame-ancestors 'none'"
"""The policy of everything that is no page."""
TLS = "max-age=31536000"
LINGER_SECONDS = 2.0
LINGER_BYTES = 16 * 1024 * 1024


class BodyTooLarge(HTTPException):
    """More arrived than is read."""

    def __init__(self, largest: int) -> None:
        super().__init__(413, f"the body may have at most {largest} bytes")


class BodyLimit:
    """Answers 413 instead of reading more than `largest` bytes, also when no length was announced.

    Paths in `other` have a limit of their own.
    """

    def __init__(self, app: ASGIApp, largest: int, other: Mapping[str, int] | None = None) -> None:
        self._app = app
        self._largest = largest
        self._other = other or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        largest = self._other.get(scope["path"], self._largest)
        too_large, exceeded, arrived = BodyTooLarge(largest), False, 0

        async def counted() -> Message:
            nonlocal arrived, exceeded
            message = await receive()
            arrived += len(message.get("body", b""))
            if arrived > largest:
                exceeded = True
                raise too_large
            return message

        async def closing(message: Message) -> None:
            if exceeded and message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Connection"] = "close"
            elif exceeded and not message.get("more_body"):
                # Whoever still sends would not read the answer if the connection was closed at once.
                await send({**message, "more_body": True})
                await _drain(receive)
                message = {"type": "http.response.body", "body": b""}
            await send(message)

        announced = header(scope, b"content-length") or b"0"
        if not announced.isdigit() or int(announced) > largest:
            exceeded = True
            problem = Problem(too_large.status_code, detail=too_large.detail)
            await problem.response(scope["path"])(scope, receive, closing)
            return
        await self._app(scope, counted, closing)


async def _drain(receive: Receive) -> None:
    """Let a body go by, within reason."""
    arrived, more = 0, True
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            while more and arrived < LINGER_BYTES:
                message = await receive()
                arrived += len(message.get("body", b""))
                more = message["type"] == "http.request" and message.get("more_body", False)


class ForeignPages:
    """Answers 403 to whatever a page of another origin made a browser send that could change something."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS and is_foreign(scope):
            told = "this came from a page of another origin; nothing was done"
            refused = Problem(403, detail=told, code="cross_site").response(scope["path"])
            await refused(scope, receive, send)
            return
        await self._app(scope, receive, send)


class OwnHosts:
    """Answers 421 to requests for a host that is not ours, while only this machine can reach the port.

    A foreign page may let a name of its own point to 127.0.0.1 and would then be of the same origin as this service
    (DNS rebinding). Where the port is open to others, or `hosts` names the names, only those count.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str], bound_to: str) -> None:
        self._app = app
        self._hosts = {host.lower().rstrip(".") for host in hosts}
        self._checks = bool(self._hosts) or _is_loopback(bound_to)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._checks and scope["type"] in {"http", "websocket"}:
            given = (header(scope, b"host") or b"").decode("latin-1")
            host = _host_of(given)
            if host not in self._hosts and not _is_loopback(host):
                told = (
                    f"{given[:100]!r} is not a name of this service; the setting http.hosts lists its names"
                )
                if scope["type"] == "websocket":
                    await receive()
                    await send({"type": "websocket.close", "code": 1008})
                    return
                await Problem(421, detail=told).response(scope["path"])(scope, receive, send)
                return
        await self._app(scope, receive, send)


class AnswerHeaders:
    """Puts on every answer what tells browsers to be careful, and what a limit leaves; on those of failures, too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state: dict[str, Any] = scope.setdefault("state", {})
        begun = False

        async def adorned(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Content-Security-Policy", CLOSED)
                headers.setdefault("Cache-Control", "no-store")
                if scope["scheme"] == "https":
                    headers.setdefault("Strict-Transport-Security", TLS)
                allowance = state.get("allowance")
                if allowance is not None:
                    for name, value in allowance.headers().items():
                        headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, adorned)
        except Exception as error:
            if begun:
                raise
            await unforeseen(scope["path"], error)(scope, receive, adorned)


def header(scope: Scope, name: bytes) -> bytes | None:
    """A header of a request, by its name in lower case."""
    return next((bytes(value) for key, value in scope["headers"] if key == name), None)


def is_foreign(scope: Scope) -> bool:
    """Whether a browser says that a page of another origin sent this; programs say nothing, and are not foreign."""
    fetched = header(scope, b"sec-fetch-site")
    if fetched is not None:
        return fetched not in OWN_FETCHES
    origin = header(scope, b"origin")
    return origin is not None and not is_own_origin(scope, origin)


def is_own_origin(scope: Scope, origin: bytes) -> bool:
    """Whether `Origin` names the host this request was sent to."""
    _, separator, authority = origin.partition(b"://")
    return bool(separator) and authority.lower() == (header(scope, b"host") or b"").lower()


def _host_of(authority: str) -> str:
    authority = authority.strip().lower()
    if authority.startswith("["):
        return authority[1:].partition("]")[0]
    return authority.rpartition(":")[0].rstrip(".") if ":" in authority else authority.rstrip(".")


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
