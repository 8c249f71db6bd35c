"""Shares, allowances, lanes, mailboxes and positions, without a socket."""

from __future__ import annotations

import asyncio

import pytest

from adapters.rathena.admission import Admission
from adapters.rathena.connections import Connection, Connections
from adapters.rathena.lanes import Lanes
from adapters.rathena.mailbox import KEEP_SECONDS, Letter, Mailbox
from adapters.rathena.outcomes import Opening, Outcome
from adapters.rathena.positions import Positions
from commands.rejection import Rejected
from events.commit import Actor


def letter(request_id: str, since: float = 0.0) -> Letter:
    async def nothing() -> None:
        pass

    opening = Opening("John", None, Actor("player", "1"), "c", 0)
    return Letter(Outcome(request_id, 1, opening, "complete", 0, "", {}, 1, nothing, nothing), since)


def test_a_lone_connection_may_use_everything() -> None:
    admission, only = Admission(100), Connection("a")
    for _ in range(100):
        admission.enter(only)
    with pytest.raises(Rejected) as refused:
        admission.enter(only)
    assert refused.value.code == -503
    assert refused.value.retry_after_ms


def test_a_flooding_connection_leaves_room_for_others() -> None:
    admission, flood, other = Admission(100), Connection("flood"), Connection("other")
    admission.enter(other)
    admitted = 0
    with pytest.raises(Rejected, match="share"):
        while True:
            admission.enter(flood)
            admitted += 1
    assert admitted == 50
    for _ in range(49):
        admission.enter(other)
    admission.leave(flood, 50)
    admission.leave(other, 50)
    assert (admission.in_flight, flood.in_flight, other.in_flight) == (0, 0, 0)
    admission.enter(flood, 90)


def test_an_allowance_refills_with_time() -> None:
    connections, connection = Connections(per_second=10), Connection("a")
    connections.add(b"a", connection)
    assert [connections.throttle(connection) for _ in range(10)] == [0] * 10
    assert 1 <= connections.throttle(connection) <= 100
    connection.refilled -= 0.25
    assert connections.throttle(connection) == 0


def test_the_longest_silent_connection_is_forgotten_first() -> None:
    connections = Connections(capacity=2)
    for name in (b"a", b"b"):
        connections.add(name, Connection(name.decode()))
    assert connections.get(b"a") is not None
    connections.add(b"c", Connection("c"))
    assert connections.get(b"b") is None
    assert connections.get(b"a") is not None


def test_only_pushable_connections_of_the_same_server_are_found() -> None:
    connections = Connections()
    for name, server, pushable in (("a", "map-1", True), ("b", "map-1", False), ("c", "map-2", True)):
        connections.add(name.encode(), Connection(name, pushable=pushable, server=server))
    assert [connection.key for connection in connections.of_server("map-1")] == ["a"]


async def test_a_lane_lets_one_after_the_other() -> None:
    lanes, lane = Lanes(), ("connection", "John")
    before_first, first = lanes.join(lane)
    before_second, second = lanes.join(lane)
    assert before_first is None
    assert before_second is first
    assert lanes.before(lane) is second
    lanes.leave(lane, first)
    assert before_second is not None and before_second.done()
    lanes.leave(lane, second)
    assert lanes.before(lane) is None
    assert len(lanes) == 0
    assert isinstance(second, asyncio.Future)


def test_letters_are_handed_out_oldest_first_and_once() -> None:
    mailbox = Mailbox()
    for number in range(3):
        mailbox.put("map-1", letter(f"r{number}"))
    mailbox.put("map-1", letter("r1"))
    taken = [mailbox.take("map-1") for _ in range(4)]
    assert [one.request_id if one else None for one in taken] == ["r0", "r1", "r2", None]
    assert mailbox.take("map-2") is None


def test_a_full_mailbox_gives_up_the_oldest_letter_of_the_fullest_server() -> None:
    mailbox = Mailbox(capacity=3)
    assert mailbox.put("quiet", letter("q")) is None
    assert mailbox.put("busy", letter("b1")) is None
    assert mailbox.put("busy", letter("b2")) is None
    evicted = mailbox.put("busy", letter("b3"))
    assert evicted is not None and evicted.request_id == "b1"
    assert len(mailbox) == 3


def test_letters_expire_after_ten_minutes() -> None:
    mailbox = Mailbox()
    mailbox.put("map-1", letter("old", since=0.0))
    mailbox.put("map-1", letter("young", since=500.0))
    assert [one.request_id for one in mailbox.expired(KEEP_SECONDS + 1)] == ["old"]
    assert len(mailbox) == 1


def test_reads_wait_for_their_stream_and_for_events_of_the_whole_world() -> None:
    positions = Positions(capacity=2)
    positions.wrote("npc/John", 5)
    positions.wrote("npc/John", 3)
    assert (positions.needed("npc/John"), positions.needed("npc/Jane")) == (5, 0)
    positions.wrote("world/midgard", 9)
    assert positions.needed("npc/Jane") == 9
    positions.wrote("npc/Jane", 12)
    positions.wrote("npc/Jim", 13)
    assert positions.needed("npc/John") == 9
