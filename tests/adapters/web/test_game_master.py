"""A game master's way through the application, in a real browser on a running platform."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import FilePayload, expect

from tests.adapters.images import files
from tests.adapters.web.making import campaign, created, element, furnish, settled
from tests.adapters.web.stage import Stage, grave_findings

pytestmark = pytest.mark.asyncio(loop_scope="session")

EVIL = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>[x](javascript:window.hacked=1)'


async def test_from_an_empty_page_to_an_accepted_edited_and_undone_element(stage: Stage) -> None:
    async with stage.page("gamemaster") as page:
        await expect(page.get_by_text("No campaign yet")).to_be_visible()
        await page.get_by_role("button", name="New campaign").first.click()
        await page.get_by_label("Name", exact=True).fill("The Drowned Crown")
        await page.get_by_role("button", name="Create campaign").click()
        await expect(page.get_by_role("heading", name="The Drowned Crown", level=1)).to_be_visible()

        await page.locator(".page-actions").get_by_role("button", name="New").click()
        await page.get_by_role("menuitem", name="Propose").click()
        await page.get_by_label("What it shall be about").fill("A smuggler who keeps her word")
        await stage.shoot(page, "gm-generate")
        await page.get_by_role("button", name="Propose drafts").click()
        drafts = page.locator(".draft")
        await expect(drafts).to_have_count(2, timeout=30_000)
        await stage.shoot(page, "gm-drafts")
        name = await drafts.first.locator("h2").inner_text()
        await drafts.first.get_by_role("button", name="Accept all of it").click()
        await expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()

        await page.locator(".page-actions").get_by_role("button", name="Edit").click()
        await page.get_by_role("textbox", name="Summary").fill("She keeps her word, whatever it costs.")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator(".page-head .lead")).to_have_text("She keeps her word, whatever it costs.")
        await page.get_by_role("tab", name="History").click()
        await expect(page.locator(".revision")).to_have_count(2)
        await page.locator(".revision").first.get_by_role("button", name="Compare").click()
        await expect(page.locator("gm-diff")).to_contain_text("costs")
        await stage.shoot(page, "gm-history")
        await page.locator(".revision").first.get_by_role("button", name="Undo this change").click()
        await expect(page.locator(".revision")).to_have_count(3)
        await expect(page.locator(".page-head .lead")).not_to_have_text(
            "She keeps her word, whatever it costs."
        )

        await page.keyboard.press("g")
        await page.keyboard.press("e")
        await expect(page.locator(".rows").get_by_text(name)).to_be_visible()

        await page.keyboard.press("g")
        await page.keyboard.press("r")
        node = page.get_by_role("button", name=re.compile(f"^{re.escape(name)}"))
        await expect(node).to_be_visible()
        await page.get_by_role("slider").press("Home")
        await expect(node).to_have_count(0)
        await page.get_by_role("slider").press("End")
        await expect(node).to_be_visible()


async def test_a_draft_is_accepted_by_field_and_with_other_words(stage: Stage) -> None:
    person = await stage.people.make("gamemaster")
    campaign_id = await campaign(person)
    made = await created(
        person, "/api/generate/location", {"campaign_id": campaign_id, "brief": "an inn", "drafts": 1}
    )
    async with stage.page("", name=person.name) as page:
        await stage.go(page, f"#/c/{campaign_id}/proposals/{made['proposal_id']}")
        await page.get_by_role("checkbox", name="Take Description").uncheck()
        await page.get_by_role("button", name=re.compile(r"Accept \d+ fields")).click()
        await expect(page.get_by_role("tab", name="Read")).to_be_visible()
        await expect(page.locator(".fact dt", has_text="Description")).to_have_count(0)


async def test_a_mention_becomes_a_link_there_and_a_backlink_here(stage: Stage) -> None:
    person = await stage.people.make("gamemaster")
    campaign_id = await campaign(person)
    harbour = await element(person, campaign_id, "location", name="Salt Harbour")
    async with stage.page("", name=person.name) as page:
        await stage.go(page, f"#/c/{campaign_id}/elements?new=npc")
        await page.get_by_label("Name", exact=True).fill("Ilsa Vane")
        await page.locator("gm-markdown textarea").first.press_sequentially("Keeps the light of @salt")
        await page.get_by_role("option", name="Salt Harbour").wait_for()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_role("heading", name="Ilsa Vane", level=1)).to_be_visible()
        await page.locator(".prose").get_by_role("link", name="Salt Harbour").click()
        await expect(page.get_by_role("heading", name="Salt Harbour", level=1)).to_be_visible()
        assert page.url.endswith(harbour)
        await expect(page.locator("aside").get_by_role("link", name="Ilsa Vane")).to_be_visible()


async def test_whoever_edits_an_older_version_is_told_and_loses_nothing(stage: Stage) -> None:
    person = await stage.people.make("gamemaster")
    campaign_id = await campaign(person)
    note = await element(person, campaign_id, "note", name="Debts")
    async with stage.page("", name=person.name) as page:
        await stage.go(page, f"#/c/{campaign_id}/e/{note}?mode=edit")
        await page.get_by_role("textbox", name="Summary").fill("Who owes whom")
        other = await person.web.patch(
            f"/api/elements/{note}", json={"fields": {"summary": "Another"}}, headers={"If-Match": '"v1"'}
        )
        assert other.status_code == 200, other.text
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Somebody changed it while you were writing")).to_be_visible()
        await expect(page.get_by_role("textbox", name="Summary")).to_have_value("Who owes whom")


async def test_a_player_sees_what_is_shown_and_no_more(stage: Stage) -> None:
    person = await stage.people.make("gamemaster")
    player = await stage.people.make("player")
    campaign_id = await campaign(person)
    await created(
        person, f"/api/campaigns/{campaign_id}/members", {"account_id": player.account_id, "role": "player"}
    )
    shown = await element(
        person,
        campaign_id,
        "npc",
        name="Captain Oru",
        appearance="A scar.",
        secrets="He lied about the gate.",
    )
    await element(person, campaign_id, "npc", "gm", name="The Drowned King")
    async with stage.page("", name=player.name) as page:
        await stage.go(page, f"#/c/{campaign_id}/elements")
        await expect(page.locator(".rows")).to_contain_text("Captain Oru")
        await expect(page.locator(".rows")).not_to_contain_text("The Drowned King")
        await page.get_by_text("Captain Oru").click()
        await expect(page.locator(".reading")).to_contain_text("A scar.")
        await expect(page.locator("main")).not_to_contain_text("He lied")
        await expect(page.get_by_role("button", name="Edit")).to_have_count(0)
        await stage.shoot(page, "player-element")
    async with stage.page("", name=person.name) as page:
        await stage.go(page, f"#/c/{campaign_id}/e/{shown}")
        await expect(page.locator(".fact--secret")).to_contain_text("He lied about the gate.")
        await page.get_by_role("button", name="Actions").click()
        await page.get_by_role("menuitem", name=f"View as {player.name}").click()
        await expect(page.get_by_text(f"This is what {player.name} sees.")).to_be_visible()
        await expect(page.locator("main")).not_to_contain_text("He lied")


async def test_an_evening_is_begun_and_ended_with_a_recap(stage: Stage) -> None:
    person = await stage.people.make("gamemaster")
    campaign_id = await campaign(person)
    async with stage.page("", name=person.name) as page:
        await stage.go(page, f"#/c/{campaign_id}")
        await page.get_by_role("button", name="Start session").click()
        await page.get_by_role("dialog").get_by_role("button", name="Start session").click()
        await expect(page.get_by_text("Session 1 is on")).to_be_visible()
        await page.get_by_role("button", name="End session").click()
        await page.get_by_label("Recap for game masters").fill("They found the **page**.")
        await page.get_by_role("dialog").get_by_role("button", name="End session").click()
        await expect(page.locator("strong", has_text="page")).to_be_visible()


async def test_a_roll_can_be_proven_in_the_browser(stage: Stage) -> None:
    person = await stage.people.make("gamemaster")
    campaign_id = await campaign(person)
    async with stage.page("", name=person.name) as page:
        await stage.go(page, f"#/c/{campaign_id}/dice")
        for expression, mode in (("4d6kh3-1d4+2", "Normal"), ("d20+5", "Advantage")):
            await page.get_by_label("Dice", exact=True).fill(expression)
            await page.get_by_label("How").select_option(mode)
            rolls = await page.locator(".roll").count()
            await page.get_by_role("button", name="Roll", exact=True).click()
            await expect(page.locator(".roll")).to_have_count(rolls + 1)
            await page.locator(".roll").first.get_by_role("button", name=re.compile("Verify")).click()
            await expect(page.locator(".roll").first).to_contain_text("Rolled again from its seed")
        await stage.shoot(page, "gm-dice")


async def test_a_player_gives_the_own_character_a_picture_and_the_party_sees_it(stage: Stage) -> None:
    master, player = await stage.people.make("gamemaster"), await stage.people.make("player")
    campaign_id = await campaign(master)
    address = f"/api/campaigns/{campaign_id}"
    await created(master, f"{address}/members", {"account_id": player.account_id, "role": "player"})
    await created(
        player, f"{address}/characters", {"fields": {"name": "Brannoc", "class": "Cleric", "level": 3}}
    )
    await created(master, f"{address}/characters", {"fields": {"name": "Oswin"}})
    async with stage.page("", name=player.name) as page:
        await stage.go(page, f"#/c/{campaign_id}/characters")
        hero = page.locator("article", has=page.get_by_role("heading", name="Brannoc"))
        await expect(page.get_by_role("heading", name="Oswin")).to_be_visible()
        await expect(page.get_by_role("button", name="Give Oswin a picture")).to_have_count(0)
        for count in (1, 2):
            await hero.get_by_role("button", name="Give Brannoc a picture").click()
            dialog = page.get_by_role("dialog")
            file = FilePayload(name="b.png", mimeType="image/png", buffer=files.picture(300 * count, 300))
            await dialog.get_by_label("File").set_input_files([file])
            await dialog.get_by_role("button", name="Upload").click()
            await expect(dialog).to_have_count(0)
            await expect(hero.get_by_role("img", name="Brannoc")).to_be_visible()
        await stage.shoot(page, "gm-portrait")
        await hero.get_by_role("button", name="Picture of Brannoc").click()
        await expect(page.get_by_role("dialog")).to_contain_text("600 × 300")
    async with stage.page("", name=master.name) as page:
        await stage.go(page, f"#/c/{campaign_id}")
        await expect(page.get_by_role("img", name="Brannoc")).to_be_visible()
        # The picture before it went when the other took its place.
        kept = await page.evaluate(
            "async (path) => (await import('/static/js/api.js')).get(path)", f"{address}/images"
        )
        assert [each["width"] for each in kept["items"]] == [600]


async def test_the_budget_follows_the_monsters(stage: Stage) -> None:
    person = await stage.people.make("gamemaster")
    campaign_id = await campaign(person)
    async with stage.page("", name=person.name) as page:
        await stage.go(page, f"#/c/{campaign_id}/encounter")
        await page.get_by_label("Levels of the party").fill("3, 3, 3, 3")
        await page.get_by_role("combobox", name="Find a creature by name").fill("kiln")
        await page.get_by_role("option", name="Kiln Drake").click()
        await expect(page.locator("gm-meter")).to_have_attribute("aria-valuenow", "700")
        await page.get_by_role("button", name="One more: Kiln Drake").click()
        await expect(page.locator("gm-meter")).to_have_attribute("aria-valuenow", "1400")
        await page.get_by_role("button", name="Suggest", exact=True).click()
        await expect(page.locator(".offer").first).to_be_visible()
        await stage.shoot(page, "gm-encounter")
        await page.get_by_role("button", name="Save as encounter").click()
        await expect(page.get_by_role("heading", name="2 × Kiln Drake", level=1)).to_be_visible()


async def test_scripts_in_every_text_stay_text(stage: Stage) -> None:
    person = await stage.people.make("gamemaster", "")
    made = await created(person, "/api/campaigns", {"name": EVIL, "description": EVIL, "theme": EVIL})
    campaign_id = made["campaign_id"]
    schemas = (await person.get("/api/schemas")).json()
    ids = []
    for kind in ("location", "npc", "quest", "event", "note", "encounter"):
        fields: dict[str, Any] = {}
        for name, about in schemas[kind]["properties"].items():
            if about["x-widget"] in ("text", "markdown") and about.get("maxLength", 0) >= len(EVIL):
                fields[name] = EVIL
            elif about["x-widget"] == "lines":
                fields[name] = [EVIL]
        ids.append(await element(person, campaign_id, kind, **fields))
    await created(
        person, f"/api/campaigns/{campaign_id}/characters", {"fields": {"name": EVIL, "notes": EVIL}}
    )
    await created(person, f"/api/campaigns/{campaign_id}/dice", {"expression": "d20", "label": EVIL})
    async with stage.page("", name=person.name) as page:
        places = ["", "/elements", "/characters", "/dice", "/graph", "/members"]
        for place in [*places, *(f"/e/{one}" for one in ids), *(f"/e/{one}?mode=edit" for one in ids[:2])]:
            await stage.go(page, f"#/c/{campaign_id}{place}")
            await settled(page)
            assert await page.evaluate("window.hacked") is None, place
            assert await page.locator("img[src=x], main script, a[href^=javascript]").count() == 0, place


async def test_the_assistant_is_asked_and_remembers_the_conversation(stage: Stage) -> None:
    person = await stage.people.make("gamemaster")
    campaign_id = await campaign(person)
    await element(person, campaign_id, "npc", name="Captain Oru", summary="Commands nine guards.")
    async with stage.page("", name=person.name) as page:
        await stage.go(page, f"#/c/{campaign_id}/chat")
        await page.get_by_role("textbox", name="Message to the assistant").fill("Who is Captain Oru?")
        await page.keyboard.press("Enter")
        await expect(page.locator(".talk-item")).to_have_count(2)
        await expect(page.locator(".talk-item .badge")).to_be_visible(timeout=30_000)
        await expect(page.locator(".talk-item").last).to_contain_text("Oru")
        await stage.shoot(page, "gm-chat")
        assert await grave_findings(page) == []
        await page.reload()
        await expect(page.locator(".talk-item")).to_have_count(2)
        await expect(page.locator(".talk-item").first).to_contain_text("Who is Captain Oru?")


async def test_leaving_a_form_with_changes_asks_first(stage: Stage, furnished: dict[str, str]) -> None:
    made = await furnish(stage, furnished)
    async with stage.page("", name=made["name"]) as page:
        await stage.go(page, f"#/c/{made['campaign']}/e/{made['npc']}?mode=edit")
        await page.get_by_role("textbox", name="Summary").fill("Not saved yet")
        await page.get_by_role("link", name="Dice").click()
        await page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
        await expect(page.get_by_role("textbox", name="Summary")).to_have_value("Not saved yet")
        await page.get_by_role("link", name="Dice").click()
        await page.get_by_role("dialog").get_by_role("button", name="Leave").click()
        await expect(page.get_by_role("heading", name="Dice", level=1)).to_be_visible()


async def test_what_one_changes_the_other_hears_of_at_once(stage: Stage) -> None:
    person = await stage.people.make("gamemaster")
    campaign_id = await campaign(person)
    async with stage.page("", name=person.name) as page:
        await stage.go(page, f"#/c/{campaign_id}")
        await settled(page)
        await expect(page.locator(".live")).to_have_attribute("data-state", "live")
        await element(person, campaign_id, "note", name="A letter")
        await page.locator(".pill").click()
        await expect(page.get_by_role("link", name="A letter")).to_be_visible()


async def test_a_wrong_password_is_said_in_place_and_signing_out_leaves_nothing(stage: Stage) -> None:
    async with stage.page("gamemaster") as page:
        await page.get_by_role("button", name="Your account").click()
        await page.get_by_role("menuitem", name="Sign out").click()
        await page.get_by_label("Name or e-mail").fill("nobody")
        await page.get_by_label("Password").fill("wrong")
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("alert")).to_contain_text("do not belong together")
        assert await grave_findings(page) == []
        await page.reload()
        await expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        assert await page.evaluate("Object.entries(localStorage).filter(([, v]) => v.length > 20)") == []


async def test_a_reload_keeps_the_session_and_the_place(stage: Stage, furnished: dict[str, str]) -> None:
    made = await furnish(stage, furnished)
    async with stage.page("", name=made["name"]) as page:
        await stage.go(page, f"#/c/{made['campaign']}/e/{made['npc']}")
        await settled(page)
        await page.reload()
        await expect(page.get_by_role("heading", name="Ilsa Marrow", level=1)).to_be_visible()


async def test_a_field_is_kept_from_players_and_an_element_shown_to_one_of_them(stage: Stage) -> None:
    person = await stage.people.make("gamemaster")
    player, other = await stage.people.make("player"), await stage.people.make("player")
    campaign_id = await campaign(person)
    for one in (player, other):
        body = {"account_id": one.account_id, "role": "player"}
        await created(person, f"/api/campaigns/{campaign_id}/members", body)
    npc = await element(
        person, campaign_id, "npc", "gm", name="Captain Oru", appearance="A scar.", voice="Hoarse."
    )
    async with stage.page("", name=person.name) as page:
        await stage.go(page, f"#/c/{campaign_id}/e/{npc}?mode=edit")
        await page.get_by_role("button", name="Who sees Appearance").click()
        await page.get_by_role("menuitemradio", name="Only game masters see this field").click()
        await page.get_by_role("button", name="Save").click()
        await expect(page.locator(".fact--secret", has_text="A scar.")).to_be_visible()
        await page.get_by_role("button", name="Game masters only").click()
        await page.get_by_label("Seen by").select_option("Only some members")
        await page.get_by_label(player.name).check()
        await page.get_by_role("dialog").get_by_role("button", name="Save").click()
        await expect(page.get_by_role("button", name="Some members")).to_be_visible()
    assert (await other.get(f"/api/element/{npc}")).status_code == 404
    async with stage.page("", name=player.name) as page:
        await stage.go(page, f"#/c/{campaign_id}/e/{npc}")
        await expect(page.locator(".reading")).to_contain_text("Hoarse.")
        await expect(page.locator("main")).not_to_contain_text("A scar.")


async def test_what_cannot_be_is_said_beside_the_field_it_is_about(stage: Stage) -> None:
    person = await stage.people.make("gamemaster")
    campaign_id = await campaign(person)
    npc = await element(person, campaign_id, "npc", name="Captain Oru")
    async with stage.page("", name=person.name) as page:
        await stage.go(page, f"#/c/{campaign_id}/e/{npc}?mode=edit")
        await page.get_by_role("spinbutton", name="Hit points", exact=True).fill("99999999")
        await page.get_by_role("button", name="Save").click()
        box = page.get_by_role("spinbutton", name="Hit points", exact=True)
        await expect(box).to_have_attribute("aria-invalid", "true")
        await expect(box).to_be_focused()
        await expect(page.locator(".field", has=box).locator(".error")).to_contain_text("must be")
        await page.get_by_role("textbox", name="Name", exact=True).fill("")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Fill this in.")).to_be_visible()
