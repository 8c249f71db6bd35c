from __future__ import annotations

from typing import Any

from events.faction import FactionEventOccurred
from events.npc import (
    NpcFactionJoined,
    NpcFactionLeft,
    NpcInteracted,
    NpcPerceived,
    NpcRegistered,
    NpcSpoke,
    NpcUnregistered,
    Profile,
)
from events.world import WorldEventOccurred
from projections.recall import recall
from tests.projections.conftest import World

JOHN = "npc/John"


def rain() -> WorldEventOccurred:
    return WorldEventOccurred("rain", {"strength": 3}, None, 1)


async def remembered(world: World, npc_id: str, memory_type: str = "recent", **filters: Any) -> list[str]:
    await world.project()
    with world.reading() as connection:
        return [memory["event_type"] for memory in recall(connection, npc_id, memory_type, filters)]


async def test_an_npc_remembers_events_interactions_and_what_it_said_newest_first(world: World) -> None:
    await world.append(JOHN, NpcRegistered(Profile()))
    await world.append(JOHN, NpcPerceived("attacked", {"attacker": "Bob", "damage": 3}, "Bob"))
    await world.append(
        JOHN, NpcInteracted("Aria", "gift", {"item_name": "Apple"}, True, {"emotion": "happy"})
    )
    await world.append(JOHN, NpcSpoke("Aria", "hello", "Good day.", "calm", "talk", "template", "greeting"))
    await world.project()

    with world.reading() as connection:
        memories = recall(connection, "John", "recent", {})
    assert [memory["source"] for memory in memories] == ["speech", "interaction", "event"]
    assert memories[0]["content"] == "Aria: hello / I said: Good day."
    assert memories[1]["emotion"] == "happy"
    assert memories[2]["content"] == "attacked: attacker Bob, damage 3"
    assert memories[2]["importance"] == 0.8


async def test_important_memories_come_weightiest_first(world: World) -> None:
    await world.append(JOHN, NpcPerceived("attacked", {}, "Bob"))
    await world.append(JOHN, NpcPerceived("saw_player", {}, "Bob"))
    await world.append(JOHN, NpcPerceived("birthday", {"importance": 1.0}))
    assert await remembered(world, "John", "important") == ["birthday", "attacked", "saw_player"]


async def test_memories_can_be_filtered_by_player_event_word_time_and_number(world: World) -> None:
    await world.append(JOHN, NpcPerceived("helped", {"with": "100% cotton"}, "Aria"))
    await world.append(JOHN, NpcPerceived("insulted", {"word": "fool"}, "Bob"))
    assert await remembered(world, "John", "about_player", player_id="Aria") == ["helped"]
    assert await remembered(world, "John", "about_event", event_type="insulted") == ["insulted"]
    assert await remembered(world, "John", query="0% c") == ["helped"]
    assert await remembered(world, "John", query="%") == ["helped"]
    assert await remembered(world, "John", limit=1) == ["insulted"]
    assert await remembered(world, "John", since="2026-11-20T12:00:01Z") == []
    assert await remembered(world, "John", since="2026-11-20T12:00:00Z") == ["insulted", "helped"]
    assert await remembered(world, "John", since="yesterday", limit="many", player_id=["x"]) == [
        "insulted",
        "helped",
    ]


async def test_world_events_are_stored_once_and_heard_only_while_registered(world: World) -> None:
    await world.append("world/midgard", rain())
    await world.append(JOHN, NpcRegistered(Profile()))
    await world.append("npc/Mary", NpcRegistered(Profile()))
    await world.append("world/midgard", WorldEventOccurred("festival", {}, None, 2))
    await world.append(JOHN, NpcUnregistered())
    await world.append("world/midgard", WorldEventOccurred("eclipse", {}, None, 1))
    await world.append(JOHN, NpcRegistered(Profile()))
    await world.append("world/midgard", WorldEventOccurred("snow", {}, None, 2))
    assert await remembered(world, "John") == ["snow", "festival"]
    assert await remembered(world, "Mary") == ["snow", "eclipse", "festival"]
    with world.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM memories").scalar_one() == 4


async def test_a_world_event_for_a_list_reaches_only_those_named(world: World) -> None:
    for name in ("John", "Mary"):
        await world.append(f"npc/{name}", NpcRegistered(Profile()))
    await world.append("world/midgard", WorldEventOccurred("theft", {}, ("John", "John"), 1))
    assert await remembered(world, "John") == ["theft"]
    assert await remembered(world, "Mary") == []


async def test_faction_events_are_remembered_by_those_who_were_members_then(world: World) -> None:
    await world.append(JOHN, NpcRegistered(Profile()))
    await world.append("faction/guild", FactionEventOccurred("founding", {}, 0))
    await world.append(JOHN, NpcFactionJoined("guild"))
    await world.append("faction/guild", FactionEventOccurred("raid", {}, 1))
    await world.append(JOHN, NpcFactionLeft("guild"))
    await world.append("faction/guild", FactionEventOccurred("defeat", {}, 0))
    assert await remembered(world, "John") == ["raid"]


async def test_hostile_text_is_one_bounded_line(world: World) -> None:
    await world.append(
        JOHN, NpcPerceived("heard_sound", {"text": "a\nb\x1b[2J" + "x" * 10_000, "n": 10**4000})
    )
    await world.project()
    with world.reading() as connection:
        content = recall(connection, "John", "recent", {})[0]["content"]
    assert len(content) == 280
    assert content.isprintable()
