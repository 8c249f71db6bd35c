from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from events.agent import AgentStatusChanged
from events.chronicle import ChroniclePassed, ChronicleRecorded
from events.commit import microseconds
from events.npc import NpcInteracted, NpcPerceived, NpcRegistered, NpcSpoke, Profile
from events.provider import ProviderStatusChanged
from events.request import (
    ReplyTo,
    RequestCancelled,
    RequestCompleted,
    RequestFailed,
    RequestOpened,
    RequestTimedOut,
)
from events.scriptevent import ScriptEventCreated, ScriptEventProcessed
from projections import feed, relationships, requests
from projections.feed_pages import Filters, page
from tests.commits import NOON, commit, perceived
from tests.projections.conftest import World

JOHN = "npc/John"


def gift() -> NpcInteracted:
    return NpcInteracted("Aria", "gift", {}, True, {})


def opened(server: str = "map-1") -> RequestOpened:
    reply_to = ReplyTo("gateway-1", "c1", server, "OnReady")
    return RequestOpened("dialogue", "John", {}, NOON + timedelta(seconds=5), 5000, reply_to)


async def test_somebody_never_met_is_a_stranger(world: World) -> None:
    await world.project()
    with world.reading() as connection:
        assert relationships.relationship(connection, "John", "Aria") == {
            "target_id": "Aria",
            "relationship_level": "stranger",
            "trust": 50,
            "affection": 50,
            "interactions": 0,
            "last_contact": None,
        }


async def test_relationships_count_contacts_by_kind_and_interactions_alone_decide_the_level(
    world: World,
) -> None:
    for _ in range(4):
        await world.append(JOHN, gift())
    await world.append(JOHN, NpcSpoke("Aria", "hi", "hello", "calm", "talk", "template", "greeting"))
    await world.append(JOHN, NpcPerceived("saw_player", {}, "Aria"))
    await world.project()
    with world.reading() as connection:
        found = relationships.relationship(connection, "John", "Aria")
        assert found["kinds"] == {"gift": 4, "dialogue": 1, "saw_player": 1}
        assert found["interactions"] == 5
        assert found["relationship_level"] == "familiar"
        assert relationships.relationships(connection, "John")["relationships"] == [found]


async def test_kinds_invented_by_a_hostile_client_are_counted_together_at_some_point(world: World) -> None:
    for number in range(100):
        await world.append(JOHN, NpcPerceived(f"kind {number}", {}, "Aria"))
    await world.project()
    with world.reading() as connection:
        kinds = relationships.relationship(connection, "John", "Aria")["kinds"]
    assert len(kinds) == 33
    assert kinds["other"] == 68


async def test_an_opened_request_is_pending_until_its_first_outcome(world: World) -> None:
    await world.append("request/r1", opened())
    await world.project()
    with world.reading() as connection:
        found = requests.request(connection, "r1", now=1_000_000 + 1_795_176_000_000_000)
        assert found is not None
        assert (found["status"], found["error_code"], found["label"]) == ("pending", 0, "OnReady")
        assert found["elapsed_ms"] == 1000
        assert [request["request_id"] for request in requests.pending(connection, "map-1")] == ["r1"]
        assert requests.pending(connection, "map-2") == []

    await world.append("request/r1", RequestCompleted({"response": "hello"}, 1))
    await world.append("request/r1", RequestTimedOut())
    await world.project()
    with world.reading() as connection:
        found = requests.request(connection, "r1")
        assert found is not None
        assert (found["status"], found["error_code"]) == ("complete", 1)
        assert found["result"] == {"response": "hello"}
        assert requests.pending(connection) == []
        assert [request["request_id"] for request in requests.finished(connection, "map-1")] == ["r1"]
        assert requests.finished(connection, "map-1", after=2) == []


@pytest.mark.parametrize(
    ("outcome", "status", "code"),
    [
        (RequestFailed(-502, "model down"), "error", -502),
        (RequestCancelled("changed my mind"), "cancelled", -202),
        (RequestTimedOut(), "timeout", -501),
    ],
)
async def test_an_unhappy_outcome_has_a_negative_code(
    world: World, outcome: RequestFailed | RequestCancelled | RequestTimedOut, status: str, code: int
) -> None:
    await world.append("request/r1", opened(), outcome)
    await world.project()
    with world.reading() as connection:
        found = requests.request(connection, "r1")
    assert found is not None
    assert (found["status"], found["error_code"]) == (status, code)
    assert found["error_message"]


async def test_an_unknown_request_is_none(world: World) -> None:
    await world.project()
    with world.reading() as connection:
        assert requests.request(connection, "r1") is None


async def test_the_feed_has_a_row_per_event_newest_first_and_pages(world: World) -> None:
    await world.append(JOHN, NpcRegistered(Profile("guard")), perceived())
    await world.append("npc/Mary", gift())
    await world.project()
    with world.reading() as connection:
        first = page(connection, Filters(), limit=2)
        second = page(connection, Filters(), limit=2, cursor=first["next"])
        rows = first["items"] + second["items"]
    assert [(row["position"], row["index"], row["summary"]) for row in rows] == [
        (2, 0, "gift by Aria"),
        (1, 1, "heard_sound"),
        (1, 0, "guard"),
    ]
    assert second["next"] is None


async def test_the_feed_has_words_for_scripts_switches_and_rows_of_a_chronicle(world: World) -> None:
    await world.append(
        "scriptevent/7", ScriptEventCreated("boss_killed", {}, "world_evolution", 4, "1", "prontera")
    )
    await world.append("scriptevent/7", ScriptEventProcessed("boss_killed"))
    await world.append("provider/openai", ProviderStatusChanged(True))
    await world.append("agent/chat", AgentStatusChanged(False, "too dear"))
    told = ChronicleRecorded("chat.global", 5, 1, name="Aria", map="prontera", data={"message": "Hi"})
    await world.append("chronicle/map-1.chatlog", told, ChroniclePassed(5, 0))
    await world.project()
    with world.reading() as connection:
        rows = page(connection, Filters())["items"]
    assert [row["summary"] for row in sorted(rows, key=lambda row: (row["position"], row["index"]))] == [
        "boss_killed for world_evolution in prontera",
        "boss_killed handed over",
        "on",
        "off: too dear",
        "chat.global by Aria in prontera",
        "read up to 5",
    ]


async def test_the_feed_is_filtered_by_stream_type_actor_and_time(world: World) -> None:
    await world.append(JOHN, perceived())
    await world.append("npc/Mary", gift())
    await world.project()
    with world.reading() as connection:

        def positions(**filters: Any) -> list[int]:
            return [row["position"] for row in page(connection, Filters(**filters))["items"]]

        assert positions(stream=JOHN) == [1]
        assert positions(types=("npc.interacted",)) == [2]
        assert positions(actor="server/map-1") == [2, 1]
        assert positions(since=2**50) == [2, 1]
        assert positions(since=2**60) == []
        assert positions(until=0) == []


async def test_a_causation_tree_is_found_by_its_correlation(world: World) -> None:
    await world.append("request/r1", opened(), correlation_id="c")
    await world.append(JOHN, perceived())
    await world.append("request/r1", RequestCompleted({}), correlation_id="c")
    await world.project()
    with world.reading() as connection:
        assert [row["position"] for row in feed.trace(connection, "c")] == [1, 3]


async def test_a_cursor_of_somebody_else_is_refused(world: World) -> None:
    with world.reading() as connection, pytest.raises(ValueError, match="cursor"):
        page(connection, Filters(), cursor="1; DROP TABLE feed")


async def test_a_query_by_time_finds_the_same_events_as_looking_at_all_of_them(world: World) -> None:
    times = [NOON + timedelta(minutes=minute) for minute in range(30)]
    for number, moment in enumerate(times):
        made = commit(f"npc/n{number}", perceived(), time=moment)
        await world.log.append(made, expected=0)
    await world.project()
    with world.reading() as connection:
        for number, moment in enumerate(times):
            found = page(connection, Filters(since=microseconds(moment)), limit=100)["items"]
            assert len(found) == 30 - number
        assert page(connection, Filters(since=microseconds(times[-1]) + 1))["items"] == []
