"""Whatever stands at the other end of the line, a call ends with one of our errors, in bounded memory."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from adapters.llm.book import ProviderEntry
from adapters.llm.port import Provider
from adapters.llm.providers import open_provider
from adapters.llm.providers.http_client import MAX_ANSWER_BYTES, POOL_SHARE
from events.errors import ModelAnswerBroken, ModelError, ModelLost, ModelRefused, ModelUnavailable
from tests.adapters.llm.conformance import ASKED, SECONDS, gathered

KINDS = ("chat", "responses", "anthropic")


def reply(body: bytes, *headers: str, status: str = "200 OK", kind: str = "application/json") -> bytes:
    lines = (f"HTTP/1.1 {status}", f"Content-Type: {kind}", *headers, f"Content-Length: {len(body)}", "", "")
    return "\r\n".join(lines).encode() + body


def chunked(kind: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()


ENDLESS = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"


class Server:
    """Sends `head`, then `tail` for ever, whatever it is asked."""

    def __init__(self) -> None:
        self.head, self.tail = b"", b""
        self.connections = self.requests = self.sent = 0
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                asked = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    (
                        line.partition(b":")[2]
                        for line in asked.lower().split(b"\r\n")
                        if line.startswith(b"content-length")
                    ),
                    b"0",
                )
                await reader.readexactly(int(length))
                self.requests += 1
                writer.write(self.head)
                while self.tail:
                    writer.write(self.tail)
                    self.sent += len(self.tail)
                    await writer.drain()
                await writer.drain()
                if b"Content-Length" not in self.head:
                    break
        writer.close()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    listening = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    yield made
    listening.close()


@pytest.fixture(params=KINDS)
async def provider(request: pytest.FixtureRequest, server: Server) -> AsyncIterator[Provider]:
    given: dict[str, Any] = (
        {"type": "anthropic"} if request.param == "anthropic" else {"type": "openai", "api": request.param}
    )
    entry = ProviderEntry(
        key="mine", id=1, name="Mine", model="m", key_variable="K", base_url=server.url, **given
    )
    made = open_provider(entry, {"K": "sk-recognisable"})
    yield made
    await made.close()


async def refused(provider: Provider, error: type[ModelError]) -> list[ModelError]:
    """Both ways of asking end with `error`."""
    found = []
    for work in (provider.complete(ASKED, timeout=SECONDS), gathered(provider, ASKED)):
        with pytest.raises(error) as caught:
            await work
        assert type(caught.value) is error
        assert len(str(caught.value)) < 300
        found.append(caught.value)
    return found


async def test_an_endless_answer_is_cut_off(provider: Provider, server: Server) -> None:
    for kind in ("application/json", "text/event-stream"):
        server.head, server.tail = chunked(kind), ENDLESS
        await refused(provider, ModelAnswerBroken)
    assert server.sent < 4 * (MAX_ANSWER_BYTES + 8 * 1024 * 1024)


@pytest.mark.parametrize(
    "head",
    [
        reply(b"{}", "Content-Encoding: gzip"),
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 999999999999\r\n\r\n{",
    ],
)
async def test_what_would_grow_in_memory_is_not_read(provider: Provider, server: Server, head: bytes) -> None:
    server.head = head
    await refused(provider, ModelAnswerBroken)


async def test_a_redirection_is_not_followed_with_our_key(provider: Provider, server: Server) -> None:
    server.head = reply(b"", f"Location: {server.url}/elsewhere", status="307 Temporary Redirect")
    await refused(provider, ModelRefused)
    assert server.requests == 2


@pytest.mark.parametrize("head", [b"", b"SSH-2.0-OpenSSH_9.9\r\n", b"\x00\xff\xfe", b"HTTP/1.1 200"])
async def test_with_what_is_no_http_server_the_question_is_lost(
    provider: Provider, server: Server, head: bytes
) -> None:
    server.head = head
    await refused(provider, ModelLost)


WRONG: list[Any] = [
    [],
    None,
    7,
    "text",
    {},
    {"choices": None, "output": None, "content": None},
    {"choices": [], "output": [7], "content": [7]},
    {"choices": [{"message": None}], "output": [{"type": "message"}], "content": [{"type": "text"}]},
    {
        "choices": [{"message": {"tool_calls": [{"function": {}}]}}],
        "output": [{"type": "function_call"}],
        "content": {},
    },
]


@pytest.mark.parametrize("body", WRONG)
async def test_json_that_is_no_answer_is_broken(provider: Provider, server: Server, body: Any) -> None:
    server.head = reply(json.dumps(body).encode())
    await refused(provider, ModelAnswerBroken)
    server.head = reply(f"data: {json.dumps(body)}\n\n".encode(), kind="text/event-stream")
    with pytest.raises(ModelAnswerBroken):
        await gathered(provider, ASKED)


def _called(**piece: Any) -> Any:
    return {"choices": [{"delta": {"tool_calls": [piece]}, "finish_reason": "stop"}]}


DELTA = {"type": "input_json_delta", "partial_json": "x"}
EVENTS: list[list[Any]] = [
    [{"choices": [7]}, {"type": "response.completed", "response": {}}, {"type": "message_start"}],
    [_called(function=7), {"type": "response.completed", "response": 7}, {"type": "message_start", "message": 7}],
    [{"choices": [{"delta": 7}]}, {"type": "response.output_text.delta"}, {"type": "message_delta", "delta": None}],
    [_called(index="a"), {"type": "response.failed", "response": 7}, {"type": "content_block_start", "index": []}],
    [_called(), {"type": "response.completed", "response": {"output": [{"type": "message", "content": [7]}]}},
     {"type": "content_block_delta", "index": 0, "delta": DELTA}, {"type": "message_stop"}],
    [{"choices": [{"delta": {"content": "cut"}}]}, {"type": "response.output_text.delta", "delta": "cut"},
     {"type": "ping"}],
]  # fmt: skip


@pytest.mark.parametrize("events", EVENTS)
async def test_events_of_the_wrong_shape_are_broken(
    provider: Provider, server: Server, events: list[Any]
) -> None:
    frames = "".join(f"event: {each.get('type', 'x')}\ndata: {json.dumps(each)}\n\n" for each in events)
    server.head = reply(frames.encode(), kind="text/event-stream")
    with pytest.raises(ModelAnswerBroken):
        await gathered(provider, ASKED)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>hello</html>", b"[" * 100_000, b'{"a": "\xff\xfe"}', b'{"choices": NaN}', b"data: {"],
)
async def test_what_is_no_json_is_broken(provider: Provider, server: Server, body: bytes) -> None:
    for kind in ("application/json", "text/html", "text/event-stream"):
        server.head = reply(body, kind=kind)
        await refused(provider, ModelAnswerBroken)
        server.head = reply(b"event: message_start\ndata: " + body + b"\n\n", kind="text/event-stream")
        with pytest.raises(ModelAnswerBroken):
            await gathered(provider, ASKED)


async def test_a_page_of_a_proxy_is_not_repeated_in_the_error(provider: Provider, server: Server) -> None:
    server.head = reply(b"<html>" + b"sk-recognisable " * 10_000, status="502 Bad Gateway", kind="text/html")
    for error in await refused(provider, ModelUnavailable):
        assert error.status == 502
        assert "recognisable" not in str(error)


async def test_connections_are_used_again_and_shared_among_pools(server: Server) -> None:
    answer = {"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}], "model": "m"}
    server.head = reply(json.dumps(answer).encode())
    entry = ProviderEntry(key="mine", id=1, name="Mine", type="local", model="m", base_url=server.url)
    provider = open_provider(entry, {})
    for _ in range(5):
        await provider.complete(ASKED, timeout=SECONDS)
    assert server.connections == 1
    many = 4 * POOL_SHARE
    for _ in range(3):
        await asyncio.gather(*(provider.complete(ASKED, timeout=SECONDS) for _ in range(many)))
    assert server.connections <= many + 1
    await provider.close()


async def test_a_client_that_cannot_be_made_is_no_reason_to_crash(server: Server) -> None:
    entry = ProviderEntry(key="mine", id=1, name="Mine", type="local", model="m", base_url="http://[::bad/v1")
    provider = open_provider(entry, {})
    for _ in range(2):
        with pytest.raises(ModelRefused, match="cannot be made"):
            await provider.complete(replace(ASKED, model="m"), timeout=SECONDS)
    await provider.close()
