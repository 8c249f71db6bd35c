"""No NPC recalls what it could not have perceived or heard, and it misses nothing it did: whatever happened."""

from __future__ import annotations

import asyncio
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commands.mind.memory.perception import SIGHT
from events.faction import FactionEventOccurred
from events.npc import (
    Location,
    NpcFactionJoined,
    NpcFactionLeft,
    NpcHeard,
    NpcPerceived,
    NpcProfileUpdated,
    NpcRegistered,
    NpcUnregistered,
    Profile,
)
from events.world import WorldEventOccurred
from tests.projections.conftest import World
from tests.projections.test_memories import asked

NPCS = ("Ann", "Bert", "Carl")
GUILDS = ("smiths", "monks")

names, guilds = st.sampled_from(NPCS), st.sampled_from(GUILDS)
places = st.builds(
    Location, st.sampled_from(("prontera", "geffen")), st.sampled_from((5, 19, 20, 27, 28, 41)), st.just(27)
)
steps = st.one_of(
    st.tuples(st.just("register"), names, places),
    st.tuples(st.just("unregister"), names),
    st.tuples(st.just("move"), names, places),
    st.tuples(st.just("join"), names, guilds),
    st.tuples(st.just("leave"), names, guilds),
    st.tuples(st.just("happen"), names),
    st.tuples(st.just("hear"), names, names),
    st.tuples(st.just("world"), st.none() | st.lists(names, max_size=2)),
    st.tuples(st.just("faction"), guilds),
)


class Model:
    """Who knows what, by the plainest bookkeeping: at each event, everybody is looked at."""

    def __init__(self) -> None:
        self.alive: set[str] = set()
        self.place: dict[str, Location] = {}
        self.guilds: dict[str, set[str]] = {name: set() for name in NPCS}
        self.known: dict[str, set[int]] = {name: set() for name in NPCS}

    def sees(self, name: str, where: Location | None) -> bool:
        here = self.place.get(name)
        if here is None or where is None or here.map != where.map:
            return False
        assert here.x is not None
        assert where.x is not None
        return abs(here.x - where.x) <= SIGHT


async def play(world: World, story: list[Any]) -> Model:  # noqa: C901 (one case per kind of step)
    model = Model()
    for position, (what, *rest) in enumerate(story, 1):
        who = rest[0]
        stream = f"npc/{who}"
        match what:
            case "register":
                await world.append(stream, NpcRegistered(Profile(location=rest[1])))
                model.alive.add(who)
                model.place[who] = rest[1]
            case "unregister":
                await world.append(stream, NpcUnregistered())
                model.alive.discard(who)
                model.place.pop(who, None)
                model.guilds[who].clear()
            case "move":
                await world.append(stream, NpcProfileUpdated(Profile(location=rest[1]), ("location",)))
                model.place[who] = rest[1]
            case "join":
                await world.append(stream, NpcFactionJoined(rest[1]))
                model.guilds[who].add(rest[1])
            case "leave":
                await world.append(stream, NpcFactionLeft(rest[1]))
                model.guilds[who].discard(rest[1])
            case "happen":
                where = model.place.get(who)
                await world.append(stream, NpcPerceived("insulted", {}, "Bob", where))
                for name in NPCS:
                    if name == who or model.sees(name, where):
                        model.known[name].add(position)
            case "hear":
                told = NpcHeard(
                    rest[1], (rest[1],), 500_000, 1, 0, 0, "insulted", {}, "Bob", None, ("Bob",), 9
                )
                await world.append(stream, told)
                model.known[who].add(position)
            case "world":
                named = None if who is None else tuple(who)
                await world.append("world/midgard", WorldEventOccurred("storm", {}, named, 1))
                for name in NPCS:
                    if name in (model.alive if named is None else named):
                        model.known[name].add(position)
            case "faction":
                await world.append(f"faction/{who}", FactionEventOccurred("raid", {}, 1))
                for name in NPCS:
                    if who in model.guilds[name]:
                        model.known[name].add(position)
    await world.project()
    return model


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, min_size=5, max_size=40), st.integers(0, 40))
def test_an_npc_recalls_exactly_what_it_perceived_or_was_told(
    empty_database: Path, story: list[Any], as_of: int
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "world.sqlite3"
        copyfile(empty_database, path)
        world = World(f"sqlite:///{path}")
        try:
            model = asyncio.run(play(world, story))
            for name in NPCS:
                recalled = {
                    memory["position"]
                    for memory in asked(world, name, limit=100, since=0)
                    if memory["source"] != "reflection"
                }
                assert recalled == model.known[name]
                then = {memory["position"] for memory in asked(world, name, limit=100, as_of=as_of)}
                assert then == {position for position in model.known[name] if position <= as_of}
        finally:
            world.database.close()
