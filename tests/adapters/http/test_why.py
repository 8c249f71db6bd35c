"""`GET /api/why/{position or request}` on a real platform."""

from __future__ import annotations

import httpx
import pytest

from tests.adapters.rathena.game_server import GameServer


@pytest.fixture
def web(operator: httpx.AsyncClient) -> httpx.AsyncClient:
    return operator


async def test_a_trade_is_explained_down_to_the_attack_that_spoilt_it(
    web: httpx.AsyncClient, map_server: GameServer
) -> None:
    aria = {"char_id": 150000, "name": "Aria"}
    await map_server.ask("register", "John", {"personality": {"archetype": "merchant"}})
    attack = await map_server.ask("event", "John", {"event_type": "attacked"}, actor=aria)
    offer = {"items": [{"item_id": "1001", "amount": 1, "side": "request"}]}
    trade = await map_server.ask("trade", "John", offer, actor=aria)

    answer = await web.get(f"/api/why/{trade['position']}")

    assert answer.status_code == 200
    found = answer.json()
    assert found["position"] == trade["position"]
    through = next(cause for cause in found["because"] if cause["title"] == "what it had been through")
    assert attack["position"] in {cause["position"] for cause in through["because"]}


async def test_a_dialogue_request_is_explained_by_what_was_said_and_asked(
    web: httpx.AsyncClient, map_server: GameServer
) -> None:
    await map_server.ask("register", "John", {"personality": {"archetype": "merchant"}})
    opened = await map_server.ask(
        "request_async", "John", {"operation": "dialogue", "data": {"message": "Hello"}}, callback_label="On"
    )
    await map_server.callback()
    answer = await web.get(f"/api/why/{opened['data']['request_id']}")
    assert answer.status_code == 200
    assert "asked John for dialogue" in answer.text


@pytest.mark.parametrize("which", ["999999999", "req_nothing", "0", "-1", "%00", "9" * 40])
async def test_what_is_not_there_is_not_found(web: httpx.AsyncClient, which: str) -> None:
    assert (await web.get(f"/api/why/{which}")).status_code in {400, 404}
