"""The past of minds is what the fold held then, at every position of any history."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from sqlalchemy import Connection

from bench.history import History
from commands.mind import wire
from commands.mind.outlook import Outlook
from commands.mind.relationship import reading_at
from events.commit import Event, microseconds
from events.faction import FactionFounded, FactionStandingChanged
from events.npc import (
    Goal,
    NpcFactionJoined,
    NpcGoalsChanged,
    NpcPerceived,
    NpcRegistered,
    NpcUnregistered,
    Profile,
)
from events.world import WorldEventOccurred
from projections import mind_history, mind_timeline, minds, npcs
from projections.feed import EVENT_FEED
from projections.feed_places import time_at
from projections.mind_timeline import thinned
from projections.npc_fold import NPC_STATE
from projections.pipeline import Pipeline
from tests.commits import NOON
from tests.memory_log import MemoryLog
from tests.projections.conftest import World
from tests.projections.test_mind_properties import MODEL, RULES, histories, written

WIRE = ("relationship_level", "trust", "affection", "interactions", "respect", "fear", "level")
MODELS = (MODEL, EVENT_FEED, NPC_STATE)


def now(connection: Connection, npc_id: str, at_us: int) -> dict[str, Any] | None:
    """What is known of an NPC now, as far as the past is kept."""
    emotion = minds.emotion(connection, npc_id, at_us, RULES)
    if emotion is None:
        return None
    page = minds.relations(connection, npc_id, at_us, RULES, limit=500)
    goals = npcs.goals(connection, npc_id)
    assert page is not None and goals is not None
    return {
        "emotion": emotion,
        "relationships": {row["target_id"]: [row[name] for name in WIRE] for row in page["relationships"]},
        "goals": goals["current_goals"],
    }


def then(connection: Connection, npc_id: str, position: int) -> dict[str, Any] | None:
    """The same, as of a position; the two ways to read relationships agree."""
    found = mind_history.as_of(connection, npc_id, position, RULES, relations=500)
    seen = mind_history.then(connection, npc_id, position, RULES)
    if found is None or seen is None:
        assert found is None and seen is None
        return None
    at = mind_history.moment_of(connection, seen, position)
    answers = []
    for row in found["relationships"]:
        state = seen.relation(row["target_id"])
        answer = wire.relationship_answer(row["target_id"], reading_at(state, at))
        assert row["level"] == answer["relationship_level"]
        assert abs(100 * row["trust"] - answer["trust"]) <= 0.6
        assert abs(50 * (row["affection"] + 1) - answer["affection"]) <= 0.6
        answers.append(answer)
    return {
        "emotion": found["emotion"],
        "relationships": {answer["target_id"]: [answer[name] for name in WIRE] for answer in answers},
        "goals": found["goals"],
    }


async def lived(world: World, people: Sequence[str]) -> dict[tuple[str, int], Any]:
    """Fold the log commit by commit and note after each what is known of these NPCs."""
    noted: dict[tuple[str, int], Any] = {}
    pipeline = Pipeline(world.database, MODELS)
    try:
        await pipeline.load()
        async for page in world.log.read_all():
            for message in page:
                await pipeline.apply([message])
                await pipeline.flush()
                with world.reading() as connection:
                    at = time_at(connection, message.position)
                    for npc_id in people:
                        noted[npc_id, message.position] = now(connection, npc_id, at)
    finally:
        await pipeline.close()
    return noted


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories)
def test_the_past_is_what_the_fold_held_then_at_every_position(
    empty_database: Path, history: list[tuple[int, tuple[str, Event]]]
) -> None:
    empty = empty_database.read_bytes()

    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "minds.sqlite3"
            path.write_bytes(empty)
            world = World(f"sqlite:///{path}")
            await written(world, history)
            noted = await lived(world, ("John", "Mary"))
            with world.reading() as connection:
                for (npc_id, position), expected in noted.items():
                    assert then(connection, npc_id, position) == expected, (npc_id, position)
            world.database.close()

    asyncio.run(run())


async def test_a_busy_past_is_exact_too_and_is_thinned_for_a_timeline(world: World) -> None:
    world.log = await _filled(History("midgard", npcs=3, seed=11), 260)
    people = [f"Resident {number:06d}" for number in range(3)]
    noted = await lived(world, people)
    with world.reading() as connection:
        for (npc_id, position), expected in noted.items():
            assert then(connection, npc_id, position) == expected, (npc_id, position)
        course = mind_timeline.timeline(connection, people[0], points=10)
        assert len(course["mood"]) == 10 and course["changes"] > 50
        for point in course["mood"]:
            assert noted[people[0], point["position"]]["emotion"]["primary"] == point["emotion"]
        for series in course["relationships"]:
            for point in series["points"]:
                known = noted[people[0], point["position"]]["relationships"][series["target_id"]]
                assert known[0] == point["level"] and abs(known[1] - 100 * point["trust"]) <= 0.6
        recent = mind_history.recent_relations(connection, 260, 5)
        assert len(recent) == 5
        assert mind_history.changes(connection, recent[0][0], recent[0][1], 260)[0] == recent[0][2]


async def test_goals_standings_and_lives_have_a_past(world: World) -> None:
    await world.append("faction/guild", FactionFounded("Guild", "", {"temple": -80}), time=NOON)
    await world.append("npc/John", NpcRegistered(Profile(goals=(Goal("rest", 3),))), time=NOON)
    await world.append("npc/John", NpcFactionJoined("guild"), time=NOON + timedelta(minutes=1))
    hurt = NpcPerceived("attacked", {"damage": 5}, "Aria")
    await world.append("npc/John", hurt, time=NOON + timedelta(minutes=2))
    moved = NpcGoalsChanged((Goal("flee", 1),), ({"goal": "flee", "after": 0},))
    await world.append("npc/John", moved, time=NOON + timedelta(minutes=3))
    await world.append(
        "faction/guild", FactionStandingChanged("temple", 90), time=NOON + timedelta(minutes=4)
    )
    war = WorldEventOccurred("war", {"actor": "Bjorn"}, None, 1)
    await world.append("world/midgard", war, time=NOON + timedelta(minutes=5))
    await world.append("npc/John", NpcUnregistered(), time=NOON + timedelta(minutes=6))
    await world.append("npc/John", NpcRegistered(Profile("guard")), time=NOON + timedelta(minutes=7))
    await world.project(MODELS)
    with world.reading() as connection:

        def at(position: int) -> Any:
            return mind_history.as_of(connection, "John", position, RULES)

        def view(position: int) -> Outlook:
            found = mind_history.then(connection, "John", position, RULES)
            assert found is not None
            return found.outlook()

        assert at(1) is None and at(8) is None
        assert (at(2)["goals"], at(2)["factions"]) == ([{"goal": "rest", "priority": 3, "progress": 0.0}], [])
        assert at(3)["factions"] == ["guild"]
        assert at(4)["relationships"][0]["target_id"] == "Aria"
        assert at(3)["relationships"] == []
        assert [goal["goal"] for goal in at(5)["goals"]] == ["flee"]
        assert view(5).standing("temple") < 0 < view(6).standing("temple")
        assert at(7)["emotion"]["causes"][0]["position"] in (4, 7)
        assert (at(9)["archetype"], at(9)["relationships"]) == ("guard", [])
        assert at(9)["at"] == (NOON + timedelta(minutes=7)).isoformat()
        assert time_at(connection, 9) == microseconds(NOON + timedelta(minutes=7))


def test_thinning_keeps_both_ends() -> None:
    assert thinned([], 5) == []
    assert thinned([1, 2, 3], 5) == [1, 2, 3]
    assert thinned(list(range(100)), 5) == [0, 25, 50, 74, 99]


async def _filled(history: History, count: int) -> MemoryLog:
    log, last = MemoryLog(), dict[str, int]()
    for made in history.commits(count):
        last[made.stream] = (await log.append(made, expected=last.get(made.stream, 0))).position
    return log
