"""The prompt client: what it does other than nats-py, and that it does the rest like nats-py."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import ConnectionClosedError, NoRespondersError
from nats.errors import TimeoutError as NatsTimeoutError

from adapters.nats.client import WRITE_AHEAD, PromptClient
from adapters.nats.connection import connect
from adapters.nats.server import EmbeddedServer
from adapters.settings import Settings


async def _echo(client: PromptClient, subject: str) -> None:
    async def answer(message: Msg) -> None:
        await message.respond(message.data)

    await client.subscribe(subject, cb=answer)
    await client.flush()


async def test_requests_made_at_once_each_get_their_own_answer(client: PromptClient) -> None:
    held: list[Msg] = []

    async def answer_backwards(message: Msg) -> None:
        held.append(message)
        if len(held) == 50:
            for each in reversed(held):
                await each.respond(each.data)

    await client.subscribe("test.backwards", cb=answer_backwards)
    answers = await asyncio.gather(
        *(client.request("test.backwards", f"{n}".encode(), timeout=5) for n in range(50))
    )
    assert [answer.data for answer in answers] == [f"{n}".encode() for n in range(50)]


async def test_headers_reach_the_other_side(client: PromptClient) -> None:
    heard: asyncio.Future[Msg] = asyncio.get_running_loop().create_future()
    await client.listen("test.headers", heard.set_result)
    await client.publish("test.headers", b"body", reply="test.reply", headers={"Nats-Msg-Id": "a b/c"})
    message = await asyncio.wait_for(heard, 5)
    assert (message.data, message.reply, message.headers) == (b"body", "test.reply", {"Nats-Msg-Id": "a b/c"})


async def test_a_taker_gets_messages_as_they_were_sent_until_it_leaves(client: PromptClient) -> None:
    taken: list[tuple[bytes, ...]] = []
    left = await client.take("test.taken.*", lambda *message: taken.append(message))
    await client.publish("test.taken.one", b"body", reply="test.reply")
    await client.publish("test.taken.two", b"", headers={"Nats-Msg-Id": "a"})
    await client.flush()
    assert taken == [
        (b"test.taken.one", b"test.reply", b"body", b""),
        (b"test.taken.two", b"", b"", b"NATS/1.0\r\nNats-Msg-Id: a\r\n\r\n"),
    ]
    await left.unsubscribe()
    await client.publish("test.taken.three", b"body")
    await client.flush()
    assert len(taken) == 2


async def test_a_request_that_nobody_serves_says_so_at_once(client: PromptClient) -> None:
    with pytest.raises(NoRespondersError):
        await client.request("test.nobody", b"", timeout=30)


async def test_a_request_without_an_answer_ends_in_time_and_a_late_one_harms_nobody(
    client: PromptClient,
) -> None:
    late: list[Msg] = []
    await client.listen("test.slow", late.append)
    await _echo(client, "test.quick")
    with pytest.raises(NatsTimeoutError):
        await client.request("test.slow", b"", timeout=0.05)
    await late[0].respond(b"too late")
    assert (await client.request("test.quick", b"still there", timeout=5)).data == b"still there"


async def test_a_request_that_is_given_up_leaves_nothing_behind(client: PromptClient) -> None:
    await client.listen("test.silent", lambda _: None)
    asking = asyncio.create_task(client.request("test.silent", b"", timeout=60))
    await asyncio.sleep(0.05)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert not client._waiting


async def test_messages_of_a_listener_come_in_order_and_one_that_fails_does_not_stop_the_next(
    client: PromptClient,
) -> None:
    heard: list[bytes] = []

    def hear(message: Msg) -> None:
        if message.data == b"3":
            raise LookupError("a listener's own mistake")
        heard.append(message.data)

    await client.listen("test.order", hear)
    for number in range(10):
        await client.publish("test.order", f"{number}".encode())
    await client.flush()
    assert heard == [f"{number}".encode() for number in range(10) if number != 3]


async def test_a_listener_that_left_hears_nothing_and_one_of_a_queue_only_its_share(
    client: PromptClient,
) -> None:
    first: list[Msg] = []
    second: list[Msg] = []
    gone = await client.listen("test.share", first.append, queue="workers")
    await client.listen("test.share", second.append, queue="workers")
    for _ in range(200):
        await client.publish("test.share", b"work")
    await client.flush()
    assert len(first) + len(second) == 200
    assert first and second
    first.clear()
    await gone.unsubscribe()
    await client.publish("test.share", b"work")
    await client.flush()
    assert (len(first), second[-1].data) == (0, b"work")


async def test_draining_a_listener_hands_over_what_was_on_its_way(client: PromptClient) -> None:
    heard: list[Msg] = []
    draining = await client.listen("test.drain", heard.append)
    for _ in range(500):
        await client.publish("test.drain", b"work")
    await draining.drain()  # type: ignore[no-untyped-call]
    assert len(heard) == 500


async def test_more_than_the_socket_takes_at_once_arrives_whole(client: PromptClient) -> None:
    heard: list[bytes] = []
    await client.listen("test.much", lambda message: heard.append(message.data))
    body = b"x" * 100_000
    for _ in range(4 * WRITE_AHEAD // 1000):
        await client.publish("test.much", body)
    await client.flush()
    assert heard == [body] * (4 * WRITE_AHEAD // 1000)


async def test_after_an_outage_requests_and_listeners_work_again(tmp_path: Path) -> None:
    settings = Settings(state=tmp_path)
    server = EmbeddedServer(settings)
    await server.start()
    try:
        client, other = await connect(settings, name="asking"), await connect(settings, name="answering")
        heard: list[Msg] = []
        await other.listen("test.heard", heard.append)
        await _echo(other, "test.echo")
        assert (await client.request("test.echo", b"before", timeout=5)).data == b"before"
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        async with asyncio.timeout(20):
            while True:
                try:
                    answer = await client.request("test.echo", b"after", timeout=0.2)
                    break
                except (NatsTimeoutError, NoRespondersError):
                    await asyncio.sleep(0.05)
        assert answer.data == b"after"
        await client.publish("test.heard", b"again")
        await client.flush()
        await other.flush()
        assert heard[-1].data == b"again"
        await client.close()
        await other.close()
        with pytest.raises(ConnectionClosedError):
            await client.request("test.echo", b"closed", timeout=1)
    finally:
        await server.stop()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n",
        b"Nats-Msg-Id: midgard/map-1/c1\r\nNats-Sequence:7\r\n\r\n",
        b"Name: \tvalue: with a colon \r\nOther:\r\n",
        b"no colon\r\nTwo words: x\r\n: nameless\r\n Led:y\r\n",
        "Grüße: x\r\nName: H\u00e4ndler 1. \u2116\r\n".encode(),
        b"Name: \xff broken\r\nSame: 1\r\nSame: 2\r\n",
    ],
)
def test_headers_are_read_as_nats_py_reads_them(raw: bytes) -> None:
    assert PromptClient._parse_header_lines(raw) == Client._parse_header_lines(raw)
