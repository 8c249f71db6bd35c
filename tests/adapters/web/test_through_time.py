"""Travelling through time in the browser: a slider over the campaign, its graph, the people of the world."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.adapters.web.stage import Stage, grave_findings

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def said(page: Page, method: str, path: str, *given: Any) -> Any:
    """What the API answers to the page, which has the session."""
    return await page.evaluate(
        "async ([method, path, given]) => (await import('/static/js/api.js'))[method](path, ...given)",
        [method, path, list(given)],
    )


@dataclass
class Campaign:
    page: Page
    campaign_id: str
    elements: dict[str, str]

    @property
    def address(self) -> str:
        return f"#/c/{self.campaign_id}"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def campaign(stage: Stage) -> AsyncIterator[Campaign]:
    """A port in which a captain lives, and what she was asked to do; her summary was written last."""
    async with stage.page("gamemaster") as page:
        made = await said(
            page, "post", "/api/campaigns", {"name": "The Salt Crown", "description": "", "level": 3}
        )
        elements: dict[str, str] = {}

        async def element(kind: str, name: str, **fields: Any) -> None:
            body = {"campaign_id": made["campaign_id"], "kind": kind, "fields": {"name": name, **fields}}
            elements[name] = (await said(page, "post", "/api/elements", body))["element_id"]

        await element("location", "Halvern")
        await element("location", "The Lantern Inn", parent_location_id=elements["Halvern"])
        await element("npc", "Captain Ysolde", location_id=elements["Halvern"])
        await element("quest", "Bring back the bell", quest_giver_id=elements["Captain Ysolde"])
        captain = f"/api/elements/{elements['Captain Ysolde']}"
        await said(page, "patch", captain, {"fields": {"summary": "Sails at night"}}, {"version": 1})
        yield Campaign(page, made["campaign_id"], elements)


def node(page: Page, name: str) -> Any:
    return page.get_by_role("button", name=re.compile(f"^{name}, "))


async def test_the_graph_goes_back_in_time_and_what_stays_does_not_move(
    stage: Stage, campaign: Campaign
) -> None:
    page = campaign.page
    await stage.go(page, f"{campaign.address}/graph")
    await expect(node(page, "Captain Ysolde")).to_have_attribute("aria-label", re.compile("2 relations"))
    before = await node(page, "Halvern").get_attribute("transform")
    await stage.shoot(page, "campaign-graph")
    slider = page.get_by_role("slider")
    await slider.press("h")
    await slider.press("ArrowLeft")
    await slider.press("ArrowLeft")
    await expect(node(page, "Bring back the bell")).to_have_count(0)
    await expect(node(page, "Captain Ysolde")).to_have_attribute("aria-label", re.compile("1 relation$"))
    assert await node(page, "Halvern").get_attribute("transform") == before
    then = page.url
    assert "at=" in then
    await page.reload()
    await expect(node(page, "Captain Ysolde")).to_be_visible()
    await expect(node(page, "Bring back the bell")).to_have_count(0)
    assert page.url == then
    await page.get_by_role("button", name="Now").click()
    await expect(node(page, "Bring back the bell")).to_be_visible()


async def test_the_graph_is_walked_by_keys_filtered_and_read_as_a_table(
    stage: Stage, campaign: Campaign
) -> None:
    page = campaign.page
    await stage.go(page, "#/campaigns")
    await stage.go(page, f"{campaign.address}/graph")
    await node(page, "Halvern").focus()
    await page.keyboard.press(" ")
    about = page.get_by_role("complementary", name="The chosen node")
    await expect(about).to_contain_text("Captain Ysolde")
    await page.get_by_role("button", name="Only neighbours").click()
    await expect(node(page, "Bring back the bell")).to_have_count(0)
    await about.get_by_role("button", name="Captain Ysolde").click()
    await expect(node(page, "Bring back the bell")).to_be_visible()
    await page.keyboard.press("Escape")
    await about.get_by_role("button", name="Close").click()
    await page.get_by_role("group", name="Kinds that are shown").get_by_role("button", name="Quest 1").click()
    await expect(node(page, "Bring back the bell")).to_have_count(0)
    await page.get_by_role("button", name="As a table").click()
    relations = page.get_by_role("table", name="Relations")
    await expect(relations.get_by_role("row")).to_have_count(3)
    await relations.get_by_role("button", name="From").click()
    await expect(relations.get_by_role("columnheader", name="From")).to_have_attribute(
        "aria-sort", "ascending"
    )
    await relations.get_by_role("link", name="Captain Ysolde").click()
    await expect(page).to_have_url(re.compile(f"/e/{campaign.elements['Captain Ysolde']}"))


async def test_the_campaign_is_shown_as_it_was_with_what_has_changed_since(
    stage: Stage, campaign: Campaign
) -> None:
    page = campaign.page
    await stage.go(page, f"{campaign.address}/time")
    there = page.get_by_role("table", name="What there was")
    await expect(there.get_by_role("row")).to_have_count(5)
    slider = page.get_by_role("slider")
    for _ in range(3):
        await slider.press("h")
    await expect(there.get_by_role("row")).to_have_count(4)
    await expect(page.get_by_text("2 things have changed since.")).to_be_visible()
    await expect(page.get_by_role("listitem").filter(has_text="v1 → v2")).to_contain_text("Captain Ysolde")
    await stage.shoot(page, "campaign-time")
    star = page.get_by_role("button", name="Bookmark this moment")
    await star.click()
    await expect(star).to_have_attribute("aria-pressed", "true")
    await slider.press("End")
    await page.get_by_label("Bookmarks").select_option(index=1)
    await expect(there.get_by_role("row")).to_have_count(4)


@pytest.mark.parametrize(("scheme", "rules"), [("light", []), ("dark", ["color-contrast"])])
async def test_no_screen_of_time_shuts_anybody_out(
    stage: Stage, campaign: Campaign, scheme: Any, rules: list[str]
) -> None:
    page = campaign.page
    await page.emulate_media(color_scheme=scheme)
    findings = {}
    for address in (f"{campaign.address}/graph", f"{campaign.address}/time"):
        await stage.go(page, address)
        await page.get_by_role("slider").wait_for()
        findings[address] = await grave_findings(page, *rules)
    assert {address: found for address, found in findings.items() if found} == {}
