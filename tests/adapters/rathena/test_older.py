"""The older script functions of `rathena-server-side.md` §5 over a real socket, on a real platform."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from adapters.nats.follow import LEISURE_SECONDS
from adapters.roles.agents import read_library
from adapters.rulebooks import load
from commands.mind.dialogue.intent import recognise
from commands.mind.rules import OTHER, interaction_kind
from tests.adapters.rathena.conftest import Platform
from tests.adapters.rathena.game_server import PLAYER, GameServer

ARIA = 150000
SAGE = {"personality": {"archetype": "sage"}, "location": {"map": "geffen", "x": 60, "y": 66}}


@pytest.fixture
async def sage(map_server: GameServer) -> GameServer:
    assert (await map_server.ask("register", "Sage", SAGE))["success"]
    return map_server


async def test_an_event_gets_a_number_and_is_processed_once(map_server: GameServer) -> None:
    made = await map_server.ask(
        "ai_create_event",
        None,
        {"event_type": "boss_killed", "event_data": '{"mob": "Osiris"}', "agent_id": 0},
    )
    number = made["data"]["event_id"]
    assert made["success"]
    assert 0 < number < 2**31
    done = await map_server.ask("ai_process_event", None, {"event_id": f"{number}"})
    assert (done["success"], done["data"]["processed"]) == (True, 1)
    again = await map_server.ask("ai_process_event", None, {"event_id": number})
    assert (again["error_code"], again["field"]) == (-203, "event_id")


async def test_a_retry_creates_one_event_and_processes_it_once(map_server: GameServer) -> None:
    request = map_server.request("create_event", None, {"event_type": "boss_killed"})
    answers = []
    for _ in range(3):
        await map_server.send(request)
        answers.append(await map_server.receive())
    assert len({(answer["data"]["event_id"], answer["position"]) for answer in answers}) == 1
    request = map_server.request("process_event", None, {"event_id": answers[0]["data"]["event_id"]})
    for _ in range(3):
        await map_server.send(request)
        assert (await map_server.receive())["success"]


@pytest.mark.parametrize("agent", [0, 2, "legend_bloodlines"])
async def test_a_processed_event_stirs_the_blood_of_its_character(map_server: GameServer, agent: Any) -> None:
    deed = next(iter(load().bloodlines.by_deed))
    made = await map_server.ask(
        "create_event", None, {"event_type": deed, "event_data": {"char_id": ARIA}, "agent_id": agent}
    )
    known = await map_server.ask("get_bloodlines", None, {"char_id": ARIA})
    assert known["data"]["bloodlines"] == []
    await map_server.ask("process_event", None, {"event_id": made["data"]["event_id"]})
    async with asyncio.timeout(20):
        while not known["data"]["bloodlines"]:
            await asyncio.sleep(LEISURE_SECONDS / 4)
            known = await map_server.ask("get_bloodlines", None, {"char_id": ARIA})
    assert known["data"]["bloodlines"][0]["status"] == "stirring"


async def test_an_event_for_another_agent_leaves_bloodlines_alone(map_server: GameServer) -> None:
    deed = next(iter(load().bloodlines.by_deed))
    for agent, char_id in ((4, ARIA), (2, ARIA + 1)):
        made = await map_server.ask(
            "create_event", None, {"event_type": deed, "event_data": {"char_id": char_id}, "agent_id": agent}
        )
        await map_server.ask("process_event", None, {"event_id": made["data"]["event_id"]})
    stirred: list[Any] = []
    async with asyncio.timeout(20):
        # The second one is reacted to after the first one was passed over.
        while not stirred:
            await asyncio.sleep(LEISURE_SECONDS / 4)
            told = await map_server.ask("get_bloodlines", None, {"char_id": ARIA + 1})
            stirred = told["data"]["bloodlines"]
    assert (await map_server.ask("get_bloodlines", None, {"char_id": ARIA}))["data"]["bloodlines"] == []


async def test_a_dialogue_is_generated_for_a_kind_of_moment(sage: GameServer) -> None:
    for template in (1, 4, "news"):
        told = await sage.ask(
            "ai_generate_dialogue", None, {"npc": "Sage", "template_id": template}, actor=PLAYER
        )
        assert told["success"], told
        assert told["data"]["response"]
    memories = await sage.ask("get_memory", "Sage", {"memory_type": "recent"})
    assert "Hello!" in str(memories["data"])


async def test_each_moment_is_understood_as_what_it_is_called() -> None:
    library = read_library()
    meant = {
        "greeting": "greet",
        "offer": "ask_goods",
        "quest": "quest",
        "farewell": "farewell",
        "threat": "threaten",
        "thanks": "thank",
        "directions": "ask_place",
        "news": "ask_event",
        "introduction": "ask_self",
        "smalltalk": "smalltalk",
    }
    moments = load().moments.moments
    assert moments.keys() == meant.keys()
    for name, moment in moments.items():
        for language, phrase in moment.says.items():
            assert recognise(phrase, library.pack(language).lexicon).intent == meant[name], phrase


async def test_each_interaction_is_one_that_npcs_feel_something_about() -> None:
    rules = load().appraisal
    for name in load().moments.interactions:
        assert interaction_kind(rules, name, accepted=True) != OTHER, name


async def test_without_a_template_the_context_is_what_is_said(sage: GameServer) -> None:
    for context in ("[Aria] Who are you?", '{"message": "Who are you?", "time_of_day": "night"}'):
        told = await sage.ask(
            "generate_dialogue", None, {"npc": "Sage", "template_id": 0, "context": context}, actor=PLAYER
        )
        assert told["success"], told
    memories = await sage.ask("get_memory", "Sage", {"memory_type": "recent"})
    assert "Who are you?" in str(memories["data"])


async def test_a_number_may_be_the_name_of_an_npc(map_server: GameServer) -> None:
    await map_server.ask("register", "110000123", SAGE)
    told = await map_server.ask("generate_dialogue", None, {"npc": 110000123, "template_id": 1}, actor=PLAYER)
    assert told["data"]["response"]


async def test_a_quest_is_generated_and_taken_by_its_number(sage: GameServer) -> None:
    wanted = {"npc": "Sage", "template_id": 0, "difficulty": 1, "reward_level": 20}
    quest = (await sage.ask("ai_generate_quest", None, wanted, actor=PLAYER))["data"]
    template = load().quests.called(quest["quest_id"].rpartition("_")[0])
    assert template is not None
    assert template.difficulty <= 1_000_000
    assert template.levels[0] <= 20
    assert quest["quest_number"] == template.number * 1000 + 1
    taken = await sage.ask(
        "ai_record_interaction",
        None,
        {
            "char_id": ARIA,
            "npc": "Sage",
            "interaction_type": 3,
            "interaction_data": {"quest_number": quest["quest_number"], "step": "accept"},
        },
        actor=PLAYER,
    )
    assert taken["success"], taken


async def test_a_quest_can_be_asked_for_by_template_and_none_fits_twice(sage: GameServer) -> None:
    number = next(t.number for t in load().quests.templates if t.name == "gather_herbs")
    wanted = {"npc": "Sage", "template_id": number, "difficulty": 0, "reward_level": 20}
    first = (await sage.ask("generate_quest", None, wanted, actor=PLAYER))["data"]
    assert (first["quest_id"], first["quest_number"]) == ("gather_herbs_01", number * 1000 + 1)
    second = await sage.ask("generate_quest", None, wanted, actor=PLAYER)
    assert (second["error_code"], second["data"]["quest_number"], second["data"]["quest_id"]) == (0, 0, "")


async def test_an_interaction_is_recorded_for_its_character(sage: GameServer) -> None:
    given = {
        "char_id": ARIA + 5,
        "npc": "Sage",
        "interaction_type": 4,
        "interaction_data": '{"item_id": 501}',
    }
    told = await sage.ask("ai_record_interaction", None, given)
    assert told["success"], told
    assert told["data"]["relationship"]["target_id"] == f"{ARIA + 5}"
    # Whoever is attached to the script, it is the other one's gift.
    told = await sage.ask("record_interaction", None, given, actor=PLAYER)
    assert told["data"]["relationship"]["target_id"] == f"{ARIA + 5}"
    assert told["data"]["relationship"]["interactions"] == 2
    spoken = given | {"interaction_type": "talk", "interaction_data": "asked about the weather"}
    assert (await sage.ask("record_interaction", None, spoken))["success"]


@pytest.mark.parametrize(
    ("operation", "data", "code", "field"),
    [
        ("create_event", {}, -104, "data.event_type"),
        ("create_event", {"event_type": "x" * 65}, -105, "event_type"),
        ("create_event", {"event_type": "a\x07"}, -101, "data.event_type"),
        ("create_event", {"event_type": "a", "event_data": "{"}, -102, "data.event_data"),
        ("create_event", {"event_type": "a", "event_data": "[1]"}, -101, "data.event_data"),
        ("create_event", {"event_type": "a", "agent_id": 99}, -101, "data.agent_id"),
        ("create_event", {"event_type": "a", "agent_id": -1}, -101, "data.agent_id"),
        ("create_event", {"event_type": "a", "agent_id": 1}, -202, "agent_id"),
        ("process_event", {}, -104, "data.event_id"),
        ("process_event", {"event_id": 0}, -105, "data.event_id"),
        ("process_event", {"event_id": 2**31}, -105, "data.event_id"),
        ("process_event", {"event_id": "first"}, -101, "data.event_id"),
        ("process_event", {"event_id": 4711}, -101, "event_id"),
        ("generate_dialogue", {"template_id": 1}, -104, "npc"),
        ("generate_dialogue", {"npc": "Nobody", "template_id": 1}, -200, "npc_id"),
        ("generate_dialogue", {"npc": "Nobody", "context": "hi"}, -200, "npc_id"),
        ("generate_dialogue", {"npc": "Sage", "template_id": 99}, -101, "data.template_id"),
        ("generate_dialogue", {"npc": "Sage"}, -104, "data.context"),
        ("generate_dialogue", {"npc": "Sage", "context": "{"}, -102, "data.context"),
        ("generate_dialogue", {"npc": "Sage", "context": 7}, -101, "data.context"),
        ("generate_dialogue", {"npc": "Sage", "context": "x" * 4001}, -105, "data.context"),
        ("generate_dialogue", {"npc": "a\x07", "template_id": 1}, -103, "data.npc"),
        ("generate_quest", {"npc": "Sage"}, -104, "data.reward_level"),
        ("generate_quest", {"npc": "Sage", "reward_level": 0}, -105, "data.reward_level"),
        ("generate_quest", {"npc": "Sage", "reward_level": 9, "difficulty": 6}, -105, "data.difficulty"),
        ("generate_quest", {"npc": "Sage", "reward_level": 9, "difficulty": -1}, -105, "data.difficulty"),
        ("generate_quest", {"npc": "Sage", "reward_level": 9, "template_id": 99}, -101, "data.template_id"),
        ("generate_quest", {"npc": "Sage", "reward_level": 9, "template_id": "²"}, -101, "data.template_id"),
        ("generate_quest", {"npc": "Nobody", "reward_level": 9}, -200, "npc_id"),
        ("record_interaction", {"npc": "Sage", "char_id": ARIA}, -104, "data.interaction_type"),
        ("record_interaction", {"npc": "Sage", "char_id": 0, "interaction_type": 1}, -105, "data.char_id"),
        ("record_interaction", {"npc": "Sage", "interaction_type": 99}, -101, "data.interaction_type"),
        ("record_interaction", {"npc": "Sage", "interaction_type": -1}, -101, "data.interaction_type"),
        (
            "record_interaction",
            {"npc": "Sage", "interaction_type": 1, "interaction_data": "{"},
            -102,
            "data.interaction_data",
        ),
        ("record_interaction", {"npc": "Nobody", "interaction_type": 1}, -200, "npc_id"),
        (
            "record_interaction",
            {
                "npc": "Sage",
                "interaction_type": 3,
                "interaction_data": {"quest_number": 10**9, "step": "accept"},
            },
            -104,
            "quest_id",
        ),
    ],
)
async def test_bad_input_names_the_field(
    sage: GameServer, operation: str, data: dict[str, Any], code: int, field: str
) -> None:
    answer = await sage.ask(operation, None, data, actor=PLAYER)
    assert (answer["error_code"], answer["field"]) == (code, field), answer
    assert answer["error_message"]


async def test_a_quest_needs_a_player_the_game_server_vouches_for(sage: GameServer) -> None:
    nobody = await sage.ask("generate_quest", None, {"npc": "Sage", "reward_level": 9, "player_id": "150000"})
    assert (nobody["error_code"], nobody["field"]) == (-104, "actor")


async def test_nobody_records_for_others_over_http(platform: Platform, sage: GameServer) -> None:
    given = {"npc": "Sage", "char_id": ARIA, "interaction_type": 4, "correlation_id": "h1"}
    async with httpx.AsyncClient(base_url=platform.http) as client:
        answer = (await client.post("/api/npc/record_interaction", json=given)).json()
    assert answer["error_code"] == -504
