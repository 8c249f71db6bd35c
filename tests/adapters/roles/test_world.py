"""The world and its legends on the running platform: by schedule, by deeds and by triggers, once whatever restarts."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest
from nats.aio.client import Client

from adapters.nats.bus import NatsCommandBus
from adapters.nats.log import JetStreamLog
from adapters.nats.timers import Timers
from adapters.roles.worldclock import WorldClock
from adapters.rulebooks import load
from adapters.settings import Settings, WorldSettings
from commands.message import CommandMessage
from events.bloodline import BloodlineExpAdded, BloodlineStirred
from events.commit import Actor, Event, Recorded, microseconds
from events.world import WorldEvolved, WorldLooked, WorldWeatherChanged, WorldWeatherEnded
from tests.adapters.rathena.conftest import BEHIND, Platform, running
from tests.adapters.rathena.game_server import PLAYER, GameServer
from tests.commits import commit

ARIA = PLAYER["char_id"]


async def events(log: JetStreamLog, stream: str) -> list[Event]:
    return [event async for recorded in log.read(stream) for event in recorded.commit.events]


async def commits(log: JetStreamLog, stream: str) -> list[Recorded]:
    return [recorded async for recorded in log.read(stream)]


async def until(log: JetStreamLog, stream: str, wanted: Callable[[list[Event]], bool]) -> list[Event]:
    async with asyncio.timeout(20):
        while not wanted(found := await events(log, stream)):  # noqa: ASYNC110 (another process's progress)
            await asyncio.sleep(0.05)
    return found


def looks(found: list[Event]) -> list[int]:
    return [event.tick for event in found if isinstance(event, WorldLooked)]


def ticking(settings: Settings) -> Settings:
    return settings.model_copy(update={"world": WorldSettings(tick_seconds=1)})


@pytest.fixture
async def town(settings: Settings) -> AsyncIterator[GameServer]:
    async with (
        running(settings, *BEHIND, "gateway") as endpoints,
        Platform(settings, endpoints["zmq"], endpoints["http"]).game_server() as server,
    ):
        for npc_id in ("Ann", "Carl"):
            assert (await server.ask("register", npc_id, {"map": "prontera", "x": 10, "y": 10}))["success"]
        yield server


async def test_the_world_is_looked_at_by_schedule_and_goes_on_after_a_restart(
    settings: Settings, log: JetStreamLog
) -> None:
    stream = f"world/{settings.realm}"
    async with running(ticking(settings), "projector", "commands", "agents"):
        first = looks(await until(log, stream, lambda found: len(looks(found)) >= 2))
    await asyncio.sleep(1.5)
    async with running(ticking(settings), "projector", "commands", "agents"):
        both = looks(await until(log, stream, lambda found: len(looks(found)) >= len(first) + 2))
    assert both[: len(first)] == first
    assert both == sorted(set(both)), "a look was taken twice, or out of order"


async def test_two_agents_look_once_for_each_tick(settings: Settings, log: JetStreamLog) -> None:
    stream = f"world/{settings.realm}"
    async with running(ticking(settings), "projector", "commands", "agents", "agents"):
        found = await until(log, stream, lambda found: len(looks(found)) >= 4)
    assert max(Counter(looks(found)).values()) == 1
    causes = Counter(
        recorded.commit.causation_id
        for recorded in await commits(log, stream)
        if any(isinstance(event, WorldEvolved) for event in recorded.commit.events)
    )
    assert max(causes.values(), default=0) <= 1


async def test_a_look_that_falls_due_twice_is_taken_once(
    settings: Settings, client: Client, log: JetStreamLog
) -> None:
    async with running(settings, "projector", "commands"):
        bus = NatsCommandBus(client, settings.realm)
        clock = WorldClock(Timers(client, settings.realm), settings.realm, bus, 1)
        timers, stop = Timers(client, settings.realm), asyncio.Event()
        await clock._begin()
        pending = await timers.pending(f"world/{settings.realm}", "look")
        assert pending is not None
        for _ in range(3):
            assert await clock._due(pending)
        stop.set()
        assert looks(await events(log, f"world/{settings.realm}")) == [int(pending.due.timestamp())]


async def test_a_restart_does_not_put_off_a_look_and_a_shorter_interval_counts_at_once(
    settings: Settings, client: Client
) -> None:
    bus, timers = NatsCommandBus(client, settings.realm), Timers(client, settings.realm)
    stream = f"world/{settings.realm}"
    await WorldClock(timers, settings.realm, bus, 3600)._begin()
    hourly = await timers.pending(stream, "look")
    await WorldClock(timers, settings.realm, bus, 86_400)._begin()
    assert await timers.pending(stream, "look") == hourly
    await WorldClock(timers, settings.realm, bus, 60)._begin()
    sooner = await timers.pending(stream, "look")
    assert hourly is not None
    assert sooner is not None
    assert sooner.due <= hourly.due


async def test_weather_ends_when_its_time_is_up_although_everything_restarts_meanwhile(
    settings: Settings, client: Client, log: JetStreamLog
) -> None:
    stream, soon = f"world/{settings.realm}", datetime.now(UTC) + timedelta(seconds=2)
    brief = WorldWeatherChanged("geffen", "rain", 40, microseconds(soon))
    timers = Timers(client, settings.realm)
    async with running(settings, "projector", "commands", "agents"):
        made = commit(stream, brief, realm=settings.realm, time=datetime.now(UTC), name="world.evolve")
        await log.append(made, expected=0)
        async with asyncio.timeout(10):
            while await timers.pending(stream, "end/weather/geffen") is None:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    await asyncio.sleep(2)
    async with running(settings, "projector", "commands", "agents"):
        found = await until(log, stream, lambda found: len(found) >= 2)
    assert found == [brief, WorldWeatherEnded("geffen", "rain")]


async def test_an_end_that_comes_too_early_is_asked_for_again(
    settings: Settings, client: Client, log: JetStreamLog
) -> None:
    stream = f"world/{settings.realm}"
    async with running(settings, "projector", "commands", "agents", "gateway") as endpoints:
        async with Platform(settings, endpoints["zmq"], endpoints["http"]).game_server() as server:
            assert (await server.ask("register", "Ann", {"map": "prontera", "x": 1, "y": 1}))["success"]
            raining = await NatsCommandBus(client, settings.realm).send(rain(stream), timeout=5)
            assert raining.success, raining
            state = await server.ask("get_world_state", None, {"map": "prontera"}, at_least=raining.position)
            (sky,) = state["data"]["weather"]
            assert (sky["weather"], sky["intensity"]) == ("rain", 40)
            assert state["data"]["events"][0]["kind"] == "weather"
            memories = await server.ask(
                "get_memory", "Ann", {"memory_type": "recent"}, at_least=raining.position
            )
            assert any("rain" in str(one) for one in memories["data"]["memories"]), memories
        timers = Timers(client, settings.realm)
        async with asyncio.timeout(10):
            while (end := await timers.pending(stream, "end/weather/prontera")) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    changed = next(e for e in await events(log, stream) if isinstance(e, WorldWeatherChanged))
    assert int(end.due.timestamp() * 1_000_000) // 1000 == changed.until // 1000
    async with running(settings, "projector", "commands"):
        clock = WorldClock(timers, settings.realm, NatsCommandBus(client, settings.realm), 0)
        assert await clock._due(end)
        assert await timers.pending(stream, "end/weather/prontera") is not None
        assert not [e for e in await events(log, stream) if isinstance(e, WorldWeatherEnded)]


def rain(stream: str) -> CommandMessage:
    args = {
        "kind": "weather",
        "name": "rain",
        "maps": ["prontera"],
        "intensity": 40,
        "duration": load().world.themes["weather"]["rain"].duration[0],
    }
    return CommandMessage("test/rain", "world.evolve", stream, args, Actor("agent", "test"), "test/rain")


async def test_deeds_stir_a_bloodline_of_the_character_the_game_server_vouches_for(
    town: GameServer, log: JetStreamLog
) -> None:
    deed = {"event_type": "defended", "event_data": {"against": "wolves"}}
    assert (await town.ask("event", "Ann", deed, actor=PLAYER))["success"]
    (stirred,) = await until(log, f"bloodline/{ARIA}", bool)
    assert isinstance(stirred, BloodlineStirred)
    assert stirred.deed == "defended"
    (recorded,) = await commits(log, f"bloodline/{ARIA}")
    assert recorded.commit.actor == Actor("agent", "legend_bloodlines")
    listed = (await town.ask("get_bloodlines", None, {}, actor=PLAYER, at_least=recorded.position))["data"]
    assert [one["status"] for one in listed["bloodlines"]] == ["stirring"]

    # The same deed a moment later, and one somebody merely claims, count for nothing.
    assert (await town.ask("event", "Carl", deed, actor=PLAYER))["success"]
    claimed = {"event_type": "rescued", "event_data": {"player_id": "150009"}}
    assert (await town.ask("event", "Carl", claimed))["success"]
    healed = {"interaction_type": "gift", "data": {"item": "apple"}}
    assert (await town.ask("interact", "Carl", healed, actor=PLAYER))["success"]
    found = await until(log, f"bloodline/{ARIA}", lambda found: len(found) == 2)
    assert [getattr(event, "deed", "") for event in found] == ["defended", "gift"]
    assert await events(log, "bloodline/150009") == []


async def test_a_bloodline_that_is_awake_grows_by_deeds(town: GameServer, log: JetStreamLog) -> None:
    for bloodline_id in (1, 2):
        unlock = {"char_id": ARIA, "bloodline_id": bloodline_id}
        assert (await town.ask("unlock_bloodline", None, unlock))["success"]
    assert (await town.ask("event", "Ann", {"event_type": "rescued"}, actor=PLAYER))["success"]
    found = await until(log, f"bloodline/{ARIA}", lambda found: len(found) >= 3)
    gained = found[2]
    assert isinstance(gained, BloodlineExpAdded)
    low, high = load().bloodlines.entries[2].deeds["rescued"]
    assert low <= gained.exp <= high
    assert gained.narrative


async def test_bloodshed_on_a_map_leads_to_unrest_once(
    town: GameServer, settings: Settings, log: JetStreamLog
) -> None:
    trigger = load().world.triggers[0]
    for number in range(trigger.count + 5):
        blow = {"event_type": "attacked", "event_data": {"damage": number}}
        assert (await town.ask("event", ("Ann", "Carl")[number % 2], blow, actor=PLAYER))["success"]
    stream = f"world/{settings.realm}"
    found = await until(log, stream, lambda found: any(isinstance(e, WorldEvolved) for e in found))
    (unrest,) = [event for event in found if isinstance(event, WorldEvolved)]
    assert (unrest.kind, unrest.maps, unrest.trigger) == ("unrest", ("prontera",), trigger.key)
    assert (await commits(log, stream))[0].commit.causation_id is not None


async def test_without_deeds_and_ticks_nothing_happens_by_itself(
    settings: Settings, log: JetStreamLog
) -> None:
    quiet = settings.model_copy(update={"world": WorldSettings(tick_seconds=0, deeds=False)})
    async with (
        running(quiet, *BEHIND, "gateway") as endpoints,
        Platform(quiet, endpoints["zmq"], endpoints["http"]).game_server() as server,
    ):
        await server.ask("register", "Ann", {"map": "prontera", "x": 1, "y": 1})
        await server.ask("event", "Ann", {"event_type": "defended"}, actor=PLAYER)
        await asyncio.sleep(0.7)
    assert await events(log, f"bloodline/{ARIA}") == []
    assert await events(log, f"world/{settings.realm}") == []
