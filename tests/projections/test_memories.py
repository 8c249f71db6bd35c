"""Stories about what NPCs remember, from events to answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from adapters.sql.memory_index import MemoryIndex
from events.commit import microseconds
from events.faction import FactionEventOccurred
from events.npc import (
    Location,
    NpcFactionJoined,
    NpcFactionLeft,
    NpcHeard,
    NpcInteracted,
    NpcPerceived,
    NpcProfileUpdated,
    NpcRegistered,
    NpcSpoke,
    NpcUnregistered,
    Profile,
)
from events.world import WorldEventOccurred
from projections.memories import NPC_MEMORIES
from projections.rebuild import rebuild
from projections.recall import UnusableFilter, question, recall
from projections.recollection import PerceivedRows
from tests.commits import NOON
from tests.projections.conftest import World

JOHN = "npc/John"
NOW = microseconds(NOON) + 1_000_000
DAY = 86_400_000_000


def rain() -> WorldEventOccurred:
    return WorldEventOccurred("rain", {"strength": 3}, None, 1)


def at(x: int, y: int, map_name: str = "prontera") -> Location:
    return Location(map_name, x, y)


def standing(x: int, y: int, map_name: str = "prontera") -> NpcRegistered:
    return NpcRegistered(Profile(location=at(x, y, map_name)))


def asked(
    world: World, npc_id: str, memory_type: str = "recent", *, now: int = NOW, **filters: Any
) -> list[dict[str, Any]]:
    index = MemoryIndex(PerceivedRows())
    with world.reading() as connection:
        return recall(connection, index.on, question(npc_id, memory_type, filters, now), now)


async def remembered(world: World, npc_id: str, memory_type: str = "recent", **filters: Any) -> list[str]:
    await world.project()
    return [memory["event_type"] for memory in asked(world, npc_id, memory_type, **filters)]


async def test_a_memory_says_whose_words_it_holds(world: World) -> None:
    await world.append(JOHN, NpcRegistered(Profile()))
    for method in ("template", "fallback", "llm", "cached"):
        await world.append(JOHN, NpcSpoke("Aria", "hello", "Good day.", "calm", "talk", method, "greet"))
    await world.append(JOHN, NpcInteracted("Aria", "talk", {"message": "psst"}, True, {}))
    await world.append(JOHN, NpcPerceived("heard_sound", {"text": "psst"}, "Aria"))
    await world.append(JOHN, NpcPerceived("heard_sound", {"sound": "bell"}))
    await world.append("world/w", rain())
    await world.project()
    assert [memory["author"] for memory in reversed(asked(world, "John"))] == [
        "player", "player", "model", "model", "player", "player", "gm", "gm",
    ]  # fmt: skip


async def test_an_npc_remembers_events_interactions_and_what_it_said_newest_first(world: World) -> None:
    await world.append(JOHN, NpcRegistered(Profile()))
    await world.append(JOHN, NpcPerceived("attacked", {"attacker": "Bob", "damage": 3}, "Bob"))
    gift = NpcInteracted("Aria", "gift", {"item_name": "Apple"}, True, {"emotion": "happy"}, interactions=2)
    await world.append(JOHN, gift)
    await world.append(JOHN, NpcSpoke("Aria", "hello", "Good day.", "calm", "talk", "template", "greeting"))
    await world.project()

    memories = asked(world, "John")
    assert [memory["source"] for memory in memories] == ["speech", "interaction", "event"]
    assert memories[0]["content"] == "Aria: hello / I said: Good day."
    assert memories[1]["content"] == "Aria gave Apple to John"
    assert memories[1]["emotion"] == "happy"
    assert memories[1]["player_id"] == "Aria"
    assert memories[2]["content"] == "Bob attacked John: damage 3"
    assert memories[2]["importance"] == 0.85
    assert memories[2]["tiers"] == ["long", "short"]


async def test_important_memories_come_weightiest_first(world: World) -> None:
    await world.append(JOHN, NpcPerceived("attacked", {}, "Bob"))
    await world.append(JOHN, NpcPerceived("saw_player", {}, "Bob"))
    await world.append(JOHN, NpcPerceived("birthday", {"importance": 1.0}))
    assert await remembered(world, "John", "important") == ["birthday", "attacked", "saw_player"]


async def test_memories_can_be_filtered_by_player_event_text_time_and_number(world: World) -> None:
    await world.append(JOHN, NpcPerceived("helped", {"with": "100% cotton"}, "Aria"))
    await world.append(JOHN, NpcPerceived("insulted", {"word": "fool"}, "Bob"))
    assert await remembered(world, "John", "about_player", player_id="Aria") == ["helped"]
    assert await remembered(world, "John", "about_event", event_type="insulted") == ["insulted"]
    assert await remembered(world, "John", query="cotton") == ["helped"]
    assert await remembered(world, "John", "search", query="who called me a fool?") == ["insulted"]
    assert await remembered(world, "John", limit=1) == ["insulted"]
    assert await remembered(world, "John", since="2026-11-20T12:00:01Z") == []
    assert await remembered(world, "John", since="2026-11-20T12:00:00Z") == ["insulted", "helped"]


async def test_an_answer_says_why_a_memory_was_recalled(world: World) -> None:
    await world.append(JOHN, NpcPerceived("helped", {"with": "the leaking roof"}, "Aria"))
    await world.project()
    (found,) = asked(world, "John", "search", query="who mended my roof")
    assert found["rank"] == 1
    assert found["score"] > 0
    assert found["arms"]["words"]["rank"] == 1
    assert found["position"] == 1


def test_what_cannot_be_asked_is_named() -> None:
    with pytest.raises(ValueError, match="memory_type"):
        question("John", "gossip", {}, NOW)
    for name, value in {"since": "yesterday", "limit": "many", "player_id": ["x"], "as_of": 1.5}.items():
        with pytest.raises(UnusableFilter, match=f"filters.{name} must be"):
            question("John", "recent", {name: value}, NOW)
    with pytest.raises(ValueError, match="query"):
        question("John", "search", {}, NOW)


def test_numbers_of_a_question_may_be_text_and_a_limit_is_bounded() -> None:
    asked = question("John", "recent", {"limit": "5000", "since": "1700000000000", "superseded": 1}, NOW)
    assert (asked.limit, asked.since, asked.superseded) == (100, 1_700_000_000_000_000, True)


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


async def test_npcs_within_sight_remember_what_happened_to_another(world: World) -> None:
    await world.append(JOHN, standing(100, 100))
    await world.append("npc/Near", standing(114, 86))
    await world.append("npc/Far", standing(115, 100))
    await world.append("npc/Elsewhere", standing(100, 100, "geffen"))
    await world.append("npc/Nowhere", NpcRegistered(Profile()))
    await world.append(JOHN, NpcPerceived("stole", {"item": "a ring"}, "Bob", at(100, 100)))
    await world.project()
    (seen,) = asked(world, "Near")
    assert (seen["happened_to"], seen["perceived"], seen["player_id"]) == ("John", "saw", "Bob")
    assert seen["importance"] < asked(world, "John")[0]["importance"]
    for name in ("Far", "Elsewhere", "Nowhere"):
        assert asked(world, name) == []
    with world.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM memories").scalar_one() == 1


async def test_where_an_npc_stood_at_the_time_decides_what_it_saw(world: World) -> None:
    await world.append(JOHN, standing(100, 100))
    await world.append("npc/Guard", standing(300, 300))
    await world.append(JOHN, NpcPerceived("insulted", {}, "Bob", at(100, 100)))
    arrives = NpcProfileUpdated(Profile(location=at(101, 101)), ("location",))
    await world.append("npc/Guard", arrives)
    await world.append(JOHN, NpcPerceived("stole", {}, "Bob", at(100, 100)))
    await world.append("npc/Guard", NpcUnregistered())
    await world.append(JOHN, NpcPerceived("killed", {}, "Bob", at(100, 100)))
    assert await remembered(world, "Guard") == ["stole"]


async def test_hearsay_names_its_tellers_and_how_far_it_is_believed(world: World) -> None:
    await world.append(JOHN, NpcRegistered(Profile()))
    told = NpcHeard(
        "Mary", ("Ann", "Mary"), 400_000, 7, 0, NOW - DAY, "stole", {"item": "a ring"}, "Bob", "Ann", ("Bob",), 300_000
    )  # fmt: skip
    await world.append(JOHN, told)
    await world.project()
    (found,) = asked(world, "John", "about_player", player_id="Bob")
    assert found["content"] == "Mary told me: Bob stole a ring from Ann"
    assert (found["source"], found["perceived"]) == ("hearsay", "told")
    assert (found["told_by"], found["reliability"], found["origin"]) == (["Ann", "Mary"], 0.4, [7, 0])


async def test_a_fact_that_changed_is_replaced_and_the_old_one_seen_as_of_then(world: World) -> None:
    await world.append(JOHN, NpcRegistered(Profile()))
    for value in ("the castle", "the tower"):
        fact = {
            "subject": "the king",
            "predicate": "lives_in",
            "value": value,
            "valid_from": "2026-11-01T00:00:00Z",
        }
        await world.append(JOHN, NpcPerceived("fact", fact))
    await world.project()
    query = "where does the king live"
    (now,) = asked(world, "John", "search", query=query)
    assert now["content"] == "the king lives in: the tower"
    assert now["fact"]["valid_from"] == "2026-11-01T00:00:00+00:00"
    assert "semantic" in now["tiers"]
    (then,) = asked(world, "John", "search", query=query, as_of=2)
    assert then["fact"]["value"] == "the castle"
    both = asked(world, "John", "search", query=query, superseded=True)
    assert {memory["fact"]["value"] for memory in both} == {"the castle", "the tower"}


async def test_weak_memories_fade_and_looking_back_on_purpose_still_finds_them(world: World) -> None:
    await world.append(JOHN, NpcPerceived("saw_player", {}, "Bob"))
    await world.append(JOHN, NpcPerceived("killed", {}, "Bob"))
    await world.project()
    later = NOW + 30 * DAY

    def types(**filters: Any) -> list[str]:
        return [memory["event_type"] for memory in asked(world, "John", now=later, **filters)]

    assert types() == ["killed"]
    assert types(since=0) == ["killed", "saw_player"]
    assert types(as_of=2) == ["killed", "saw_player"]


async def test_after_enough_was_lived_through_an_npc_reflects_and_cites_it(world: World) -> None:
    await world.append(JOHN, NpcRegistered(Profile()))
    for minute in range(8):
        time = NOON + timedelta(minutes=minute)
        await world.append(JOHN, NpcPerceived("attacked", {"turn": minute}, "Bob"), time=time)
    await world.project()
    (found,) = asked(world, "John", "about_event", event_type="reflection")
    assert found["content"].startswith("Looking back on 6 things, mostly with Bob (6).")
    assert found["cites"] == [2, 3, 4, 5, 6, 7]
    assert (found["source"], found["tiers"]) == ("reflection", ["long", "semantic", "short"])


async def test_an_event_that_calls_itself_a_reflection_is_only_an_event(world: World) -> None:
    await world.append(JOHN, NpcPerceived("reflection", {"text": "of a mirror"}))
    await world.project()
    (found,) = asked(world, "John")
    assert (found["source"], found["content"]) == ("event", "reflection: of a mirror")


async def test_the_sealed_index_answers_like_the_rows_and_is_dropped_with_a_rebuild(world: World) -> None:
    await world.append(JOHN, standing(100, 100))
    await world.append("npc/Ann", standing(105, 100))
    for number in range(30):
        await world.append("npc/Ann", NpcPerceived("said", {"text": f"story {number}"}, "Bob", at(105, 100)))
    await world.project()
    expected = asked(world, "John", "search", query="story 7")
    index = MemoryIndex(PerceivedRows())
    reader, writer = world.database.reader, world.database.writer
    sealed = index.catch_up(reader, writer, "John")
    assert sealed >= 30
    assert asked(world, "John", "search", query="story 7") == expected
    with world.reading() as connection:
        before = index.on(connection).segments("John")
    await rebuild(world.log, world.database, (NPC_MEMORIES,))
    with world.reading() as connection:
        after = index.on(connection).segments("John")
    assert sum(map(len, before)) == sum(map(len, after))
    assert index.catch_up(reader, writer, "John") == sealed
    assert asked(world, "John", "search", query="story 7") == expected


async def test_hostile_text_is_one_bounded_line(world: World) -> None:
    await world.append(
        JOHN,
        NpcPerceived("heard_sound", {"text": "a\nb\x1b[2J" + "x" * 10_000, "n": 10**4000}),
        NpcPerceived("fact", {"subject": "k", "predicate": "p", "value": 1, "valid_from": 2**61}),
    )
    await world.project()
    content = asked(world, "John", "about_event", event_type="heard_sound")[0]["content"]
    assert len(content) <= 500
    assert content.isprintable()
    assert asked(world, "John", "about_event", event_type="fact")[0]["fact"]["valid_from"] is None
