"""The people of the game world in the browser: what they feel, remember and think of each other, at any time."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.adapters.web.stage import Stage, grave_findings

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def page(stage: Stage) -> AsyncIterator[Page]:
    """A page on which a game master is signed in, who is no operator."""
    async with stage.page("gamemaster") as page:
        yield page


async def sage(page: Page) -> str:
    """The id of the demo's sage."""
    found = await page.evaluate(
        "async () => (await import('/static/js/api.js')).get('/api/world/npcs?q=sage')"
    )
    return str(found["items"][0]["npc_id"])


async def test_a_person_of_the_world_is_found_and_looked_at_through_time(stage: Stage, page: Page) -> None:
    await stage.go(page, "#/world")
    await page.get_by_label("Find by name").fill("sage")
    people = page.get_by_role("grid", name="People of the world")
    await expect(people.get_by_role("row")).to_have_count(2)
    await people.press("Home")
    await people.press("Enter")
    await expect(page).to_have_url(re.compile("#/world/npc/AI_Sage"))
    await expect(page.get_by_role("img", name="Mood")).to_be_visible()
    standing = page.get_by_role("table", name="Stands to others")
    await expect(standing.get_by_role("row")).to_have_count(4)
    memories = page.get_by_role("list").filter(has=page.get_by_text("importance")).get_by_role("listitem")
    await expect(memories.nth(4)).to_be_visible()
    why = page.get_by_role("tree", name="Why?")
    await expect(why).to_contain_text("the mood it was in")
    answer = await why.get_by_role("treeitem").first.inner_text()
    await stage.shoot(page, "npc")
    slider = page.get_by_role("slider")
    await slider.press("Home")
    await expect(page.get_by_text("It had not met anybody yet.")).to_be_visible()
    await expect(page.get_by_text("It remembers nothing of the kind.")).to_be_visible()
    await slider.press("l")
    await slider.press("l")
    await expect(memories.first).to_be_visible()
    await expect(why.get_by_role("treeitem").first).not_to_have_text(answer)
    assert "at=" in page.url
    await page.get_by_text("As a table").first.click()
    await expect(page.get_by_role("columnheader", name="pleasure")).to_be_visible()


def node(page: Page, name: str) -> Any:
    return page.get_by_role("button", name=re.compile(f"^{name}, "))


async def test_who_knows_whom_grows_with_time_around_one_of_them(stage: Stage, page: Page) -> None:
    name = await sage(page)
    await stage.go(page, f"#/world/graph?npc={name}")
    await expect(node(page, name)).to_have_attribute("aria-pressed", "true")
    about = page.get_by_role("complementary", name="The chosen node")
    await expect(about.get_by_role("listitem").first).to_be_visible()
    await stage.shoot(page, "world-graph")
    slider = page.get_by_role("slider")
    await slider.press("Home")
    await expect(page.get_by_text("1 node, 0 relations")).to_be_visible()
    await slider.press("End")
    await expect(node(page, name)).to_be_visible()
    await about.get_by_role("link", name=name).click()
    await expect(page).to_have_url(re.compile(f"#/world/npc/{name}"))


@pytest.mark.parametrize(("scheme", "rules"), [("light", []), ("dark", ["color-contrast"])])
async def test_no_screen_of_the_world_shuts_anybody_out(
    stage: Stage, page: Page, scheme: Any, rules: list[str]
) -> None:
    await page.emulate_media(color_scheme=scheme)
    findings = {}
    for address, sign in (
        ("#/world", page.get_by_role("grid")),
        ("#/world/graph", page.get_by_role("slider")),
        (f"#/world/npc/{await sage(page)}", page.get_by_role("tree")),
    ):
        await stage.go(page, address)
        await sign.wait_for()
        findings[address] = await grave_findings(page, *rules)
    assert {address: found for address, found in findings.items() if found} == {}
