from __future__ import annotations

from events.npc import (
    Goal,
    Location,
    NpcFactionJoined,
    NpcFactionLeft,
    NpcGoalsChanged,
    NpcPerceived,
    NpcProfileUpdated,
    NpcRegistered,
    NpcStockChanged,
    NpcUnregistered,
    Profile,
)
from projections import npcs
from tests.projections.conftest import World

JOHN = "npc/Merchant John"
PROFILE = Profile(
    archetype="merchant",
    mood="happy",
    personality={"traits": ["greedy"]},
    goals=(Goal("rest", 2), Goal("sell_items", 1, 250_000)),
    location=Location("prontera", 150, 148),
    schedule={"08:00": "open"},
    extra={"shop": "tools"},
)


async def test_a_registered_npc_has_the_state_of_its_profile(world: World) -> None:
    await world.append(JOHN, NpcRegistered(PROFILE))
    await world.project()

    with world.reading() as connection:
        assert npcs.state(connection, "Merchant John") == {
            "npc_id": "Merchant John",
            "emotion": "happy",
            "current_goal": "sell_items",
            "health": 100,
            "location": {"map": "prontera", "x": 150, "y": 148},
            "mood": "happy",
            "archetype": "merchant",
            "factions": [],
            "goals": [
                {"goal": "rest", "priority": 2, "progress": 0.0},
                {"goal": "sell_items", "priority": 1, "progress": 0.25},
            ],
            "personality": {"traits": ["greedy"]},
            "schedule": {"08:00": "open"},
            "shop": "tools",
            "position": 1,
            "version": 1,
        }


async def test_a_state_can_be_limited_to_fields_and_unknown_ones_are_null(world: World) -> None:
    await world.append(JOHN, NpcRegistered(PROFILE))
    await world.project()

    with world.reading() as connection:
        state = npcs.state(connection, "Merchant John", ["emotion", "shop", "charisma"])
        assert state == {"npc_id": "Merchant John", "emotion": "happy", "shop": "tools", "charisma": None}


async def test_an_npc_without_a_mood_is_neutral(world: World) -> None:
    await world.append(JOHN, NpcRegistered(Profile()))
    await world.project()

    with world.reading() as connection:
        assert npcs.emotion(connection, "Merchant John") == {
            "primary": "neutral",
            "intensity": 0.0,
            "secondary": [],
        }


async def test_a_reached_goal_is_no_longer_the_current_one(world: World) -> None:
    await world.append(JOHN, NpcRegistered(Profile(goals=(Goal("sell", 1, 1_000_000), Goal("rest", 5)))))
    await world.project()

    with world.reading() as connection:
        state = npcs.state(connection, "Merchant John")
        assert state is not None
        assert state["current_goal"] == "rest"
        assert npcs.goals(connection, "Merchant John") == {
            "current_goals": [
                {"goal": "sell", "priority": 1, "progress": 1.0},
                {"goal": "rest", "priority": 5, "progress": 0.0},
            ]
        }


async def test_attacks_hurt_and_healing_stops_at_full_health(world: World) -> None:
    await world.append(JOHN, NpcRegistered(Profile()))
    await world.append(JOHN, NpcPerceived("attacked", {"attacker": "Bob", "damage": 30}, "Bob"))
    await world.project()
    with world.reading() as connection:
        assert npcs.state(connection, "Merchant John", ["health"]) == {
            "npc_id": "Merchant John",
            "health": 70,
        }

    await world.append(JOHN, NpcPerceived("healed", {"amount": 500}))
    await world.project()
    with world.reading() as connection:
        assert npcs.state(connection, "Merchant John", ["health"]) == {
            "npc_id": "Merchant John",
            "health": 100,
        }


async def test_nonsense_in_an_event_does_not_change_health(world: World) -> None:
    await world.append(JOHN, NpcRegistered(Profile()))
    for damage in ("much", 10**40, -5, None, True, [1]):
        await world.append(JOHN, NpcPerceived("attacked", {"damage": damage}))
    await world.project()
    with world.reading() as connection:
        assert npcs.state(connection, "Merchant John", ["health"]) == {
            "npc_id": "Merchant John",
            "health": 100,
        }


async def test_an_updated_profile_replaces_what_was_known(world: World) -> None:
    await world.append(JOHN, NpcRegistered(PROFILE))
    await world.append(
        JOHN, NpcProfileUpdated(Profile(mood="angry", location=Location("geffen", 1, 2)), ("mood",))
    )
    await world.project()
    with world.reading() as connection:
        state = npcs.state(connection, "Merchant John", ["emotion", "location", "version"])
        assert state == {
            "npc_id": "Merchant John",
            "emotion": "angry",
            "location": {"map": "geffen", "x": 1, "y": 2},
            "version": 2,
        }


async def test_an_unregistered_npc_is_gone_from_state_counts_and_factions(world: World) -> None:
    await world.append(JOHN, NpcRegistered(PROFILE))
    await world.append(JOHN, NpcFactionJoined("guild"))
    await world.append(JOHN, NpcUnregistered())
    await world.project()
    with world.reading() as connection:
        assert npcs.state(connection, "Merchant John") is None
        assert not npcs.registered(connection, "Merchant John")
        assert npcs.count(connection) == 0
        assert npcs.count(connection, faction="guild") == 0


async def test_npcs_are_counted_in_all_by_faction_and_among_ids(world: World) -> None:
    for number in range(3):
        await world.append(f"npc/n{number}", NpcRegistered(Profile()))
    await world.append("npc/n0", NpcFactionJoined("guild"))
    await world.append("npc/n1", NpcFactionJoined("guild"))
    await world.append("npc/n1", NpcFactionLeft("guild"))
    await world.project()
    with world.reading() as connection:
        assert npcs.count(connection) == 3
        assert npcs.count(connection, faction="guild") == 1
        assert npcs.count(connection, among=["n0", "n2", "n2", "stranger"]) == 2
        assert npcs.count(connection, faction="guild", among=["n0", "n1"]) == 1
        state = npcs.state(connection, "n0", ["factions"])
        assert state == {"npc_id": "n0", "factions": ["guild"]}


async def test_a_listing_pages_by_cursor_until_its_end(world: World) -> None:
    for number in range(5):
        await world.append(f"npc/n{number}", NpcRegistered(Profile()))
    await world.project()
    seen, cursor = [], None
    with world.reading() as connection:
        while True:
            page = npcs.listing(connection, cursor=cursor, limit=2)
            seen += [npc["npc_id"] for npc in page["npcs"]]
            cursor = page["next"]
            if cursor is None:
                break
    assert seen == ["n0", "n1", "n2", "n3", "n4"]


async def test_goals_move_and_deals_change_the_stock(world: World) -> None:
    limited = Profile("merchant", goals=(Goal("sell_items", 1),), extra={"stock": {"1001": 3}, "gold": 10})
    await world.append(JOHN, NpcRegistered(limited))
    moved = NpcGoalsChanged((Goal("sell_items", 1, 1_000_000), Goal("rest", 2)), ())
    await world.append(JOHN, moved, NpcStockChanged({"1001": 1}, 210))
    await world.project()

    with world.reading() as connection:
        state = npcs.state(connection, "Merchant John")
    assert state is not None
    assert state["current_goal"] == "rest"
    assert (state["stock"], state["gold"]) == ({"1001": 1}, 210)
