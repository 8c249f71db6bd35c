"""News of a campaign over the socket: game masters hear all of it, players what they may know, and no more."""

from __future__ import annotations

from tests.adapters.http.people import People
from tests.adapters.http.test_chat import seated
from tests.adapters.live.conftest import opened
from tests.adapters.rathena.conftest import Platform


async def test_players_hear_of_what_they_may_see_and_nothing_else(platform: Platform, them: People) -> None:
    table = await seated(them)

    async def write(name: str, visibility: str) -> str:
        body = {
            "campaign_id": table.campaign,
            "kind": "npc",
            "fields": {"name": name},
            "visibility": visibility,
        }
        made = await table.master.post("/api/elements", body)
        assert made.status_code == 201, made.text
        return str(made.json()["element_id"])

    async with opened(platform, table.player) as players, opened(platform, table.master) as masters:
        for page in (players, masters):
            await page.say(type="subscribe", topic=f"campaign:{table.campaign}")
            await page.hear("subscribed")
        hidden = await write("King Oswin", "gm")
        shown = await write("Ilsa", "all")
        secret = await table.master.web.patch(
            f"/api/elements/{shown}",
            json={"fields": {"secrets": "owes the king"}},
            headers={"If-Match": '"v1"'},
        )
        assert secret.status_code == 200, secret.text
        open_ = await table.master.web.patch(
            f"/api/elements/{shown}",
            json={"fields": {"summary": "harbour master"}},
            headers={"If-Match": '"v2"'},
        )
        assert open_.status_code == 200, open_.text
        told = await masters.events(4)
        heard = await players.events(2)
    assert [each["element_id"] for each in told] == [hidden, shown, shown, shown]
    assert [(each["type"], each["element_id"]) for each in heard] == [
        ("element.created", shown),
        ("element.changed", shown),
    ]
    assert [each["position"] for each in heard] == [told[1]["position"], told[3]["position"]]
    assert all("version" not in each for each in heard)
