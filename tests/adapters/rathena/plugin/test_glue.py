"""The glue between scripts and core, compiled against small stand-ins of a map-server, against the running platform."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.rathena.conftest import Platform
from tests.adapters.rathena.plugin.driver import HERE, MISSING, PLUGIN, SANITIZERS, WARNINGS, installed

ARIA, BORIN, MERCHANT = 2000001, 2000002, 110000001


@pytest.fixture(scope="session")
def glue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not installed():
        pytest.skip(MISSING)
    output = tmp_path_factory.mktemp("glue") / "glue"
    # A map-server has more functions than one program of ours uses.
    command = ["g++", "-std=c++17", *WARNINGS, "-Wno-unused-function", "-O1", "-g", *SANITIZERS]
    done = subprocess.run(
        [*command, f"-I{PLUGIN}", str(HERE / "glue.cpp"), "-o", str(output), "-lzmq"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return output


class MapServer:
    """A stand-in map-server with two players and a merchant."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def do(self, **order: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        async with asyncio.timeout(30):
            line = await self._process.stdout.readline()
        if not line:
            await self.close()
        told: dict[str, Any] = json.loads(line)
        return told

    async def call(self, command: str, *arguments: str | int, player: int = 0) -> Any:
        """The result of a script command that the merchant's script calls."""
        told = await self.do(call=command, args=arguments, player=player, npc=MERCHANT)
        assert told["status"] == 0
        return told.get("result")

    async def json(self, command: str, *arguments: str | int, player: int = 0) -> Any:
        return json.loads(await self.call(command, *arguments, player=player))

    async def until(self, wanted: str, *, milliseconds: int = 10_000, **world: Any) -> list[str]:
        """Let the server tick until something happens; what happened."""
        found: list[str] = (await self.do(world=world, tick_ms=milliseconds, until=wanted))["happened"]
        return found

    async def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stderr is not None
        self._process.stdin.close()
        async with asyncio.timeout(30):
            complaints = (await self._process.stderr.read()).decode(errors="replace")
            status = await self._process.wait()
        assert status == 0, complaints[-4000:]


@pytest.fixture
async def game(glue: Path, platform: Platform, tmp_path: Path) -> AsyncIterator[MapServer]:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "lorestream.conf").write_text(
        f"zmq_endpoint = {platform.zmq}\nhold_callback_ms = 1500\ndefault_timeout_ms = 3000\nquery_timeout_ms = 3000\n"
        "llm_timeout_ms = 5000\n"
    )
    process = await asyncio.create_subprocess_exec(
        glue,
        cwd=tmp_path,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=1 << 24,
    )
    game = MapServer(process)
    await game.do(
        world={
            "players": {str(ARIA): {"char_id": 150000}, str(BORIN): {"char_id": 150001, "name": "Borin"}},
            "npcs": {str(MERCHANT): "Merchant_John"},
            "labels": ["Merchant_John::OnReady"],
        }
    )
    assert (
        await game.call("ai_npc_register", "Merchant_John", '{"archetype":"merchant"}', '["sell_items"]') == 0
    )
    yield game
    await game.close()


async def test_every_command_of_the_specification_answers(game: MapServer) -> None:
    for command, arguments in {
        "ai_npc_update_profile": ("Merchant_John", '{"mood":"happy"}'),
        "ai_npc_interact": ("Merchant_John", 150000, "gift", '{"item_id":501,"value":50,"category":"food"}'),
        "ai_npc_event": ("Merchant_John", "heard_sound", '{"sound":"bell"}'),
        "ai_world_event": ("festival_start", '{"name":"Midsummer"}', ""),
        "ai_faction_event": ("guild", "founded", "{}"),
        "ai_register_callback": ("OnReady", "dialogue"),
    }.items():
        assert await game.call(command, *arguments, player=ARIA) == 0, command
    for command, more, field in (
        ("ai_npc_dialogue", (150000, "What do you sell?", "{}"), "response"),
        ("ai_npc_trade", (150000, '[{"item_id":501,"amount":1,"side":"request"}]'), "accepted"),
        ("ai_npc_decide_action", ('{"time":"12:00"}',), "action"),
        ("ai_npc_evaluate_situation", ('{"players":[]}',), "threat_level"),
        ("ai_npc_choose_target", ('[{"id":"a","kind":"monster","distance":3}]',), "target_id"),
        ("ai_npc_get_state", ("[]",), "npc_id"),
        ("ai_npc_get_emotion", (), "primary"),
        ("ai_npc_get_memory", ("recent", '{"limit":3}'), "memories"),
        ("ai_npc_get_relationship", (150000,), "trust"),
        ("ai_npc_get_goals", (), "current_goals"),
    ):
        answer = await game.json(command, "Merchant_John", *more, player=ARIA)
        assert (answer["error_code"], field in answer) == (0, True), (command, answer)
    quest = await game.json("ai_npc_quest_offer", "Merchant_John", 150000, 42, player=ARIA)
    assert quest["error_code"] == 0
    assert (await game.json("ai_npc_pathfind", "Merchant_John", 5, 5))["valid"] is False
    assert await game.call("ai_npc_unregister", "Merchant_John") == 0


async def test_an_outcome_calls_the_label_with_the_player_attached(game: MapServer) -> None:
    asked = await game.call(
        "ai_request_async", "dialogue", "Merchant_John", '{"message":"Hi"}', "OnReady", 5000, player=ARIA
    )
    told = await game.do(tick_ms=10_000, until="event")
    assert f"event Merchant_John::OnReady {ARIA}" in told["happened"]
    assert told["variables"]["$@ai_request_id$"] == told["variables"]["150000@ai_request_id$"] == asked
    answer = await game.json("ai_check_result", asked)
    assert answer["status"] == "complete"
    assert await game.call("getjsonvalue", json.dumps(answer), "result.response") == answer["response"]


async def test_both_parameter_orders_of_ai_request_async_are_understood(game: MapServer) -> None:
    data = '{"npc_id":"Merchant_John","message":"Hi"}'
    asked = await game.call("ai_request_async", "dialogue", data, "OnReady", 5000)
    assert "event Merchant_John::OnReady 0" in await game.until("event")
    assert (await game.json("ai_check_result", asked))["status"] == "complete"


async def test_a_callback_waits_while_the_player_has_a_dialog_open(game: MapServer) -> None:
    await game.do(world={"players": {str(ARIA): {"char_id": 150000, "dialog": MERCHANT}}})
    await game.call(
        "ai_request_async", "dialogue", "Merchant_John", '{"message":"Hi"}', "OnReady", player=ARIA
    )
    assert not [one for one in await game.until("event", milliseconds=700) if one.startswith("event")]
    closed = {str(ARIA): {"char_id": 150000, "dialog": 0}}
    assert f"event Merchant_John::OnReady {ARIA}" in await game.until("event", players=closed)


async def test_a_callback_waits_while_the_player_loads_another_map(game: MapServer) -> None:
    await game.do(world={"players": {str(ARIA): {"char_id": 150000, "loads": True}}})
    await game.call(
        "ai_request_async", "dialogue", "Merchant_John", '{"message":"Hi"}', "OnReady", player=ARIA
    )
    assert not [one for one in await game.until("event", milliseconds=700) if one.startswith("event")]
    arrived = {str(ARIA): {"char_id": 150000, "loads": False}}
    assert f"event Merchant_John::OnReady {ARIA}" in await game.until("event", players=arrived)


async def test_a_dialog_that_never_ends_loses_its_callback(game: MapServer) -> None:
    await game.do(world={"players": {str(ARIA): {"char_id": 150000, "dialog": MERCHANT}}})
    await game.call(
        "ai_request_async", "dialogue", "Merchant_John", '{"message":"Hi"}', "OnReady", player=ARIA
    )
    happened = await game.until("dropped")
    assert not [one for one in happened if one.startswith("event")]


async def test_a_player_who_left_is_not_called_and_one_who_relogged_is(game: MapServer) -> None:
    await game.call(
        "ai_request_async", "dialogue", "Merchant_John", '{"message":"Hi"}', "OnReady", player=ARIA
    )
    assert any("the player left" in one for one in await game.until("player left", players={str(ARIA): None}))
    await game.call(
        "ai_request_async", "dialogue", "Merchant_John", '{"message":"Hi"}', "OnReady", player=BORIN
    )
    back = {str(BORIN): None, "2000009": {"char_id": 150001, "name": "Borin"}}
    assert "event Merchant_John::OnReady 2000009" in await game.until("event", players=back)


async def test_two_players_at_one_npc_each_get_their_own_answer(game: MapServer) -> None:
    ids = {
        player: await game.call(
            "ai_request_async", "dialogue", "Merchant_John", '{"message":"Hi"}', "OnReady", player=player
        )
        for player in (ARIA, BORIN)
    }
    await game.until(f"OnReady {ARIA}")
    told = await game.do(tick_ms=3000, until=f"OnReady {BORIN}")
    assert told["variables"]["150000@ai_request_id$"] == ids[ARIA]
    assert told["variables"]["150001@ai_request_id$"] == ids[BORIN]


async def test_a_label_nobody_has_is_said_and_harms_nothing(game: MapServer) -> None:
    await game.call("ai_request_async", "dialogue", "Merchant_John", '{"message":"Hi"}', "OnNowhere")
    assert any("OnNowhere" in one and one.startswith("warning") for one in await game.until("OnNowhere"))


async def test_a_registered_label_is_called_for_requests_that_name_none(game: MapServer) -> None:
    assert await game.call("ai_register_callback", "OnReady") == 0
    await game.call("ai_request_async", "dialogue", "Merchant_John", '{"message":"Hi"}')
    assert "event Merchant_John::OnReady 0" in await game.until("event")


async def test_a_cancelled_request_is_not_called(game: MapServer) -> None:
    asked = await game.call("ai_request_async", "dialogue", "Merchant_John", '{"message":"Hi"}', "OnReady")
    assert (await game.call("ai_cancel_request", asked), await game.call("ai_cancel_request", asked)) == (
        0,
        -1,
    )
    assert not [one for one in await game.until("event", milliseconds=500) if one.startswith("event")]


async def test_values_come_out_as_scripts_can_compare_them(game: MapServer) -> None:
    document = '{"valid":true,"n":75.0,"part":0.7,"s":"x"}'
    assert await game.call("getjsonvalue", document, "valid") == 1
    assert await game.call("getjsonvalue", document, "n") == 75
    assert await game.call("getjsonvalue", document, "part") == "0.7"
    assert await game.call("getjsonvalue", document, "missing") == ""
    assert await game.call("getjsonvalue", document, "missing", 7) == 7
    assert await game.call("getjsonvalue", "no json", "x", "default") == "default"
    assert await game.call("getjsonvalue", 5, "") == 5
    assert await game.call("ai_json_escape", 'say "hi" \\') == 'say \\"hi\\" \\\\'


@pytest.mark.parametrize("shift", range(6))
async def test_an_escaped_text_that_is_cut_never_escapes_the_quote_behind_it(
    game: MapServer, shift: int
) -> None:
    for hostile in ('"' * 1500, "\\" * 1500, "\x01" * 500, "é" * 1500):
        cut = await game.call("ai_json_escape", "x" * shift + hostile)
        assert 1990 < len(cut.encode()) <= 2000
        told = json.loads(f'{{"a":"{cut}","b":7}}')
        assert told["b"] == 7
        assert ("x" * shift + hostile).startswith(told["a"])


async def test_older_scripts_run_as_they_are(game: MapServer) -> None:
    body = '{"npc_id":"Merchant_John","player_id":"150000","message":"Hello!"}'
    answer = await game.json("httppost", "/api/npc/interact", body, player=ARIA)
    assert answer["response"]
    assert (await game.json("httppost", "/api/npc/interact", '{"message":"say "hi""}'))["error_code"] == -102
    told = await game.do(call="npcwalk", args=["Merchant_John", 10, 12], npc=MERCHANT)
    assert "walk 10 12" in told["happened"]
    assert await game.call("npcwalk", "Nobody", 10, 12) is None


async def test_text_of_players_is_no_format_of_the_servers_log(game: MapServer) -> None:
    told = await game.do(call="ai_npc_get_state", args=["%s%n%s"], npc=MERCHANT)
    assert json.loads(told["result"])["error_code"] < 0
    assert any("%s%n%s" in one for one in told["happened"])


async def test_text_of_players_writes_no_lines_of_its_own_into_the_servers_log(game: MapServer) -> None:
    told = await game.do(call="ai_npc_get_state", args=["x\n[Error]: made up \x1b[2J\x7f"], npc=MERCHANT)
    line = next(one for one in told["happened"] if "made up" in one)
    assert "x?[Error]: made up ?[2J?" in line
    assert line.rstrip("\n").isprintable()


def test_every_command_is_defined_and_every_definition_has_a_command() -> None:
    bodies = set(re.findall(r"^BUILDIN_FUNC\((\w+)\)", (PLUGIN / "script.inc").read_text(), re.MULTILINE))
    defined = re.findall(
        r'^BUILDIN_DEF\((\w+),"[sivrl?*]*"\),', (PLUGIN / "script_def.inc").read_text(), re.MULTILINE
    )
    assert sorted(bodies) == sorted(defined)
    specified = {
        "ai_npc_register",
        "ai_npc_get_goals",
        "ai_request_async",
        "ai_register_callback",
        "getjsonvalue",
    }
    assert specified <= bodies
