"""The HTTP client below both SDKs. Import it off the event loop: httpx2 takes its time."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2

from adapters.llm.providers.failure import AnswerTooLarge

MAX_ANSWER_BYTES = 8 * 1024 * 1024
CONNECT_SECONDS = 5.0
KEEP_ALIVE_SECONDS = 60.0
KEPT_CONNECTIONS = 256


def http_client() -> httpx2.AsyncClient:
    """A client whose answers are bounded in bytes, uncompressed and never from elsewhere by redirection."""
    return httpx2.AsyncClient(
        timeout=httpx2.Timeout(60.0, connect=CONNECT_SECONDS),
        limits=httpx2.Limits(
            max_connections=None,
            max_keepalive_connections=KEPT_CONNECTIONS,
            keepalive_expiry=KEEP_ALIVE_SECONDS,
        ),
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
