"""What is known of characters' legends and of the world, and that a rebuild knows the same."""

from __future__ import annotations

from datetime import timedelta

from adapters.rulebooks import load
from adapters.sql.temporary import temporary_database
from events.bloodline import BloodlineExpAdded, BloodlineLevelRaised, BloodlineStirred, BloodlineUnlocked
from events.commit import microseconds
from events.faction import FactionFounded, FactionStandingChanged
from events.legend import Growth, Skill
from events.synthesis import SynthesisUnlocked
from events.world import (
    WorldEventOccurred,
    WorldEvolved,
    WorldFestivalEnded,
    WorldFestivalStarted,
    WorldSeasonChanged,
    WorldWeatherChanged,
    WorldWeatherEnded,
)
from projections import legends
from projections import world as world_model
from projections.contenthash import content_hash
from projections.legends import LEGENDS
from projections.rebuild import rebuild
from projections.verify import verify_read_models
from projections.world import WORLD_STATE
from tests.commits import NOON
from tests.projections.conftest import World

BOTH = (LEGENDS, WORLD_STATE)
BOOKS = load()
AT = microseconds(NOON)
MINUTE = 60_000_000
ARIA = "bloodline/150000"


async def grow(world: World) -> None:
    await world.append(ARIA, BloodlineStirred(1, "boss_killed", 60, 60, "The ember glows."))
    await world.append(ARIA, BloodlineStirred(2, "defended", 20, 20))
    await world.append(
        ARIA, BloodlineUnlocked(1, Growth(1, 0, 0, 200, (Skill(5001, 1),)), "boss_killed", "It wakes.")
    )
    growth = Growth(3, 600, 100, 450, (Skill(5001, 2),))
    await world.append(ARIA, BloodlineExpAdded(1, 600, growth), BloodlineLevelRaised(1, 1, growth))
    await world.append("synthesis/150000", SynthesisUnlocked(1, 1, 2, Growth(1, 0, 0, 150)))


def rained(map_name: str, until: int) -> tuple[WorldEvolved, WorldWeatherChanged, WorldEventOccurred]:
    head = WorldEvolved(1, "weather", "rain", 1, "Rain", "It rains.", (map_name,), 40, 100_000, until, 3)
    return (
        head,
        WorldWeatherChanged(map_name, "rain", 40, until),
        WorldEventOccurred("weather_change", {"weather": "rain"}, ("Ann",), 1),
    )


async def turn(world: World) -> None:
    realm = "world/midgard"
    await world.append(realm, WorldSeasonChanged("autumn", ""))
    await world.append(realm, *rained("prontera", AT + 10 * MINUTE))
    await world.append(realm, *rained("geffen", AT + MINUTE))
    await world.append(realm, *rained("payon", AT + 10 * MINUTE))
    await world.append(realm, WorldWeatherEnded("payon", "rain"))
    await world.append(
        realm, WorldFestivalStarted("harvest", "Harvest Home", ("prontera",), AT + 60 * MINUTE)
    )
    await world.append(realm, WorldFestivalStarted("lights", "Night of Lights", (), AT + 60 * MINUTE))
    await world.append(realm, WorldFestivalEnded("lights"))
    await world.append("faction/guild", FactionFounded("Guild", "", {"crown": 10, "mob": -80}))
    await world.append("faction/guild", FactionStandingChanged("crown", -20))


async def test_a_characters_bloodlines_are_told_with_level_skills_and_what_still_sleeps(world: World) -> None:
    await grow(world)
    await world.project(BOTH)
    with world.reading() as connection:
        found = legends.bloodlines(connection, "150000", BOOKS.bloodlines)
        level = legends.bloodline_level(connection, "150000", 1)
        nobody = legends.bloodline_level(connection, "150001", 1)
        syntheses = legends.syntheses(connection, "150000", BOOKS.syntheses)
    assert [(one["bloodline_id"], one["name"], one["status"]) for one in found] == [
        (1, "Dragon's Blood", "awake"),
        (2, "Valkyrie's Oath", "stirring"),
    ]
    assert found[0]["skills"] == [{"skill_id": 5001, "skill_level": 2}]
    assert found[0]["narrative"] == "It wakes."
    assert (found[1]["stirred"], found[1]["awakens_at"]) == (20, 200)
    assert level == {"level": 3, "exp": 100, "max_exp": 450, "total_exp": 600}
    assert nobody == {"level": 0, "exp": 0, "max_exp": 0, "total_exp": 0}
    assert [(one["class1_id"], one["class2_id"], one["level"]) for one in syntheses] == [(1, 2, 1)]


async def test_the_world_is_told_as_it_is_at_that_moment(world: World) -> None:
    await turn(world)
    await world.project(BOTH)
    later = AT + 2 * MINUTE
    with world.reading() as connection:
        now = world_model.world_state(connection, BOOKS.world, AT)
        soon = world_model.world_state(connection, BOOKS.world, later)
        payon = world_model.world_state(connection, BOOKS.world, AT, map_name="payon", events=0)
        factions = world_model.standings(connection)
    assert now["season"] == "autumn"
    assert [(sky["map"], sky["weather_type"], sky["seconds_left"]) for sky in now["weather"]] == [
        ("geffen", 1, 60),
        ("prontera", 1, 600),
    ]
    assert [sky["map"] for sky in soon["weather"]] == ["prontera"]
    assert [(feast["festival"], feast["maps"]) for feast in now["festivals"]] == [("harvest", ["prontera"])]
    assert [(event["kind"], event["event_type"], event["reason"]) for event in now["events"]] == [
        ("weather", 1, "look")
    ] * 3
    assert (payon["weather"], payon["festivals"], payon["events"]) == ([], [], [])
    assert factions == [("guild", "mob", -80), ("guild", "crown", -20)]


async def test_a_world_nobody_looked_at_yet_has_the_season_of_the_book(world: World) -> None:
    await world.project(BOTH)
    with world.reading() as connection:
        state = world_model.world_state(connection, BOOKS.world, AT)
    assert state == {"season": BOOKS.world.season_at(AT), "weather": [], "festivals": [], "events": []}


async def test_a_rebuild_and_a_fresh_fold_know_the_same(world: World) -> None:
    await grow(world)
    await turn(world)
    await world.append(
        ARIA, BloodlineExpAdded(1, 1, Growth(3, 601, 101, 450)), time=NOON + timedelta(hours=1)
    )
    await world.project(BOTH, max_batch=2)

    def hashes() -> list[str]:
        with world.reading() as connection:
            return [content_hash(connection, projection).digest for projection in BOTH]

    before = hashes()
    assert (await rebuild(world.log, world.database, BOTH)).finished
    assert hashes() == before
    with temporary_database() as fresh:
        verdicts = await verify_read_models(world.log, world.database, fresh, BOTH)
    assert all(verdict.equal for verdict in verdicts)
