"""The tables of the older specification, as whoever asks the database with SQL sees them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import inspect, text

from adapters.llm import book
from adapters.sql import configured
from adapters.sql.migrate import migrate
from adapters.sql.temporary import temporary_database
from events.agent import AgentStatusChanged
from events.npc import NpcPerceived, NpcRegistered, Profile
from events.provider import ProviderStatusChanged
from events.scriptevent import ScriptEventCreated, ScriptEventProcessed
from events.world import WorldEventOccurred
from projections import views
from projections.catalogue import ALL
from projections.rebuild import rebuild
from projections.scriptevents import SCRIPT_EVENT_RECORDS
from projections.verify import verify_read_models
from tests.commits import NOON
from tests.projections.conftest import World

COLUMNS = {
    "ai_providers": "provider_id provider_name provider_type api_key model config status priority",
    "ai_agents": "agent_id agent_name agent_type provider_id config status memory_prefix",
    "ai_memories": "memory_id memory_key memory_data created_at expires_at metadata",
    "ai_events": "event_id event_type event_data created_at processed processed_at agent_id",
}
"""As `rathena-server-side.md` §4.1 names them."""
KEY = "sk-never-in-a-database-0123456789"


def shown(world: World, query: str) -> list[Mapping[str, Any]]:
    with world.reading() as connection:
        return [dict(row) for row in connection.execute(text(query)).mappings()]


def second(value: Any) -> str:
    """SQLite has times as text."""
    return str(value)[:19]


async def happen(world: World) -> None:
    await world.append("npc/Ann", NpcRegistered(Profile("guard")))
    await world.append("npc/Ann", NpcPerceived("attacked", {"damage": 9}, subject="Bob"))
    await world.append("world/main", WorldEventOccurred("storm", {"message": "A storm!"}, ("Ann",), 1))
    await world.append(
        "scriptevent/7", ScriptEventCreated("boss_killed", {"boss": "Baphomet"}, "world_evolution", 4)
    )
    await world.append("scriptevent/2147483647", ScriptEventCreated("wedding", {"who": "'; --"}))
    await world.append(
        "scriptevent/7",
        ScriptEventProcessed("boss_killed"),
        time=NOON + timedelta(seconds=61, milliseconds=900),
    )
    await world.append("provider/openai", ProviderStatusChanged(True))
    await world.append("provider/anthropic", ProviderStatusChanged(True))
    await world.append("provider/anthropic", ProviderStatusChanged(False))
    await world.append("agent/world_evolution", AgentStatusChanged(False, "too dear"))


async def test_columns_are_those_of_the_specification(world: World) -> None:
    with world.reading() as connection:
        found = inspect(connection)
        assert sorted(found.get_view_names()) == sorted(COLUMNS)
        for view, names in COLUMNS.items():
            assert [column["name"] for column in found.get_columns(view)] == names.split()


async def test_events_of_scripts_are_listed_with_what_became_of_them(world: World) -> None:
    await happen(world)
    await world.project()
    first, second_event = shown(world, "SELECT * FROM ai_events ORDER BY event_id")
    assert (first["event_id"], first["event_type"], first["processed"], first["agent_id"]) == (
        7,
        "boss_killed",
        1,
        4,
    )
    assert json.loads(first["event_data"]) == {"boss": "Baphomet"}
    assert second(first["created_at"]) == NOON.strftime("%F %T")
    assert second(first["processed_at"]) == (NOON + timedelta(seconds=61)).strftime("%F %T")
    assert (second_event["event_id"], second_event["processed"]) == (2**31 - 1, 0)
    assert second_event["processed_at"] is None and second_event["agent_id"] is None
    assert json.loads(second_event["event_data"]) == {"who": "'; --"}


async def test_memories_have_numbers_keys_and_words(world: World) -> None:
    await happen(world)
    await world.project()
    found = shown(world, "SELECT * FROM ai_memories ORDER BY memory_id")
    assert [row["memory_key"] for row in found] == ["npc:Ann/2/0", "listed/3/0"]
    assert len({row["memory_id"] for row in found}) == 2
    assert "Bob" in found[0]["memory_data"] and "A storm!" in found[1]["memory_data"]
    assert second(found[0]["created_at"]) == NOON.strftime("%F %T")
    assert found[0]["expires_at"] is None and json.loads(found[0]["metadata"])["actor"] == "Bob"


async def test_providers_and_agents_are_as_configured_until_they_are_switched(world: World) -> None:
    models = book.load()
    assert configured.store(world.database, models)
    providers = {row["provider_id"]: row for row in shown(world, "SELECT * FROM ai_providers")}
    openai, anthropic = models.providers["openai"], models.providers["anthropic"]
    assert len(providers) == len(models.providers)
    assert (providers[openai.id]["provider_name"], providers[openai.id]["status"]) == (openai.name, 0)
    agents = {row["agent_id"]: row for row in shown(world, "SELECT * FROM ai_agents")}
    assert agents[4]["status"] == 1 and agents[4]["memory_prefix"] == "world_evolution"
    assert json.loads(agents[4]["config"])["route"] == "rule"
    await happen(world)
    await world.project()
    status = {row["provider_id"]: row["status"] for row in shown(world, "SELECT * FROM ai_providers")}
    assert (status[openai.id], status[anthropic.id]) == (1, 0)
    working = {row["agent_id"]: row["status"] for row in shown(world, "SELECT * FROM ai_agents")}
    assert (working[4], working[1]) == (0, 1)
    assert not configured.store(world.database, models), "what is there already is not written again"


async def test_no_key_and_no_name_of_one_is_shown(world: World, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    (tmp_path / "providers.toml").write_text(
        '[mine]\nid = 1\nname = "Mine"\ntype = "local"\nkey_variable = "MY_KEY"\nmodel = "m"\n'
        f'base_url = "https://user:{KEY}@models.example:8443/v1?key={KEY}"\n'
    )
    (tmp_path / "agents.toml").write_text(
        '[a]\nid = 1\nname = "A"\ntype = "a"\nprompt = "a"\nprovider = "mine"\n'
    )
    configured.store(world.database, book.load(tmp_path))
    (mine,) = shown(world, "SELECT * FROM ai_providers")
    assert mine["api_key"] is None
    assert json.loads(mine["config"])["address"] == "https://models.example:8443/v1"
    assert shown(world, "SELECT provider_id FROM ai_agents") == [{"provider_id": 1}]
    with world.reading() as connection:
        for name in (*inspect(connection).get_table_names(), *inspect(connection).get_view_names()):
            told = str(connection.execute(text(f"SELECT * FROM {name}")).all())
            assert KEY not in told and "MY_KEY" not in told


async def test_a_provider_that_left_the_configuration_leaves_the_view(world: World, tmp_path: Path) -> None:
    configured.store(world.database, book.load())
    (tmp_path / "providers.toml").write_text('[mine]\nid = 9\nname = "Mine"\ntype = "local"\nmodel = "m"\n')
    assert configured.store(world.database, book.load(tmp_path))
    assert [row["provider_id"] for row in shown(world, "SELECT * FROM ai_providers")] == [9]


async def test_views_outlive_rebuilds_of_everything_and_of_one(world: World) -> None:
    configured.store(world.database, book.load())
    await happen(world)
    await world.project()
    before = {view: shown(world, f"SELECT * FROM {view} ORDER BY 1") for view in COLUMNS}
    for which in (ALL, (SCRIPT_EVENT_RECORDS,), ALL):
        assert (await rebuild(world.log, world.database, which)).finished
        assert {view: shown(world, f"SELECT * FROM {view} ORDER BY 1") for view in COLUMNS} == before
    with temporary_database() as fresh:
        verdicts = await verify_read_models(world.log, world.database, fresh, ALL)
    assert all(verdict.equal for verdict in verdicts)
    assert not migrate(world.url)


async def test_whoever_reads_during_a_rebuild_finds_the_views_and_all_their_rows(world: World) -> None:
    await happen(world)
    await world.project()
    rebuilt = asyncio.Event()
    counts: list[int] = []

    def count() -> int:
        with world.reading() as connection:
            return int(connection.execute(text("SELECT count(*) FROM ai_events")).scalar_one())

    async def look() -> None:
        while not rebuilt.is_set():
            counts.append(await asyncio.to_thread(count))

    looking = asyncio.create_task(look())
    for _ in range(3):
        await rebuild(world.log, world.database, (SCRIPT_EVENT_RECORDS,), afresh=True)
    rebuilt.set()
    await looking
    assert counts and set(counts) == {2}


async def test_views_are_made_once_and_taken_away_where_they_are(world: World) -> None:
    with world.database.writer.begin() as connection:
        views.drop(connection)
        views.drop(connection)
        assert inspect(connection).get_view_names() == []
        views.create(connection)
    assert shown(world, "SELECT * FROM ai_events") == []
