"""Minds hold whatever the log brings: equal however it is cut, bounded, and the same read as folded."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.rulebooks import load
from commands.mind.affect import Belief, at_rest, feel
from commands.mind.appraisal import Appraisal, Regard, appraise, concerned
from commands.mind.emotion import Felt, Pad
from commands.mind.fixed import ONE
from commands.mind.happening import GameEvent
from commands.mind.relationship import RelationState, affected, first_impression, regard_at
from events.commit import Actor, Event, microseconds
from events.faction import FactionEventOccurred, FactionFounded
from events.npc import (
    NpcFactionJoined,
    NpcFactionLeft,
    NpcInteracted,
    NpcPerceived,
    NpcProfileUpdated,
    NpcRegistered,
    NpcUnregistered,
    Profile,
)
from events.world import WorldEventOccurred
from projections import minds
from projections.ambient import MOST_TIDINGS, MOST_UNTOLD
from projections.contenthash import content_hash
from projections.mind_fold import projection
from projections.mind_outlook import outlook
from projections.mind_profile import essence
from projections.mind_tables import AFFECT, MINDS, RELATION, TIDINGS
from projections.pipeline import Pipeline
from projections.rebuild import rebuild
from projections.schema import from_text, to_text
from tests.commits import NOON
from tests.projections.conftest import World

RULES = load()
MODEL = projection(RULES)
PEOPLE = ("Aria", 'Bj"örn\\', "John", "Mary")
KINDS = (
    "attacked",
    "insulted",
    "gift",
    "helped",
    "crime",
    "saw_player",
    "hearsay",
    "festival_start",
    "war",
    "?",
)

people = st.sampled_from(PEOPLE)
event_data: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.sampled_from(("actor", "victim", "attacker", "damage", "faction", "event", "source", "utility")),
    st.one_of(people, st.integers(-5, 200), st.sampled_from(KINDS), st.floats(), st.none(), st.booleans()),
    max_size=4,
)
profiles = st.builds(
    Profile,
    archetype=st.sampled_from(("merchant", "guard", "?")),
    mood=st.sampled_from((None, "angry", "friendly")),
)
npc_events: st.SearchStrategy[Event] = st.one_of(
    st.builds(NpcRegistered, profiles),
    st.just(NpcUnregistered()),
    st.builds(NpcProfileUpdated, profiles, st.just(("mood",))),
    st.builds(NpcFactionJoined, st.sampled_from(("guild", "temple"))),
    st.builds(NpcFactionLeft, st.sampled_from(("guild", "temple"))),
    st.builds(NpcPerceived, st.sampled_from(KINDS), event_data, st.one_of(st.none(), people)),
    st.builds(NpcInteracted, people, st.sampled_from(KINDS), event_data, st.booleans(), st.just({})),
)
named = st.one_of(st.none(), st.lists(people, max_size=3).map(tuple))
happenings = st.one_of(
    st.tuples(st.sampled_from(("npc/John", "npc/Mary")), npc_events),
    st.tuples(
        st.just("world/midgard"),
        st.builds(WorldEventOccurred, st.sampled_from(KINDS), event_data, named, st.just(0)),
    ),
    st.tuples(
        st.just("faction/guild"),
        st.one_of(
            st.builds(FactionEventOccurred, st.sampled_from(KINDS), event_data, st.just(0)),
            st.just(FactionFounded("Guild", "", {"temple": -80})),
        ),
    ),
)
histories = st.lists(st.tuples(st.integers(0, 90), happenings), min_size=1, max_size=40)


async def written(world: World, history: Sequence[tuple[int, tuple[str, Event]]]) -> None:
    now = NOON
    for npc_id in ("John", "Mary"):
        await world.append(f"npc/{npc_id}", NpcRegistered(Profile()), time=now)
    for minutes, (stream, event) in history:
        now += timedelta(minutes=minutes)
        await world.append(stream, event, time=now, actor=Actor("server", "map-1"))


async def folded(world: World, batch: int, cached_rows: int) -> str:
    """The content hash after folding in batches of this size, with so many rows remembered."""
    pipeline = Pipeline(world.database, (MODEL,), cached_rows=cached_rows)
    try:
        await pipeline.load()
        async for page in world.log.read_all():
            for start in range(0, len(page), batch):
                await pipeline.apply(page[start : start + batch])
        await pipeline.flush()
    finally:
        await pipeline.close()
    with world.reading() as connection:
        return content_hash(connection, MODEL).digest


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories, st.integers(1, 7))
def test_a_log_folds_to_the_same_minds_however_it_is_cut_into_batches(
    empty_database: Path, history: list[tuple[int, tuple[str, Event]]], batch: int
) -> None:
    empty = empty_database.read_bytes()

    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            digests = set()
            for size, cached in ((1000, 10_000), (batch, 10_000), (batch, 1)):
                path = Path(folder) / f"{size}-{cached}.sqlite3"
                path.write_bytes(empty)
                world = World(f"sqlite:///{path}")
                await written(world, history)
                digests.add(await folded(world, size, cached))
                world.database.close()
            assert len(digests) == 1

    asyncio.run(run())


async def test_a_rebuilt_mind_has_the_hash_of_the_live_one(world: World) -> None:
    history: list[tuple[int, tuple[str, Event]]] = [
        (n, ("npc/John", NpcPerceived(KINDS[n % 6], {"damage": n}, PEOPLE[n % 2]))) for n in range(60)
    ]
    history[30:30] = [(1, ("world/midgard", WorldEventOccurred("war", {"actor": "Bjorn"}, None, 2)))]
    await written(world, history)
    await world.project((MODEL,), max_batch=7)
    with world.reading() as connection:
        live = content_hash(connection, MODEL)
    done = await rebuild(world.log, world.database, (MODEL,))
    with world.reading() as connection:
        rebuilt = content_hash(connection, MODEL)
    assert done.finished
    assert (rebuilt.rows, rebuilt.digest, rebuilt.position) == (live.rows, live.digest, live.position)


async def test_what_is_read_now_is_what_the_next_event_finds(world: World) -> None:
    """Feeling the news when asked, and when something happens, are the same."""
    await written(world, [])
    for number in range(40):
        news = WorldEventOccurred(KINDS[number % 9], {"actor": PEOPLE[number % 2]}, None, 2)
        await world.append("world/midgard", news, time=NOON + timedelta(minutes=number))
    await world.project((MODEL,))
    now = NOON + timedelta(hours=1)
    at = microseconds(now)
    with world.reading() as connection:
        asked = minds.emotion(connection, "John", at, RULES)
    # Joining a faction makes the NPC feel what it heard, and nothing else.
    await world.append("npc/John", NpcFactionJoined("guild"), time=now)
    await world.project((MODEL,))
    with world.reading() as connection:
        row = connection.execute(MINDS.select().where(MINDS.c.npc_id == "John")).one()
        assert row.felt == 42
        assert minds.emotion(connection, "John", at, RULES) == asked


async def test_news_that_nobody_asked_about_are_bounded(world: World) -> None:
    await written(world, [])
    for number in range(MOST_TIDINGS + 50):
        data = {"criminal": f"thief {number}", "text": "x" * 5000}
        await world.append("world/midgard", WorldEventOccurred("crime", data, None, 2), time=NOON)
    await world.append("npc/John", NpcPerceived("insulted", {}, "Aria"), time=NOON)
    await world.project((MODEL,))
    with world.reading() as connection:
        (tidings,) = connection.execute(TIDINGS.select()).all()
        row = connection.execute(MINDS.select().where(MINDS.c.npc_id == "John")).one()
    assert len(tidings.tidings) < MOST_TIDINGS * 800
    assert row.untold.count('"thief ') >= MOST_UNTOLD
    assert len(row.untold) < MOST_UNTOLD * 1000


async def test_a_hundred_thousand_residents_cost_one_row_for_one_festival(world: World) -> None:
    await written(world, [])
    await world.project((MODEL,))
    await world.append("world/midgard", WorldEventOccurred("festival_start", {}, None, 2), time=NOON)
    pipeline = Pipeline(world.database, (MODEL,))
    await pipeline.load()
    (message,) = [m async for page in world.log.read_all(after=pipeline.position) for m in page]
    await pipeline.apply([message])
    await pipeline.flush()
    await pipeline.close()
    with world.reading() as connection:
        assert {row.felt for row in connection.execute(MINDS.select())} == {1, 2}
        assert len(connection.execute(TIDINGS.select()).all()) == 1


@given(
    st.sampled_from(sorted(RULES.appraisal.events)), event_data, st.sampled_from(("", "Aria")), st.booleans()
)
def test_an_appraisal_asks_about_nobody_it_did_not_announce(
    kind: str, data: dict[str, Any], agent: str, member: bool
) -> None:
    event = GameEvent(kind, 0, 1, data, agent)
    own = outlook(RULES.archetypes, "John", essence(Profile("guard")), ("guild",) if member else (), {})
    asked: set[str] = set()

    def regard(person: str) -> Regard:
        asked.add(person)
        return regard_at(first_impression(own), 0)

    appraisal = appraise(RULES.appraisal, own, at_rest(own.rest), regard, event)
    asked |= {felt.target for felt in appraisal.felt} | {appraisal.agent}
    assert asked - {"", "John"} <= concerned(RULES.appraisal, event)


async def test_an_npc_without_a_mind_is_told_apart_from_one_that_feels_nothing(world: World) -> None:
    await written(world, [])
    await world.project((MODEL,))
    with world.reading() as connection:
        assert minds.emotion(connection, "Nobody", 0, RULES) is None
        assert minds.relations(connection, "Nobody", 0, RULES) is None
        assert minds.summary(connection, "John", microseconds(NOON), RULES) == {
            "emotion": "neutral",
            "intensity": 0.0,
            "mood": "neutral",
        }


@given(st.text(max_size=8), st.text(max_size=8))
def test_a_state_is_stored_as_plain_json_whatever_players_call_themselves(player: str, outcome: str) -> None:
    felt = [Felt("joy", ONE, 7, "gift", player), Felt("fear", ONE // 2, 7, player, "")]
    affect = feel(at_rest(Pad(1, -2, 3)), felt, 5, [Belief(5, outcome, 10)])
    appraisal = Appraisal(player, "A", (), (), ONE, 0, True, "")
    relation = affected(RelationState(), appraisal, "A", 5, 7)
    for state, codec in ((affect, AFFECT), (relation, RELATION)):
        text = codec.dump(state)
        assert text == to_text(from_text(text))
        assert codec.load(text) == state
