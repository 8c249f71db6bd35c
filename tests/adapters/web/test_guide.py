"""The way that `docs/guide.md` leads, step by step; its pictures are taken here.

LORESTREAM_SCREENSHOTS=docs/guide .venv/bin/python -m pytest tests/adapters/web/test_guide.py
"""

from __future__ import annotations

from urllib.parse import quote

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.adapters.web.salt_road import SaltRoad, salt_road
from tests.adapters.web.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def road(stage: Stage) -> SaltRoad:
    return await salt_road(stage.people)


async def test_a_game_master_prepares_an_evening(stage: Stage, road: SaltRoad) -> None:
    home = f"#/c/{road.campaign_id}"
    async with stage.page("gamemaster", name=road.mira.name) as page:
        await stage.go(page, home)
        await expect(page.get_by_role("heading", name="The Salt Road", level=1)).to_be_visible()
        await expect(page.get_by_text("The Burnt Ledger").first).to_be_visible()
        await page.wait_for_timeout(400)
        await stage.shoot(page, "home")

        await stage.go(page, f"{home}/e/{road.ilsa}")
        await expect(page.get_by_role("heading", name="Ilsa Wren", level=1)).to_be_visible()
        await expect(page.get_by_role("link", name="Grey Harbour").first).to_be_visible()
        await page.wait_for_timeout(400)
        await stage.shoot(page, "person")

        made = await road.mira.post(
            "/api/generate/npc",
            {"campaign_id": road.campaign_id, "brief": "a ferrywoman who saw the fire", "drafts": 2},
            timeout=30,
        )
        assert made.status_code == 200, made.text
        await stage.go(page, f"{home}/proposals")
        await page.get_by_text("a ferrywoman who saw the fire").first.click()
        await expect(page.locator(".draft")).to_have_count(2)
        await page.wait_for_timeout(400)
        await stage.shoot(page, "drafts")

        await stage.go(page, f"{home}/chat")
        await page.get_by_role("textbox").last.fill("Who knows about the fire, and what does the king want?")
        await page.get_by_role("button", name="Send").click()
        await expect(page.get_by_text("King Oswin the Drowned").first).to_be_visible()
        await page.wait_for_timeout(400)
        await stage.shoot(page, "assistant")

        await stage.go(page, f"{home}/graph")
        await expect(page.get_by_text("19 relations")).to_be_visible()
        await page.wait_for_timeout(1500)
        await stage.shoot(page, "relations")

        await stage.go(page, "#/world")
        await page.get_by_role("row").filter(has_text="Merchant_John").first.wait_for()
        found = await road.mira.get("/api/world/npcs", params={"q": "Merchant_John"})
        await stage.go(page, f"#/world/npc/{quote(found.json()['items'][0]['npc_id'], safe='')}")
        await expect(page.get_by_role("heading", name="Merchant", level=1)).to_be_visible()
        await page.wait_for_timeout(1200)
        await stage.shoot(page, "npc")


async def test_a_player_sees_what_he_was_shown(stage: Stage, road: SaltRoad) -> None:
    async with stage.page("player", name=road.tom.name) as page:
        await stage.go(page, f"#/c/{road.campaign_id}/elements")
        await expect(page.get_by_text("Ilsa Wren")).to_be_visible()
        await expect(page.get_by_text("King Oswin")).to_have_count(0)
        await stage.go(page, f"#/c/{road.campaign_id}/e/{road.ledger}")
        await expect(page.get_by_role("heading", name="The Burnt Ledger", level=1)).to_be_visible()
        await page.wait_for_timeout(400)
        await stage.shoot(page, "player")


async def test_an_operator_looks_after_the_log(stage: Stage, road: SaltRoad) -> None:
    async with stage.page("operator") as page:
        await stage.go(page, "#/feed")
        await expect(page.get_by_role("grid", name="Event feed").get_by_role("row").nth(3)).to_be_visible()
        await page.wait_for_timeout(600)
        await stage.shoot(page, "feed")
        await stage.go(page, "#/decisions")
        await expect(page.get_by_text("fake-1").first).to_be_visible()
        await page.wait_for_timeout(400)
        await stage.shoot(page, "decisions")
        await stage.go(page, "#/projections")
        await expect(page.get_by_text("up to date").first).to_be_visible()
        await page.wait_for_timeout(400)
        await stage.shoot(page, "projections")
