"""The HTTP client below both SDKs. Import it off the event loop: httpx2 takes its time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.request import getproxies

import httpx2

from adapters.llm.providers.failure import AnswerTooLarge

MAX_ANSWER_BYTES = 8 * 1024 * 1024
CONNECT_SECONDS = 5.0
KEEP_ALIVE_SECONDS = 60.0

POOL_SHARE = 16
"""Calls under way in one pool of connections before another pool is opened.

A pool looks at all its connections with every request, idle ones by a system call: 200 calls at once take a third of
the processor time when they share several pools.
"""

_LIMITS = httpx2.Limits(
    max_connections=None, max_keepalive_connections=None, keepalive_expiry=KEEP_ALIVE_SECONDS
)


def http_client() -> httpx2.AsyncClient:
    """A client whose answers are bounded in bytes, uncompressed and never from elsewhere by redirection."""
    return httpx2.AsyncClient(
        timeout=httpx2.Timeout(60.0, connect=CONNECT_SECONDS),
        limits=_LIMITS,
        # The proxies of the environment are respected by the client's own transport only.
        transport=None if getproxies() else _Pools(),
        # A small compressed body can be a huge answer: only what is not compressed can be bounded by its bytes.
        headers={"Accept-Encoding": "identity"},
        event_hooks={"response": [_bound]},
        follow_redirects=False,
    )


async def _bound(response: httpx2.Response) -> None:
    declared = response.headers.get("content-length", "")
    if (declared.isdecimal() and int(declared) > MAX_ANSWER_BYTES) or "content-encoding" in response.headers:
        await response.aclose()
        raise AnswerTooLarge
    assert isinstance(response.stream, httpx2.AsyncByteStream)
    response.stream = _Bounded(response.stream)


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = MAX_ANSWER_BYTES
        async for chunk in self._stream:
            left -= len(chunk)
            if left < 0:
                raise AnswerTooLarge
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


class _Pools(httpx2.AsyncBaseTransport):
    """As many pools as the calls under way need; the first ones are used first, so that they stay warm."""

    def __init__(self) -> None:
        self._context = httpx2.create_ssl_context()
        self._pools: list[_Pool] = [self._new()]

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        pool = next((each for each in self._pools if each.busy < POOL_SHARE), None)
        if pool is None:
            pool = self._new()
            self._pools.append(pool)
        return await pool.handle_async_request(request)

    async def aclose(self) -> None:
        for pool in self._pools:
            await pool.aclose()

    def _new(self) -> _Pool:
        return _Pool(verify=self._context, limits=_LIMITS)


class _Pool(httpx2.AsyncHTTPTransport):
    """A pool that counts the calls under way in it, to the end of their answers."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.busy = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.busy += 1
        try:
            response = await super().handle_async_request(request)
        except BaseException:
            self.busy -= 1
            raise
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _Counted(response.stream, self)
        return response


class _Counted(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream, pool: _Pool) -> None:
        self._stream = stream
        self._pool: _Pool | None = pool

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self._stream)

    async def aclose(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.busy -= 1
        await self._stream.aclose()
