"""Pictures on the pages: drawn, brought, refused."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image
from playwright.async_api import FilePayload, expect

from tests.adapters.web.making import campaign, element
from tests.adapters.web.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_picture_is_drawn_for_an_element_and_one_is_brought(stage: Stage) -> None:
    person = await stage.people.make("gamemaster")
    campaign_id = await campaign(person)
    npc = await element(person, campaign_id, "npc", name="Captain Oru", summary="Commands nine guards.")
    async with stage.page("", name=person.name) as page:
        await stage.go(page, f"#/c/{campaign_id}/e/{npc}")
        await page.get_by_role("button", name="Add a picture").click()
        await page.get_by_role("button", name="From a description").click()
        await expect(page.locator(".portrait img")).to_be_visible(timeout=30_000)
        await page.get_by_role("button", name="Change picture").click()
        await page.get_by_label("File").set_input_files(picture(png()))
        await page.get_by_role("button", name="Upload").click()
        await expect(page.get_by_text("The picture is there.")).to_be_visible(timeout=30_000)
        await stage.go(page, f"#/c/{campaign_id}/images")
        await expect(page.locator(".tile img")).to_have_count(2)
        await stage.shoot(page, "gm-images")
        await page.locator(".tile").first.click()
        await expect(page.get_by_role("dialog").locator("img")).to_be_visible()
        await stage.shoot(page, "gm-image")


async def test_a_file_that_is_no_picture_is_refused_beside_its_field(stage: Stage) -> None:
    person = await stage.people.make("gamemaster")
    campaign_id = await campaign(person)
    async with stage.page("", name=person.name) as page:
        await stage.go(page, f"#/c/{campaign_id}/images")
        await page.locator(".page-actions").get_by_role("button", name="Add a picture").click()
        await page.get_by_label("File").set_input_files(picture(b"<svg onload='window.hacked=1'/>"))
        await page.get_by_role("button", name="Upload").click()
        await expect(page.get_by_role("dialog").locator(".error", has_text="picture")).to_be_visible()
        assert await page.evaluate("window.hacked") is None


def picture(content: bytes) -> FilePayload:
    return {"name": "oru.png", "mimeType": "image/png", "buffer": content}


def png() -> bytes:
    made = BytesIO()
    Image.new("RGB", (320, 240), (120, 40, 60)).save(made, "PNG")
    return made.getvalue()
