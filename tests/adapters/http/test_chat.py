"""Conversations with the assistant over HTTP, with a fake model behind the platform and without one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adapters.llm.fake.server import FakeModels
from adapters.nats.log import JetStreamLog
from adapters.settings import Settings
from tests.adapters.agents.conftest import KEY, models, unproved, with_models
from tests.adapters.http.people import People, Person, people
from tests.adapters.live.conftest import opened
from tests.adapters.rathena.conftest import BEHIND, Platform, running
from tests.projections.conftest import until

__all__ = ["models"]


@dataclass
class Table:
    """A campaign with a game master, a player and an observer, and what is in it."""

    them: People
    master: Person
    player: Person
    observer: Person
    campaign: str
    harbour: str
    secret: str

    async def ask(self, who: Person, message: str, **more: Any) -> Any:
        return await who.post("/api/chat", {"campaign_id": self.campaign, "message": message, **more})


async def seated(them: People) -> Table:
    master, player, observer = (
        await them.make("gamemaster"),
        await them.make("player"),
        await them.make("player"),
    )
    made = await master.post("/api/campaigns", {"name": "The Drowned Crown", "level": 3})
    campaign = made.json()["campaign_id"]
    for who, role in ((player, "player"), (observer, "observer")):
        joined = await master.post(
            f"/api/campaigns/{campaign}/members", {"account_id": who.account_id, "role": role}
        )
        assert joined.status_code < 300, joined.text

    async def element(name: str, summary: str, visibility: str) -> str:
        body = {
            "campaign_id": campaign,
            "kind": "location",
            "fields": {"name": name, "summary": summary},
            "visibility": visibility,
        }
        found = await master.post("/api/elements", body)
        assert found.status_code == 201, found.text
        for who in (master, player, observer):
            who.web.headers["X-At-Least"] = found.headers["X-Position"]
        return str(found.json()["element_id"])

    harbour = await element("Grey Harbour", "Nobody rules it since the customs house burnt.", "all")
    secret = await element("Smugglers' Tunnel", "Leads from the harbour to the palace.", "gm")
    return Table(them, master, player, observer, campaign, harbour, secret)


@pytest.fixture
async def table(settings: Settings, log: JetStreamLog) -> AsyncIterator[Table]:
    """No model anywhere."""
    async with (
        running(settings, *BEHIND, "gateway") as endpoints,
        people(settings, endpoints["http"]) as them,
    ):
        yield await seated(them)


@pytest.fixture
async def advised(
    settings: Settings,
    models: FakeModels,
    log: JetStreamLog,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Table]:
    monkeypatch.setenv("LORE_TEST_MODEL_KEY", KEY)
    settings = with_models(settings, models, tmp_path / "llm")
    async with (
        running(settings, *BEHIND, "gateway") as endpoints,
        people(settings, endpoints["http"]) as them,
    ):
        yield await seated(them)
    assert await unproved(log) == []


async def test_without_a_model_the_campaign_itself_answers_and_each_hears_what_he_may_know(
    table: Table,
) -> None:
    told = await table.ask(table.master, "What of the tunnel under the harbour?")
    assert told.status_code == 200, told.text
    answer = told.json()
    assert answer["route"] == "template"
    assert {each["id"] for each in answer["cites"]} == {table.harbour, table.secret}
    assert f"#/c/{table.campaign}/e/{table.harbour}" in answer["html"]

    heard = (await table.ask(table.player, "What of the tunnel under the harbour?")).json()
    assert {each["id"] for each in heard["cites"]} == {table.harbour}
    assert "Smuggler" not in str(heard)
    assert "palace" not in str(heard)

    assert (await table.ask(table.observer, "And I?")).status_code == 403
    stranger = await table.them.make("gamemaster")
    assert (await table.ask(stranger, "And I?")).status_code == 404


async def test_a_repeated_message_gets_the_first_answer_and_the_history_is_ones_own(table: Table) -> None:
    first = await table.ask(table.master, "Who rules the harbour?", message_id="m1")
    again = await table.ask(table.master, "Who rules the harbour?", message_id="m1")
    assert first.json()["position"] == again.json()["position"]
    changed = await table.master.web.patch(
        f"/api/elements/{table.harbour}",
        json={"fields": {"summary": "A duke does."}},
        headers={"If-Match": '"v1"'},
    )
    assert changed.status_code == 200, changed.text
    later = await table.ask(table.master, "Who rules the harbour?", message_id="m1")
    assert later.json()["text"] == first.json()["text"]
    path = f"/api/chat/history/{table.campaign}"
    mine = (await table.master.get(path, params={"limit": 1})).json()
    assert [each["role"] for each in mine["items"]] == ["assistant"]
    rest = (await table.master.get(path, params={"cursor": mine["next"]})).json()
    assert [(each["role"], each["text"]) for each in rest["items"]] == [("user", "Who rules the harbour?")]
    assert rest["next"] is None
    assert (await table.player.get(path)).json()["items"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"message": ""}, "message"),
        ({"message": "x" * 4001}, "message"),
        ({"message": "x", "chat_id": "../../other"}, "chat_id"),
        ({"message": "x", "message_id": "a b"}, "message_id"),
    ],
)
async def test_what_is_no_message_is_refused_with_its_field(
    table: Table, body: dict[str, Any], field: str
) -> None:
    refused = await table.master.post("/api/chat", {"campaign_id": table.campaign, **body})
    assert (refused.status_code, refused.json()["field"]) == (422, field)


async def test_scripts_in_a_message_stay_text(table: Table) -> None:
    await table.ask(table.master, "<script>alert(1)</script> [x](javascript:alert(1)) and the harbour?")
    shown = (await table.master.get(f"/api/chat/history/{table.campaign}")).json()["items"]
    assert all("<script" not in each["html"] and 'href="javascript' not in each["html"] for each in shown)


async def test_a_model_answers_cites_and_costs_and_every_word_of_it_is_recorded(advised: Table) -> None:
    told = await advised.ask(advised.master, "Who rules the harbour?")
    assert told.status_code == 200, told.text
    answer = told.json()
    assert (answer["route"], answer["model"]) == ("model", "fake-1")
    assert answer["cost"] > 0
    assert answer["tokens"]["prompt"] > 100
    operator = await advised.them.make("operator")
    decision = (await operator.get(f"/api/decisions/{answer['decision_id']}")).json()
    assert decision["purpose"] == "assist"
    assert "harbour" in str(decision["messages"]).casefold()


async def test_a_players_question_never_puts_secrets_before_the_model(advised: Table) -> None:
    answer = (await advised.ask(advised.player, "Is there a tunnel under the harbour?")).json()
    operator = await advised.them.make("operator")
    decision = (await operator.get(f"/api/decisions/{answer['decision_id']}")).json()
    assert "Grey Harbour" in str(decision["messages"])
    assert "Smuggler" not in str(decision)


@pytest.mark.parametrize("model", ["fake-garbage", "fake-wrong", "fake-503", "fake-refusal", "fake-empty"])
async def test_a_model_that_fails_is_replaced_by_what_the_campaign_says(
    settings: Settings,
    models: FakeModels,
    log: JetStreamLog,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    model: str,
) -> None:
    monkeypatch.setenv("LORE_TEST_MODEL_KEY", KEY)
    settings = with_models(settings, models, tmp_path / "llm", model)
    async with (
        running(settings, *BEHIND, "gateway") as endpoints,
        people(settings, endpoints["http"]) as them,
    ):
        table = await seated(them)
        answer = (await table.ask(table.master, "Who rules the harbour?")).json()
        heard = (await table.ask(table.player, "Who rules the harbour?")).json()
    assert answer["route"] == "template"
    assert answer["problem"]
    assert (heard["route"], heard["problem"]) == ("template", "no model answered")
    assert answer["cites"]


async def test_an_answer_can_be_stopped(
    settings: Settings, models: FakeModels, log: JetStreamLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LORE_TEST_MODEL_KEY", KEY)
    settings = with_models(settings, models, tmp_path / "llm", "fake-slow-20000")
    async with (
        running(settings, *BEHIND, "gateway") as endpoints,
        people(settings, endpoints["http"]) as them,
    ):
        table = await seated(them)
        asking = asyncio.create_task(table.ask(table.master, "Who rules the harbour?", message_id="m1"))
        stop = {"campaign_id": table.campaign, "message_id": "m1"}

        async def stopped() -> bool:
            return bool((await table.master.post("/api/chat/stop", stop)).json()["stopped"])

        await until(stopped, 15)
        refused = await asking
        assert (refused.status_code, refused.json()["code"]) == (409, "stopped")
        again = await table.ask(table.master, "Who rules the harbour?", message_id="m1")
        assert (again.status_code, again.json()["code"]) == (409, "stopped")
        shown = (await table.master.get(f"/api/chat/history/{table.campaign}")).json()["items"]
        assert [each["role"] for each in shown] == ["dropped", "user"]


async def test_what_an_answer_proposes_waits_for_the_game_master_and_becomes_an_element_when_accepted(
    advised: Table, models: FakeModels
) -> None:
    models.behave("fake-obedient")
    wanted = {
        "response": "A monk would know.",
        "elements": [1],
        "reference": [],
        "proposals": [
            {
                "kind": "npc",
                "element": 0,
                "name": "Brother Ash",
                "summary": "Rings a bell nobody hears.",
                "description": "",
                "secrets": "",
            }
        ],
    }
    asked = await advised.ask(advised.master, f"Answer with {json.dumps(wanted)}")
    answer = asked.json()
    assert answer["text"] == "A monk would know.", answer
    (proposed,) = answer["proposals"]
    assert (proposed["status"], proposed["kind"]) == ("open", "npc")
    assert proposed["drafts"][0]["fields"]["name"] == "Brother Ash"
    taken = await advised.master.post(f"/api/proposals/{proposed['proposal_id']}/accept", {"draft": 0})
    assert taken.status_code == 200, taken.text
    made = await advised.master.get(
        f"/api/element/{taken.json()['element_id']}", headers={"X-At-Least": taken.headers["X-Position"]}
    )
    assert made.json()["fields"]["summary"] == "Rings a bell nobody hears."
    assert made.json()["origin"]["decision_id"] == answer["decision_id"]

    heard = (await advised.ask(advised.player, f"Answer with {json.dumps(wanted)}")).json()
    assert heard["proposals"] == []


async def test_pieces_of_an_answer_come_over_the_socket_of_who_asked_while_it_is_written(
    advised: Table, models: FakeModels
) -> None:
    models.behave("fake-drip-30")
    place = Platform(Settings(), "", advised.them.url)
    async with opened(place, advised.master) as mine, opened(place, advised.player) as theirs:
        for page in (mine, theirs):
            await page.say(type="subscribe", topic=f"chat:{advised.campaign}")
            await page.hear("subscribed")
        asked = await advised.ask(advised.master, "Who rules the harbour?", message_id="m1")
        pieces = []
        while "done" not in (piece := await mine.hear("chat")):
            pieces.append(piece)
        await theirs.say(type="ping")
        await theirs.hear("pong")
    assert len(pieces) > 1
    assert "".join(piece["text"] for piece in pieces).strip() == asked.json()["text"]
    assert piece["done"]["message_id"] == "m1"
    assert all(message["type"] != "chat" for message in theirs.heard)
