"""Older clients of the game master (`existing-apis.md` §5, set B): their bodies, their words, their kind of refusal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from adapters.nats.log import JetStreamLog
from adapters.settings import Settings
from tests.adapters.http.people import people
from tests.adapters.http.test_chat import Table, seated
from tests.adapters.rathena.conftest import BEHIND, running
from tests.commits import commit
from tests.decisions import made
from tests.projections.conftest import until


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

    async def told() -> bool:
        evenings = (await table.player.get(f"/api/campaigns/{table.campaign}/sessions")).json()["items"]
        return bool(evenings[0]["recap_players"] == "They found the burnt customs house.")

    await until(told)


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


async def test_a_campaign_is_filled_with_proposals_while_its_page_asks_how_far_it_is(table: Table) -> None:
    path = f"/api/gamemaster/campaign/{table.campaign}"
    assert (await table.master.get(f"{path}/content_status")).json() == {
        "success": True,
        "status": "NotStarted",
        "error": None,
        "started_at": None,
        "completed_at": None,
    }
    assert (await table.player.post(f"{path}/generate_content")).json()["success"] is False
    begun = (await table.master.post(f"{path}/generate_content")).json()
    assert (begun["success"], begun["status"]) == (True, "started")

    async def filled() -> bool:
        told = (await table.master.get(f"{path}/content_status")).json()
        assert told["error"] is None
        return bool(told["status"] == "Completed" and told["completed_at"])

    await until(filled)

    async def waiting() -> list[str]:
        found = (await table.master.get(f"/api/campaigns/{table.campaign}/proposals")).json()["items"]
        return sorted(each["kind"] for each in found if each["status"] == "open")

    async def shown() -> bool:
        return await waiting() == ["location", "npc", "quest"]

    await until(shown)
    # Nothing entered the campaign by itself.
    assert {each["Name"] for each in (await table.master.get(f"{path}/locations")).json()["locations"]} == {
        "Grey Harbour",
        "Smugglers' Tunnel",
    }


async def test_a_picture_of_a_prompt_belongs_to_the_campaign_that_one_leads(table: Table) -> None:
    drawn = (await table.master.post("/generate_image", {"prompt": "A gull", "provider": "openai"})).json()
    assert drawn["success"] is True, drawn
    picture = await table.master.get(drawn["image_url"])
    assert picture.headers["content-type"] == "image/webp"
    listed = (await table.master.get(f"/api/campaigns/{table.campaign}/images")).json()["items"]
    assert drawn["image_url"].endswith(listed[0]["image_id"])
    leads_none = (await table.player.post("/generate_image", {"prompt": "A gull"})).json()
    assert leads_none["success"] is False and "campaign_id" in leads_none["message"]
    empty = (await table.master.post("/generate_image", {})).json()
    assert empty["success"] is False and "prompt" in empty["message"]


async def test_the_page_of_administrators_reads_what_models_were_asked_and_nobody_writes_it(
    table: Table, log: JetStreamLog
) -> None:
    now = datetime.now(UTC)
    failed = made(route="none", answer="", proposal=None, code=-502, problem="nobody answered", latency=0)
    at = 0
    for number, each in enumerate((made(latency=40_000), made(latency=20_000), failed)):
        asked = commit(f"decision/d{number}", each, realm=log.realm, time=now)
        at = (await log.append(asked, expected=0)).position
    operator = await table.them.make("operator")
    operator.web.headers["X-At-Least"] = str(at)

    async def known() -> bool:
        found = (await operator.get("/api/monitoring/logs")).json()
        return len(found["data"]) == 3

    await until(known)
    told = (await operator.get("/api/monitoring/dashboard")).json()
    assert told["status"] == "success"
    page = told["data"]
    times = [each for each in page["recent_metrics"] if each["MetricName"] == "response_time"]
    errors = [each for each in page["recent_metrics"] if each["MetricName"] == "error_count"]
    assert sorted(each["MetricValue"] for each in times) == [0, 20.0, 40.0] and len(errors) == 1
    assert isinstance(page["active_alerts"], list)
    assert page["daily_costs"][0]["Date"] == now.date().isoformat()
    (model,) = page["model_performance"]
    assert (model["TotalRequests"], model["TotalErrors"], model["SuccessRate"]) == (3, 1, 66.67)
    assert model["Date"] == now.date().isoformat()

    logs = (await operator.get("/api/monitoring/logs?level=error")).json()["data"]
    assert [each["LogMessage"] for each in logs] == ["nobody answered"]
    today = now.date().isoformat()
    ranged = f"/api/monitoring/metrics?from_date={today}&to_date={today}&metric_name=error_count"
    assert len((await operator.get(ranged)).json()["data"]) == 1
    assert (await operator.get("/api/monitoring/model_performance")).json()["data"] == [model]
    for path in ("metrics?from_date=soon", "logs?to_date=never"):
        assert (await operator.get(f"/api/monitoring/{path}")).json()["success"] is False
    assert (await table.player.get("/api/monitoring/dashboard")).json()["success"] is False
    assert (await operator.post("/api/monitoring/metrics", {"MetricName": "x"})).status_code == 405
