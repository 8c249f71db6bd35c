"""The live WebSocket of a real platform, over real sockets, with pages of all kinds."""

from __future__ import annotations

import asyncio
import json
import socket as sockets
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from os import urandom
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from adapters.accounts import tokens
from adapters.accounts.signed import Signed
from adapters.http import app
from adapters.live.limits import Limits
from adapters.live.live import Live
from adapters.live.page import Page as PageState
from adapters.live.topics import Subscription, topic_of
from adapters.nats.log import JetStreamLog
from adapters.settings import Settings
from tests.adapters.http.people import People, Person, people
from tests.adapters.live.conftest import address_of, opened, token_of
from tests.adapters.rathena.conftest import BEHIND, Platform, running
from tests.commits import commit, perceived
from tests.projections.conftest import until


async def append(log: JetStreamLog, count: int, stream: str = "npc/John", after: int = 0, at: int = 0) -> int:
    """Append commits that hear bells; the last position. `after` versions exist, the last one at `at`."""
    for number in range(count):
        made = commit(stream, perceived(), realm=log.realm, version=after + number + 1)
        at = (await log.append(made, expected=at)).position
    return at


@pytest.fixture
async def ann(them: People) -> Person:
    return await them.make("operator")


async def test_a_page_hears_what_happens_as_it_happens(
    platform: Platform, ann: Person, log: JetStreamLog
) -> None:
    async with opened(platform, ann) as page:
        await page.say(type="subscribe", topic="feed")
        head = (await page.hear("subscribed"))["head"]
        last = await append(log, 30)
        found = [row for row in await page.events(30) if row["stream"] == "npc/John"]
        found += [] if len(found) >= 30 else await page.events(30 - len(found))
    assert [row["position"] for row in found][-1] == last
    assert all(row["position"] > head for row in found)
    assert found[0]["type"] == "npc.perceived" and found[0]["summary"] == "heard_sound"
    rest = (await ann.web.get("/api/feed", params={"limit": 30, "stream": "npc/John"})).json()["items"]
    assert [row for row in found if row["stream"] == "npc/John"] == rest[::-1]


async def test_filters_are_those_of_the_route_and_can_be_changed(
    platform: Platform, ann: Person, log: JetStreamLog
) -> None:
    async with opened(platform, ann) as page:
        await page.say(type="subscribe", topic="feed", filters={"stream": "npc/Mary"})
        await page.hear("subscribed")
        await append(log, 3, "npc/John")
        await append(log, 2, "npc/Mary")
        assert {row["stream"] for row in await page.events(2)} == {"npc/Mary"}
        await page.say(
            type="subscribe", topic="feed", filters={"type": ["npc.perceived"], "prefix": "npc/Jo"}
        )
        await page.hear("subscribed")
        await append(log, 1, "npc/Joan")
        assert [row["stream"] for row in await page.events(1)] == ["npc/Joan"]
        await page.say(type="unsubscribe", topic="feed")
        await page.hear("unsubscribed")


async def test_health_is_told_when_it_changes(platform: Platform, ann: Person) -> None:
    async with opened(platform, ann) as page:
        await page.say(type="subscribe", topic="health")
        assert (await page.events(1))[0]["status"] == "ok"


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1", "file://", "http://[", "ftp://x"]
)
async def test_pages_of_another_origin_get_no_socket(platform: Platform, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(address_of(platform), additional_headers={"Origin": origin}):
            pass
    assert refused.value.response.status_code == 403


async def test_our_own_page_gets_one(platform: Platform, ann: Person) -> None:
    async with opened(platform, ann, additional_headers={"Origin": platform.http}) as page:
        assert page.heard[0]["account"]["name"] == ann.name


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ({"type": "hello", "token": "x.y.z"}, 4401),
        ({"type": "hello"}, 4401),
        ({"type": "hello", "token": ["x"]}, 4401),
        ({"type": "subscribe", "topic": "feed"}, 4400),
        ([1, 2], 4400),
        ("not json", 4400),
        (b"\x00\x01", 4400),
    ],
)
async def test_who_does_not_say_hello_properly_is_told_so_and_closed(
    platform: Platform, first: object, code: int
) -> None:
    async with opened(platform) as page:
        await page.socket.send(
            first if isinstance(first, bytes) else first if first == "not json" else json.dumps(first)
        )
        assert (await page.end())[0] == code
        assert page.heard[0]["type"] == "problem" and page.heard[0]["detail"]


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ({"type": "subscribe", "topic": "everything"}, "topic"),
        ({"type": "subscribe", "topic": "feed", "filters": {"colour": "red"}}, "colour"),
        ({"type": "subscribe", "topic": "feed", "filters": {"stream": 7}}, "stream"),
        ({"type": "subscribe", "topic": "feed", "filters": {"type": ["x"] * 65}}, "type"),
        ({"type": "subscribe", "topic": "feed", "filters": [1]}, "filters"),
        ({"type": "subscribe", "topic": "campaign:none"}, ""),
        ({"type": "subscribe"}, "topic"),
        ({"type": "dance"}, "type"),
        ({}, "type"),
    ],
)
async def test_what_cannot_be_done_is_answered_and_the_page_stays(
    platform: Platform, ann: Person, message: dict[str, object], told: str
) -> None:
    async with opened(platform, ann) as page:
        await page.socket.send(json.dumps(message))
        assert told in (await page.hear("problem"))["detail"]
        await page.say(type="ping")
        await page.hear("pong")


async def test_players_may_not_listen_to_the_log(platform: Platform, them: People) -> None:
    async with opened(platform, await them.make("player")) as page:
        for topic in ("feed", "health", "campaign:none", "chat:none"):
            await page.say(type="subscribe", topic=topic)
            assert (await page.hear("problem"))["topic"] == topic


async def test_a_thousand_subscriptions_are_too_many(platform: Platform, ann: Person) -> None:
    async with opened(platform, ann) as page:
        for number in range(1000):
            await page.say(type="subscribe", topic=f"campaign:{number}")
            await asyncio.sleep(0.011 if number % 90 == 89 else 0)
        assert (await page.end())[0] == 4429


async def test_a_flood_of_messages_is_ended(platform: Platform, ann: Person, log: JetStreamLog) -> None:
    async with opened(platform, ann) as calm, opened(platform, ann) as page:
        await calm.say(type="subscribe", topic="feed")
        await calm.hear("subscribed")
        try:
            for _ in range(5000):
                await page.socket.send('{"type":"ping"}')
        except Exception:
            pass
        assert (await page.end())[0] == 4429
        await append(log, 1)
        assert await calm.events(1)


async def test_a_message_that_is_too_long_ends_the_socket(platform: Platform, ann: Person) -> None:
    async with opened(platform, ann) as page:
        await page.say(type="ping", text="x" * 200_000)
        assert (await page.end())[0] == 1009


async def test_pages_hear_what_was_appended_while_the_projector_was_down(
    settings: Settings, log: JetStreamLog
) -> None:
    """The gateway goes on; every event comes once, in order."""
    async with AsyncExitStack() as stack:
        first = running(settings, "projector")
        await first.__aenter__()
        endpoints = await stack.enter_async_context(running(settings, "commands", "gateway"))
        platform = Platform(settings, endpoints["zmq"], endpoints["http"])
        them = await stack.enter_async_context(people(settings, platform.http))
        page = await stack.enter_async_context(opened(platform, await them.make("operator")))
        await page.say(type="subscribe", topic="feed", filters={"stream": "npc/John"})
        await page.hear("subscribed")
        last = await append(log, 5)
        heard = await page.events(5)
        await first.__aexit__(None, None, None)
        await append(log, 5, after=5, at=last)
        await stack.enter_async_context(running(settings, "projector"))
        heard += await page.events(5)
    assert [row["version"] for row in heard] == list(range(1, 11))


async def test_a_gateway_that_ends_says_so_to_its_pages_and_waits_for_none(settings: Settings) -> None:
    async with AsyncExitStack() as stack:
        ending = running(settings, *BEHIND, "gateway")
        endpoints = await ending.__aenter__()
        platform = Platform(settings, endpoints["zmq"], endpoints["http"])
        async with people(settings, platform.http) as them:
            ann = await them.make("operator")
        page = await stack.enter_async_context(opened(platform, ann))
        await page.say(type="subscribe", topic="feed")
        await page.hear("subscribed")
        async with asyncio.timeout(20):
            await ending.__aexit__(None, None, None)
        assert (await page.end())[0] in (1001, 1012)


@pytest.fixture
def hubs(monkeypatch: pytest.MonkeyPatch) -> list[Live]:
    """The hubs of the gateways that are started from now on; they lose patience soon."""
    made: list[Live] = []
    hasty = replace(Limits(), hello=1.5, recheck=0.2, ping=0.2, stalled=0.5, sockets_per_account=3, sockets=6)

    class Watched(Live):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, hasty)  # type: ignore[call-arg]
            made.append(self)

    monkeypatch.setattr(app, "Live", Watched)
    return made


@pytest.fixture
async def hasty(hubs: list[Live], settings: Settings) -> AsyncIterator[Platform]:
    async with running(settings, *BEHIND, "gateway") as endpoints:
        yield Platform(settings, endpoints["zmq"], endpoints["http"])


@pytest.fixture
async def crowd(hasty: Platform) -> AsyncIterator[People]:
    async with people(hasty.settings, hasty.http) as made:
        yield made


async def test_who_never_says_hello_is_closed_soon(hasty: Platform, crowd: People) -> None:
    async with opened(hasty) as page:
        assert (await page.end())[0] == 4408


async def test_pages_are_pinged_and_one_that_is_left_alone_stays(hasty: Platform, crowd: People) -> None:
    async with opened(hasty, await crowd.make("operator")) as page:
        for _ in range(4):
            assert "head" in await page.hear("ping")


async def test_there_are_only_so_many_sockets(hasty: Platform, crowd: People, hubs: list[Live]) -> None:
    ann, bob = await crowd.make("operator"), await crowd.make("operator")
    async with AsyncExitStack() as stack:
        for person in (ann, ann, ann, bob, bob):
            await stack.enter_async_context(opened(hasty, person))
        async with opened(hasty) as page:
            await page.say(type="hello", token=token_of(ann))
            assert (await page.end())[0] == 4429
        await stack.enter_async_context(opened(hasty, bob))
        with pytest.raises(InvalidStatus):
            async with opened(hasty):
                pass
    await until(lambda: _gone(hubs[0]))
    async with opened(hasty, ann):
        pass


async def test_a_role_that_is_taken_away_ends_what_it_allowed(hasty: Platform, crowd: People) -> None:
    admin, ann = await crowd.make("admin"), await crowd.make("operator")
    async with opened(hasty, ann) as page:
        await page.say(type="subscribe", topic="feed")
        await page.hear("subscribed")
        version = (await admin.get(f"/api/accounts/{ann.account_id}")).headers["ETag"]
        changed = await admin.web.patch(
            f"/api/accounts/{ann.account_id}", json={"role": "player"}, headers={"If-Match": version}
        )
        assert changed.status_code == 200, changed.text
        told = await page.hear("problem")
        assert (told["code"], told["topic"]) == ("not_permitted", "feed")


async def test_signing_out_ends_the_socket(hasty: Platform, crowd: People) -> None:
    ann = await crowd.make("operator")
    async with opened(hasty, ann) as page:
        assert (await ann.post("/api/auth/logout")).is_success
        assert (await page.end())[0] == 4401


async def test_a_token_that_expires_ends_the_socket_unless_another_comes(
    hasty: Platform, crowd: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "LEEWAY_SECONDS", 0)
    ann, bob = await crowd.make("operator"), await crowd.make("operator")
    issuer = tokens.Tokens(tokens.keys_of(hasty.settings), realm=hasty.settings.realm, minutes=1)
    claims = issuer.read(token_of(ann))
    issuer.seconds = 3
    async with opened(hasty) as renewed, opened(hasty) as left:
        brief = issuer.issue(claims.account_id, claims.sign_in)
        for page in (renewed, left):
            await page.say(type="hello", token=brief)
            await page.hear("welcome")
        await renewed.say(type="token", token=token_of(ann))
        await renewed.say(type="ping")
        await renewed.hear("pong")
        assert await left.end() == (4401, "token_expired")
        await renewed.say(type="ping")
        await renewed.hear("pong")
        await renewed.say(type="token", token=token_of(bob))
        assert (await renewed.end())[0] == 4401


async def test_a_page_that_never_reads_is_dropped_and_costs_nobody_anything(
    hasty: Platform, crowd: People, hubs: list[Live], log: JetStreamLog
) -> None:
    ann = await crowd.make("operator")
    deaf = await asyncio.to_thread(_deaf, hasty, ann)
    try:
        async with opened(hasty, ann) as page:
            await page.say(type="subscribe", topic="feed")
            await page.hear("subscribed")
            await until(lambda: _listening(hubs[0], 2))
            async with asyncio.timeout(20):
                while hubs[0].pages > 1:
                    for _ in range(8):
                        hubs[0].publish("feed", {"text": "x" * 60_000})
                    assert await page.events(1)
            await append(log, 1)
            while not any("position" in item for item in await page.events(1)):
                pass
    finally:
        deaf.close()


async def test_who_reads_too_slowly_is_told_what_it_missed() -> None:
    page = PageState(Limits(waiting=2), Signed("a", "ann", "operator"), "")
    subscription = Subscription(topic_of("feed"), 10)
    for up_to in (11, 12, 13, 14):
        page.deliver(subscription, json.dumps({"up_to": up_to}), up_to)
    assert [await page.outbox.take() for _ in range(2)] == ['{"up_to": 11}', '{"up_to": 12}']
    page.deliver(subscription, '{"up_to": 15}', 15)
    told = [json.loads(await page.outbox.take() or "") for _ in range(2)]
    assert told == [{"type": "lagging", "topic": "feed", "from": 12}, {"up_to": 15}]


async def _gone(live: Live) -> bool:
    return live.pages == 0


async def _listening(live: Live, count: int) -> bool:
    return len(live._listeners.get("feed", {})) == count


def _deaf(platform: Platform, person: Person) -> sockets.socket:
    """A signed-in page with a tiny window that listens to the feed and never reads again."""
    host, port = platform.http.removeprefix("http://").split(":")
    raw = sockets.socket()
    raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    raw.settimeout(5)
    raw.connect((host, int(port)))
    key = b64encode(urandom(16)).decode()
    raw.sendall(
        f"GET /api/ws HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    assert b"101" in raw.recv(4096)
    for message in ({"type": "hello", "token": token_of(person)}, {"type": "subscribe", "topic": "feed"}):
        body = json.dumps(message).encode()
        raw.sendall(bytes([0x81, 0x80 | 126]) + len(body).to_bytes(2, "big") + bytes(4) + body)
    return raw
