"""The conversation on one socket, from hello to the end. See docs/operations.md for its messages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final, Protocol

import structlog
from pydantic import ValidationError
from pydantic_core import from_json, to_json

from adapters.accounts.signed import Signed
from adapters.accounts.tokens import TokenInvalid
from adapters.live.live import Live, NotPermitted, TooManyPages
from adapters.live.page import Page
from adapters.live.topics import Wanted, topic_of
from events.commit import Json
from events.errors import LorestreamError

logger = structlog.get_logger(__name__)

CLOSE: Final = {
    "bad_message": 4400,
    "token_invalid": 4401,
    "token_expired": 4401,
    "no_hello": 4408,
    "too_many": 4429,
    "too_fast": 4429,
    "going_away": 1001,
    "unavailable": 1013,
}
"""The code a socket is closed with."""
LAST_WORDS_SECONDS: Final = 2.0


class Gone(Exception):
    """The other side has closed."""


class Socket(Protocol):
    """A WebSocket as far as it is needed here."""

    async def receive(self) -> str:
        """The next text. Raises `Gone`, and `ValueError` for a message that is none."""
        ...

    async def send(self, text: str) -> None:
        """Raises `Gone`."""
        ...

    async def close(self, code: int, reason: str) -> None: ...

    def abort(self) -> None:
        """Drop the connection, with whatever waits in it."""
        ...


class _End(Exception):
    """The conversation is over, because of `code`."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


async def converse(live: Live, socket: Socket, signed: Callable[[str], Awaitable[Signed]]) -> None:
    """Serve a socket that was accepted until it ends; closes it. Never raises."""
    session = _Session(live, socket, signed)
    await session.run()


class _Session:
    def __init__(self, live: Live, socket: Socket, signed: Callable[[str], Awaitable[Signed]]) -> None:
        self._live, self._socket, self._signed = live, socket, signed
        self._limits = live.limits
        self._ended: asyncio.Future[_End] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        end: _End | None = None
        page: Page | None = None
        try:
            page = await self._hello()
            self._live.join(page, self._dismiss)
            page.tell(
                {
                    "type": "welcome",
                    "account": {
                        "account_id": page.signed.account_id,
                        "name": page.signed.name,
                        "role": page.signed.role,
                    },
                    "head": self._live.head,
                }
            )
            end = await self._until_end(page)
        except _End as reason:
            end = reason
        except TooManyPages as error:
            end = _End("too_many", str(error))
        except Gone:
            return
        finally:
            if page is not None:
                self._live.leave(page)
                page.outbox.close()
        if end is not None:
            await self._say_goodbye(end)

    async def _hello(self) -> Page:
        try:
            async with asyncio.timeout(self._limits.hello):
                message = await self._message()
        except TimeoutError:
            raise _End("no_hello", f"say hello with a token within {self._limits.hello:g} s") from None
        if message.get("type") != "hello":
            raise _End("bad_message", 'the first message is {"type": "hello", "token": …}')
        token = message.get("token")
        return Page(self._limits, await self._who(token), str(token))

    async def _until_end(self, page: Page) -> _End | None:
        tasks = [
            asyncio.create_task(self._listen(page), name="live listening"),
            asyncio.create_task(self._send(page), name="live sending"),
            asyncio.create_task(self._ping(page), name="live ping"),
        ]
        try:
            waited: list[asyncio.Future[Any]] = [*tasks, self._ended]
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        if self._ended.done():
            return self._ended.result()
        for found in outcomes:
            if isinstance(found, Exception) and not isinstance(found, _End | Gone):
                logger.error("a live page ended", error=f"{type(found).__name__}: {found}"[:300])
        return next((found for found in outcomes if isinstance(found, _End)), None)

    async def _listen(self, page: Page) -> None:
        loop, began, count = asyncio.get_running_loop(), 0.0, 0
        while True:
            message = await self._message()
            if loop.time() - began >= 1:
                began, count = loop.time(), 0
            count += 1
            if count > self._limits.messages_per_second:
                raise _End("too_fast", f"at most {self._limits.messages_per_second} messages a second")
            try:
                await self._obey(page, message)
            except NotPermitted as error:
                page.problem("not_permitted", str(error), _named(message))
            except ValidationError as error:
                first = error.errors()[0]
                where = ".".join(str(part) for part in first["loc"])
                page.problem("invalid", f"filters.{where}: {first['msg']}"[:300], _named(message))
            except ValueError as error:
                page.problem("invalid", str(error)[:300], _named(message))
            except LorestreamError as error:
                page.problem("unavailable", str(error)[:300], _named(message))

    async def _obey(self, page: Page, message: Json) -> None:
        match message.get("type"):
            case "subscribe":
                topic = topic_of(message.get("topic"))
                filters = Wanted.model_validate(message.get("filters") or {}).filters()
                full = len(page.subscriptions) >= self._limits.subscriptions
                if full and topic.name not in page.subscriptions:
                    raise ValueError(
                        f"topic: at most {self._limits.subscriptions} at a time; unsubscribe from some"
                    )
                head = await self._live.subscribe(page, topic, filters)
                page.tell({"type": "subscribed", "topic": topic.name, "head": head})
            case "unsubscribe":
                topic = topic_of(message.get("topic"))
                self._live.unsubscribe(page, topic.name)
                page.tell({"type": "unsubscribed", "topic": topic.name})
            case "token":
                token = message.get("token")
                signed = await self._who(token)
                if signed.account_id != page.signed.account_id:
                    raise _End("token_invalid", "the token is of another account")
                page.signed, page.token = signed, str(token)
            case "ping":
                page.tell({"type": "pong"})
            case "pong":
                pass
            case _:
                raise ValueError("type: one of subscribe, unsubscribe, token, ping")

    async def _send(self, page: Page) -> None:
        while (text := await page.outbox.take()) is not None:
            try:
                async with asyncio.timeout(self._limits.stalled):
                    await self._socket.send(text)
            except TimeoutError:
                # It does not read: whatever waits for it in buffers goes with the connection.
                self._socket.abort()
                raise Gone from None

    async def _ping(self, page: Page) -> None:
        while True:
            await asyncio.sleep(self._limits.ping)
            page.tell({"type": "ping", "head": self._live.head})

    async def _message(self) -> dict[str, Any]:
        """The next message. Raises `Gone`, `_End`."""
        try:
            text = await self._socket.receive()
            if len(text) > self._limits.message:
                raise _End("bad_message", f"a message has at most {self._limits.message} characters")
            found = from_json(text)
        except ValueError:
            raise _End("bad_message", "a message is a JSON object in a text frame") from None
        if not isinstance(found, dict):
            raise _End("bad_message", "a message is a JSON object")
        return found

    async def _who(self, token: object) -> Signed:
        if not isinstance(token, str) or not token:
            raise _End("token_invalid", "token: the access token is missing")
        try:
            return await self._signed(token)
        except TokenInvalid as error:
            raise _End("token_expired" if error.expired else "token_invalid", str(error)) from None
        except LorestreamError as error:
            raise _End("unavailable", str(error)[:300]) from None

    def _dismiss(self, code: str, detail: str) -> None:
        if not self._ended.done():
            self._ended.set_result(_End(code, detail))

    async def _say_goodbye(self, end: _End) -> None:
        """Why it ends, if the other side still reads."""
        told = to_json({"type": "problem", "code": end.code, "detail": end.detail}).decode()
        try:
            async with asyncio.timeout(LAST_WORDS_SECONDS):
                with suppress(Gone):
                    await self._socket.send(told)
                    await self._socket.close(CLOSE.get(end.code, 1008), end.code)
        except TimeoutError:
            self._socket.abort()


def _named(message: Json) -> str | None:
    name = message.get("topic")
    return name[:100] if isinstance(name, str) else None
