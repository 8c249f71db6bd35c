"""Operations of the specification's §2.2.2 and §2.2.3 that an NPC's mind answers, over a real socket."""

from __future__ import annotations

from typing import Any

import pytest

from tests.adapters.rathena.game_server import GameServer
from tests.adapters.rathena.test_operations import register

MERCHANT = "Merchant_John_01"
OFFER = [{"item_id": "1001", "amount": 2, "side": "request"}]


@pytest.fixture
async def merchant(map_server: GameServer) -> GameServer:
    await register(map_server)
    return map_server


async def data_of(server: GameServer, operation: str, data: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = await server.ask(operation, MERCHANT, data, **more)
    assert answer["success"], answer
    assert answer["data"]["error_code"] == 0
    found: dict[str, Any] = answer["data"]
    return found


async def test_trade_answers_what_the_script_reads(merchant: GameServer) -> None:
    answer = await data_of(merchant, "trade", {"player_id": "1", "items": OFFER})
    assert isinstance(answer["accepted"], bool)
    assert answer["price"] > 0
    assert answer["comment"]


async def test_a_quest_offer_is_a_quest_or_empty(merchant: GameServer) -> None:
    answer = await data_of(merchant, "quest_offer", {"player_id": "1", "player_level": 20})
    if "quest_id" in answer:
        assert answer["quest_name"]
        assert answer["description"]
        assert {"exp", "gold"} <= set(answer["rewards"])
    else:
        assert set(answer) == {"error_code"}


@pytest.mark.parametrize("operation", ["decide_action", "complex_decision"])
async def test_a_decision_holds_an_action_a_reason_and_the_scores(
    merchant: GameServer, operation: str
) -> None:
    answer = await data_of(merchant, operation, {"situation": '{"location":"prontera","time":"14:30"}'})
    assert answer["action"]
    assert answer["reason"]
    assert answer["scores"]
    if "target" in answer:
        assert answer["target"] == {"x": answer["target_x"], "y": answer["target_y"]}


async def test_an_evaluation_holds_threat_opportunities_and_a_recommendation(merchant: GameServer) -> None:
    situation = {"monsters": [{"id": "m1", "distance": 2, "level": 60, "hostile": True}]}
    answer = await data_of(merchant, "evaluate_situation", {"situation": situation})
    assert answer["threat_level"] in {"none", "low", "medium", "high", "extreme"}
    assert isinstance(answer["opportunities"], list)
    assert answer["recommended_action"]


async def test_a_target_is_one_of_the_candidates(merchant: GameServer) -> None:
    candidates = [{"id": "a", "kind": "monster", "distance": 3, "level": 5, "hostile": True}, {"id": "b"}]
    answer = await data_of(merchant, "choose_target", {"candidates": candidates, "situation": {}})
    assert answer["target_id"] in {"a", "b"}
    assert answer["reason"]


async def test_without_a_map_finding_a_path_is_truthfully_refused(merchant: GameServer) -> None:
    answer = await merchant.ask("pathfind", MERCHANT, {"destination_x": 5, "destination_y": 5})
    assert answer["error_code"] == -202
    assert answer["data"]["valid"] is False
    assert "map_cache" in answer["error_message"]


async def test_a_decision_asked_for_asynchronously_arrives_in_both_parameter_orders(
    merchant: GameServer,
) -> None:
    situation = {"location": "prontera", "time": "08:00"}
    specified = await merchant.ask(
        "request_async",
        MERCHANT,
        {"operation": "decide_action", "data": situation},
        callback_label="OnDecision",
    )
    assert specified["data"]["status"] == "pending"
    pushed = await merchant.callback()
    assert pushed["data"]["status"] == "complete"
    assert pushed["data"]["result"]["action"]
    implemented = {
        "type": "decide_action",
        "data": {"npc_id": MERCHANT, **situation},
        "callback": "OnDecision",
    }
    assert (await merchant.ask("request_async", None, implemented))["data"]["status"] == "pending"
    assert (await merchant.callback())["data"]["result"]["action"]


async def test_being_attacked_makes_an_npc_angry_and_names_the_cause(merchant: GameServer) -> None:
    actor = {"char_id": 150000, "name": "Aria"}
    attacked = await merchant.ask(
        "event", MERCHANT, {"event_type": "attacked", "event_data": {"damage": 300}}, actor=actor
    )
    feeling = await data_of(merchant, "get_emotion", {})
    assert feeling["primary"] in {"angry", "afraid", "sad", "disapproving"}
    assert attacked["position"] in {cause["position"] for cause in feeling["causes"]}
    relation = await data_of(merchant, "get_relationship", {"target_id": "150000"})
    assert relation["trust"] < 50
    state = await data_of(merchant, "get_state", {})
    assert state["emotion"] == feeling["primary"]


async def test_an_npc_that_was_attacked_trades_on_worse_terms(merchant: GameServer) -> None:
    actor = {"char_id": 150000, "name": "Aria"}
    before = await data_of(merchant, "trade", {"items": OFFER}, actor=actor)
    for _ in range(3):
        await merchant.ask(
            "event", MERCHANT, {"event_type": "attacked", "event_data": {"damage": 300}}, actor=actor
        )
    after = await data_of(merchant, "trade", {"items": OFFER}, actor=actor)
    assert not after["accepted"] or after["price"] >= before["price"]


@pytest.mark.parametrize(
    ("operation", "data", "code"),
    [
        ("trade", {"player_id": "1", "items": []}, -104),
        ("trade", {"player_id": "1", "items": [{"item_id": "1001", "amount": -5}]}, -105),
        ("trade", {"player_id": "1", "items": [{"item_id": "1001", "amount": 10**12}]}, -105),
        ("trade", {"player_id": "1", "items": "[{"}, -102),
        ("quest_offer", {"player_id": "1", "player_level": -1}, -105),
        ("choose_target", {"candidates": [], "situation": {}}, None),
        ("decide_action", {"situation": {"players": [{"id": str(n)} for n in range(3000)]}}, 0),
        ("decide_action", {"situation": {"x": 10**9, "y": -5}}, None),
        ("interact", {"player_id": "1", "interaction_type": "quest", "data": {"quest_id": "none"}}, -101),
    ],
)
async def test_absurd_questions_get_the_right_code_and_hurt_nobody(
    merchant: GameServer, operation: str, data: dict[str, Any], code: int | None
) -> None:
    answer = await merchant.ask(operation, MERCHANT, data)
    if code is not None:
        assert answer["error_code"] == code, answer
    assert answer["error_code"] != -600
    assert (await merchant.ask("get_state", MERCHANT, {}))["success"]
