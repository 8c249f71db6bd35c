"""The people of the game world in the browser: what they feel, remember and think of each other, at any time."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, expect

from tests.adapters.web.stage import Stage, grave_findings
from tests.projections.conftest import until

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


async def attacked(stage: Stage, npc_id: str, by: str) -> int:
    """Let an NPC be attacked; the position of that."""
    async with httpx.AsyncClient(timeout=10) as game:
        data = {"npc_id": npc_id, "event_type": "attacked", "event_data": {"player_id": by, "damage": 50}}
        answer = (await game.post(f"{stage.url}/api/npc/event", json=data)).json()
    assert answer["success"], answer
    return int(answer["position"])


async def test_an_open_page_follows_the_present_without_taking_anything_from_under_the_hand(
    stage: Stage, page: Page
) -> None:
    name = await sage(page)
    await stage.go(page, f"#/world/npc/{name}")
    standing = page.get_by_role("table", name="Stands to others")
    ties = page.locator("section", has=page.get_by_role("heading", name="Affection"))
    memories = page.locator("section", has=page.get_by_role("heading", name="Remembers"))
    # Whoever listens already hears of it: the page says up to which position it shows things.
    await expect(page.get_by_text("Follows what happens, up to position")).to_be_visible()
    await attacked(stage, name, "150801")
    await expect(standing.get_by_role("row").filter(has_text="150801")).to_be_visible()
    await expect(memories.get_by_role("listitem").first).to_contain_text("150801")
    await expect(ties.get_by_role("button", name="150801")).to_be_visible()
    await standing.get_by_role("button", name="Who").click()
    await memories.get_by_role("searchbox").focus()
    await attacked(stage, name, "150802")
    newer = memories.get_by_role("button", name="Newer")
    await expect(newer).to_be_visible()
    await expect(memories.get_by_role("listitem").first).to_contain_text("150801")
    await newer.click()
    await expect(memories.get_by_role("listitem").first).to_contain_text("150802")
    await expect(newer).to_be_hidden()
    order = standing.get_by_role("columnheader", name="Who")
    await expect(standing.get_by_role("row").filter(has_text="150802")).to_be_visible()
    await expect(order).to_have_attribute("aria-sort", "ascending")


async def test_a_page_that_looks_at_the_past_stays_there_and_catches_up_when_it_comes_back(
    stage: Stage, page: Page
) -> None:
    name = await sage(page)
    await stage.go(page, f"#/world/npc/{name}")
    await expect(page.get_by_text("Follows what happens, up to position")).to_be_visible()
    slider = page.get_by_role("slider")
    await slider.press("Home")
    await expect(page.get_by_text("It had not met anybody yet.")).to_be_visible()
    await attacked(stage, name, "150803")
    await expect(page.get_by_text("1 commit while you look at the past")).to_be_visible()
    await expect(page.get_by_text("It had not met anybody yet.")).to_be_visible()
    await slider.press("End")
    standing = page.get_by_role("table", name="Stands to others")
    await expect(standing.get_by_role("row").filter(has_text="150803")).to_be_visible()


async def test_however_much_happens_a_page_reads_once_at_a_time(stage: Stage, page: Page) -> None:
    name = await sage(page)
    await stage.go(page, f"#/world/npc/{name}")
    await expect(page.get_by_text("Follows what happens, up to position")).to_be_visible()
    readings: list[str] = []
    answered = asyncio.Event()

    async def hold(route: Route) -> None:
        readings.append(route.request.url)
        await answered.wait()
        await route.continue_()

    await page.route("**/timeline?*", hold)
    async with page.expect_request("**/timeline?*"):
        await attacked(stage, name, "150804")
    last = 0
    for _ in range(15):
        last = await attacked(stage, name, "150805")
    head = "async () => (await import('/static/js/socket.js')).head.get()"

    async def heard() -> bool:
        return bool(await page.evaluate(head) >= last)

    await until(heard, 30)
    assert len(readings) == 1
    answered.set()
    standing = page.get_by_role("table", name="Stands to others")
    await expect(standing.get_by_role("row").filter(has_text="150805")).to_be_visible()
    assert len(readings) <= 3
    await page.unroute("**/timeline?*")


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
