"""Before and around an evening: what matters tonight, and what models may cost."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.adapters.http.people import Person
from tests.adapters.web.making import campaign, created, element
from tests.adapters.web.stage import Stage, grave_findings

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def prepared(person: Person) -> str:
    """A campaign with a hurt hero at a harbour, and things that are open there and elsewhere."""
    campaign_id = await campaign(person)
    harbour = await element(person, campaign_id, "location", name="Salt Harbour")
    ilsa = await element(person, campaign_id, "npc", "gm", name="Ilsa Vane", status="captured")
    await element(
        person,
        campaign_id,
        "quest",
        name="The Bell",
        status="active",
        location_id=harbour,
        quest_giver_id=ilsa,
    )
    await element(person, campaign_id, "note", "gm", name="Bring candles", tags=["tonight"])
    hero = {"name": "Bran", "hit_points": 20, "current_hit_points": 4, "location_id": harbour}
    await created(person, f"/api/campaigns/{campaign_id}/characters", {"fields": hero})
    return campaign_id


async def test_what_matters_tonight_is_told_with_its_reasons_in_the_readers_language(stage: Stage) -> None:
    person = await stage.people.make("gamemaster")
    campaign_id = await prepared(person)
    async with stage.page("", name=person.name) as page:
        await stage.go(page, f"#/c/{campaign_id}")
        rows = page.locator(".tonight .row")
        await expect(rows).to_have_count(4)
        await expect(rows.first).to_contain_text("The Bell")
        await expect(rows.first).to_contain_text("Ilsa Vane, who gave it, is captured")
        await expect(rows.filter(has_text="Bran")).to_contain_text("has only 4 of 20 hit points")
        assert await grave_findings(page) == []
        await stage.shoot(page, "gm-tonight")
        await page.get_by_role("button", name="Language").click()
        await page.get_by_role("menuitemradio", name="Français").click()
        await expect(rows.filter(has_text="Bran")).to_contain_text("n'a plus que 4 points de vie sur 20")
        await rows.first.click()
        await expect(page.get_by_role("heading", name="The Bell", level=1)).to_be_visible()


async def test_an_owner_limits_what_models_may_cost_and_lifts_the_limit_again(stage: Stage) -> None:
    person = await stage.people.make("gamemaster")
    campaign_id = await campaign(person)
    async with stage.page("", name=person.name) as page:
        await stage.go(page, f"#/c/{campaign_id}/proposals")
        await page.get_by_role("link", name="Costs and limit").click()
        await page.get_by_role("button", name="Set a limit").click()
        await page.get_by_label("US dollars").fill("2.50")
        await page.get_by_role("button", name="Save").click()
        await expect(page.locator("b", has_text="$2.50 of $2.50 a month left")).to_be_visible()
        await page.get_by_role("button", name="Change the limit").click()
        await page.get_by_label("US dollars").fill("0")
        await page.get_by_label("For each").select_option("day")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("meter", name="Spending limit")).to_have_attribute("data-tone", "bad")
        await expect(page.get_by_text("Until then tables draft and answer")).to_be_visible()
        assert await grave_findings(page) == []
        await stage.go(page, f"#/c/{campaign_id}")
        await page.locator(".page-actions").get_by_role("button", name="New").click()
        await page.get_by_role("menuitem", name="Propose").click()
        await expect(page.get_by_text("The spending limit is used up until")).to_be_visible()
        await page.keyboard.press("Escape")
        await stage.go(page, f"#/c/{campaign_id}/spending")
        await page.get_by_role("button", name="Lift the limit").click()
        await page.get_by_role("dialog").get_by_role("button", name="Lift the limit").click()
        await expect(page.get_by_role("button", name="Set a limit")).to_be_visible()


async def test_a_campaign_is_forked_as_it_was_and_its_fields_lead_back_to_the_original(stage: Stage) -> None:
    person = await stage.people.make("gamemaster")
    campaign_id = await campaign(person)
    await element(person, campaign_id, "npc", name="Ilsa Vane", summary="Keeps the light.")
    then = int(person.web.headers["X-At-Least"])
    await element(person, campaign_id, "npc", name="Odo the Late")
    async with stage.page("", name=person.name) as page:
        await stage.go(page, f"#/c/{campaign_id}/time?at={then}")
        await expect(page.get_by_role("link", name="Ilsa Vane").first).to_be_visible()
        await stage.shoot(page, "gm-time-fork")
        await page.get_by_role("button", name="Fork the campaign here").click()
        await expect(page.get_by_text(f"as this one was at {then}")).to_be_visible()
        await stage.shoot(page, "gm-fork-dialog")
        await page.get_by_label("Name").fill("Had Odo never come")
        await page.get_by_role("dialog").get_by_role("button", name="Fork", exact=True).click()
        await expect(page.get_by_role("heading", name="Had Odo never come", level=1)).to_be_visible()
        await expect(page.get_by_text("A fork of another campaign.")).to_be_visible(timeout=20_000)
        assert await grave_findings(page) == []
        await stage.shoot(page, "gm-forked")
        await page.get_by_role("link", name="Elements").click()
        await expect(page.get_by_role("link", name="Odo the Late")).to_have_count(0)
        await page.locator(".rows").get_by_role("link", name="Ilsa Vane").click()
        await expect(page.get_by_role("heading", name="Ilsa Vane", level=1)).to_be_visible()
        await page.locator("aside").get_by_role("link", name=f"forked as it was at {then}").click()
        await page.wait_for_url(f"**/c/{campaign_id}/e/**")
        await expect(page.get_by_role("heading", name="Ilsa Vane", level=1)).to_be_visible()
