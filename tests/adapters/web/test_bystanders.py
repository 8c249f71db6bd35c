"""What those who do not lead a campaign are offered: nothing that would be refused."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.adapters.web.making import campaign, created
from tests.adapters.web.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_who_only_watches_is_offered_nothing_that_would_be_refused(stage: Stage) -> None:
    person, observer = await stage.people.make("gamemaster"), await stage.people.make("player")
    campaign_id = await campaign(person)
    await created(
        person,
        f"/api/campaigns/{campaign_id}/members",
        {"account_id": observer.account_id, "role": "observer"},
    )
    async with stage.page("", name=observer.name) as page:
        await stage.go(page, f"#/c/{campaign_id}/dice")
        await expect(page.get_by_text("Observers watch")).to_be_visible()
        await expect(page.get_by_role("button", name="Roll")).to_have_count(0)
        await stage.go(page, f"#/c/{campaign_id}/chat")
        await expect(page.get_by_text("players and game masters ask")).to_be_visible()
        await expect(page.get_by_role("button", name="What happened so far?")).to_have_count(0)
        for masters in ("proposals", "encounter"):
            await stage.go(page, f"#/c/{campaign_id}/{masters}")
            await expect(page.get_by_role("heading", name="This is not for your role")).to_be_visible()
            await expect(page.get_by_role("main").get_by_role("button")).to_have_count(0)
            await stage.go(page, f"#/c/{campaign_id}/members")
            await expect(page.get_by_text("Who is at this table")).to_be_visible()


async def test_in_an_archived_campaign_nothing_new_is_offered(stage: Stage) -> None:
    person = await stage.people.make("gamemaster")
    campaign_id = await campaign(person)
    archived = await person.web.delete(f"/api/campaigns/{campaign_id}", headers={"If-Match": '"v1"'})
    assert archived.status_code == 200, archived.text
    async with stage.page("", name=person.name) as page:
        await stage.go(page, f"#/c/{campaign_id}")
        await expect(page.get_by_role("button", name="Restore")).to_be_visible()
        await expect(page.get_by_role("button", name="New", exact=True)).to_have_count(0)
        await stage.go(page, f"#/c/{campaign_id}/elements")
        await expect(page.get_by_role("heading", name="Nothing in this campaign yet")).to_be_visible()
        await expect(page.get_by_role("button", name="New", exact=True)).to_have_count(0)
