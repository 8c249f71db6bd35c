"""`/api/ws`: one WebSocket per page, on which it hears what happens. Its messages: docs/operations.md."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import APIRouter
from starlette.websockets import WebSocket, WebSocketDisconnect

from adapters.live.session import Gone, converse

if TYPE_CHECKING:
    from adapters.http.platform import Platform

ABORT = "lorestream.abort"
"""The key of the scope under which the server tells how to drop a connection (`adapters.http.uvicorn_server`)."""


def router(platform: Platform) -> APIRouter:
    """The route; everything else is said on the socket."""
    routes = APIRouter()

    @routes.websocket("/api/ws")
    async def live(socket: WebSocket) -> None:
        if not from_here(socket, platform.settings.http.hosts):
            # Before it was accepted: the handshake is answered with 403.
            await socket.close()
            return
        if not platform.live.admit():
            await socket.close()
            return
        try:
            with suppress(WebSocketDisconnect):
                await socket.accept()
                await converse(platform.live, _Socket(socket), platform.accounts.signed)
        finally:
            platform.live.dismissed()

    return routes


def from_here(socket: WebSocket, hosts: tuple[str, ...]) -> bool:
    """Whether a page of our own opened the socket, or a program that is no browser and names no origin."""
    origin = socket.headers.get("origin")
    if origin is None:
        return True
    try:
        where = urlsplit(origin)
        netloc, name = where.netloc.lower(), where.hostname
    except ValueError:
        return False
    if where.scheme not in {"http", "https"}:
        return False
    return netloc == socket.headers.get("host", "").lower() or name in hosts


class _Socket:
    """Starlette's WebSocket as `adapters.live.session.Socket`."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket

    async def receive(self) -> str:
        message = await self._socket.receive()
        if message["type"] != "websocket.receive":
            raise Gone
        text = message.get("text")
        if text is None:
            raise ValueError("a binary frame")
        return str(text)

    async def send(self, text: str) -> None:
        try:
            await self._socket.send_text(text)
        except (WebSocketDisconnect, RuntimeError):
            raise Gone from None

    async def close(self, code: int, reason: str) -> None:
        try:
            await self._socket.close(code, reason)
        except (WebSocketDisconnect, RuntimeError):
            raise Gone from None

    def abort(self) -> None:
        drop = self._socket.scope.get(ABORT)
        if callable(drop):
            drop()
