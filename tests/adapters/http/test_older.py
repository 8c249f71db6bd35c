"""Older clients of the game master (`existing-apis.md` §5, set B): their bodies, their words, their kind of refusal."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.nats.log import JetStreamLog
from adapters.settings import Settings
from tests.adapters.http.people import people
from tests.adapters.http.test_chat import Table, seated
from tests.adapters.rathena.conftest import BEHIND, running


@pytest.fixture
async def table(settings: Settings, log: JetStreamLog) -> AsyncIterator[Table]:
    async with (
        running(settings, *BEHIND, "gateway") as endpoints,
        people(settings, endpoints["http"]) as them,
    ):
        yield await seated(them)


async def hero(table: Table) -> str:
    added = await table.player.post(
        f"/api/campaigns/{table.campaign}/characters",
        {"fields": {"name": "Brannoc", "level": 3, "class": "Bard"}},
    )
    assert added.status_code == 201, added.text
    for who in (table.master, table.player):
        who.web.headers["X-At-Least"] = added.headers["X-Position"]
    return str(added.json()["character_id"])


async def test_an_evening_of_an_older_client_begins_is_talked_through_and_ends(table: Table) -> None:
    character = await hero(table)
    who = {"campaignId": table.campaign, "sessionId": "evening 1", "characterId": character}
    began = (await table.master.post("/api/gamemaster/start_campaign", who | {"playerName": "Mira"})).json()
    assert began["success"] is True
    assert "The Drowned Crown" in began["introduction"]
    assert "Brannoc" in began["introduction"]

    said = who | {"message": "What of the tunnel under the harbour?", "isSystemMessage": False}
    heard = (await table.player.post("/api/gamemaster/send_message", said)).json()
    assert (heard["success"], heard["campaign_state"]) == (True, "active")
    assert "Grey Harbour" in heard["message"]
    assert "Smuggler" not in heard["message"]

    refused = await table.player.post("/api/gamemaster/end_session", who)
    assert (refused.status_code, refused.json()["success"]) == (200, False)
    summary = {"message_type": "session_summary", "message": "They found the burnt customs house."}
    ended = (await table.master.post("/api/gamemaster/end_session", who | summary)).json()
    assert (ended["success"], ended["campaign_state"]) == (True, "paused")
    evenings = (await table.player.get(f"/api/campaigns/{table.campaign}/sessions")).json()["items"]
    assert evenings[0]["recap_players"] == "They found the burnt customs house."


async def test_contents_are_told_in_their_words_and_each_sees_his_own(table: Table) -> None:
    path = f"/api/gamemaster/campaign/{table.campaign}"
    mine = (await table.master.get(f"{path}/locations")).json()
    theirs = (await table.player.get(f"{path}/elements")).json()
    assert {each["Name"] for each in mine["locations"]} == {"Grey Harbour", "Smugglers' Tunnel"}
    assert [each["Name"] for each in theirs["locations"]] == ["Grey Harbour"]
    assert theirs["locations"][0]["ShortDescription"] == "Nobody rules it since the customs house burnt."
    assert (theirs["npcs"], theirs["quests"]) == ([], [])


async def test_characters_are_moved_by_name_and_only_where_one_knows_the_place(table: Table) -> None:
    character = await hero(table)
    path = f"/api/gamemaster/campaign/{table.campaign}"
    moved = (
        await table.player.post(f"{path}/character/{character}/location", {"location": "grey harbour"})
    ).json()
    assert (moved["success"], moved["new_location"]) == (True, "Grey Harbour")
    unknown = {"location": "Smugglers' Tunnel"}
    refused = (await table.player.post(f"{path}/character/{character}/location", unknown)).json()
    assert refused["success"] is False
    synced = (
        await table.master.post(
            f"{path}/sync_locations", {"character_locations": {character: "Smugglers' Tunnel"}}
        )
    ).json()
    assert synced == {"success": True, "updated": {character: "Smugglers' Tunnel"}, "failed": {}}


async def test_strangers_are_refused_in_their_way_and_who_is_not_signed_in_by_the_status(
    table: Table,
) -> None:
    stranger = await table.them.make("gamemaster")
    path = f"/api/gamemaster/campaign/{table.campaign}/npcs"
    refused = await stranger.get(path)
    assert (refused.status_code, refused.json()["success"]) == (200, False)
    assert (await table.them.nobody().get(path)).status_code == 401
    spoken = await table.player.post("/api/gamemaster/send_message", {"campaignId": table.campaign})
    assert (spoken.status_code, spoken.json()["success"]) == (200, False)
    assert "message" in spoken.json()["message"]


async def test_providers_are_shown_to_game_masters_and_switched_by_operators_only(table: Table) -> None:
    shown = (await table.master.get("/provider")).json()
    assert shown["provider"] is None
    assert {"openai", "anthropic"} <= {each["name"] for each in shown["providers"]}
    assert (await table.master.post("/provider/openai")).json()["success"] is False
    operator = await table.them.make("operator")
    assert (await operator.post("/provider/openai")).json() == {"success": True, "provider": "openai"}
    assert (await operator.post("/provider/nobody")).json()["success"] is False
    assert (await operator.get("/db_status")).json()["success"] is True


async def test_a_message_about_a_campaign_is_answered_and_a_bare_prompt_needs_a_model(table: Table) -> None:
    told = (
        await table.master.post(
            "/generate", {"campaign_id": table.campaign, "message": "Who rules the harbour?"}
        )
    ).json()
    assert told["success"] is True
    assert "customs house" in told["response"]
    bare = (await table.master.post("/generate", {"prompt": "Say something."})).json()
    assert bare["success"] is False
