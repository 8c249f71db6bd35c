"""Every screen for everyone: without a grave fault, on a telephone, in French, by the keyboard alone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from tests.adapters.web.making import furnish, settled
from tests.adapters.web.stage import Stage, grave_findings

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCREENS = {
    "home": "",
    "elements": "/elements",
    "element": "/e/{npc}",
    "edit": "/e/{npc}?mode=edit",
    "history": "/e/{npc}?mode=history",
    "proposals": "/proposals",
    "proposal": "/proposals/{proposal}",
    "chat": "/chat",
    "encounter": "/encounter",
    "characters": "/characters",
    "dice": "/dice",
    "images": "/images",
    "members": "/members",
    "sessions": "/sessions",
}


@pytest.mark.parametrize(("scheme", "rules"), [("light", []), ("dark", ["color-contrast"])])
async def test_no_screen_has_a_grave_fault_for_those_who_see_or_hear_or_move_otherwise(
    stage: Stage, furnished: dict[str, str], scheme: Any, rules: list[str]
) -> None:
    made = await furnish(stage, furnished)
    async with stage.page("", name=made["name"], color_scheme=scheme, reduced_motion="reduce") as page:
        found = {}
        for name, place in SCREENS.items():
            await stage.go(page, f"#/c/{made['campaign']}{place.format(**made)}")
            await settled(page)
            await stage.shoot(page, f"gm-{name}-{scheme}")
            found[name] = await grave_findings(page, *rules)
        for name, address in {"campaigns": "#/campaigns", "about": "#/about"}.items():
            await stage.go(page, address)
            await settled(page)
            await stage.shoot(page, f"gm-{name}-{scheme}")
            found[name] = await grave_findings(page, *rules)
        assert {name: faults for name, faults in found.items() if faults} == {}


async def test_every_screen_fits_a_telephone(stage: Stage, furnished: dict[str, str]) -> None:
    made = await furnish(stage, furnished)
    async with stage.page("", name=made["name"]) as page:
        await page.set_viewport_size({"width": 360, "height": 740})
        wide = {}
        for name, place in SCREENS.items():
            await stage.go(page, f"#/c/{made['campaign']}{place.format(**made)}")
            await settled(page)
            await stage.shoot(page, f"gm-{name}-narrow")
            wide[name] = await page.evaluate("document.documentElement.scrollWidth")
        assert {name: width for name, width in wide.items() if width > 360} == {}


async def test_french_is_spoken_everywhere(stage: Stage, furnished: dict[str, str]) -> None:
    made = await furnish(stage, furnished)
    async with stage.page("", name=made["name"]) as page:
        await page.get_by_role("button", name="Language: EN").click()
        await page.get_by_role("menuitemradio", name="Français").click()
        await expect(page.get_by_role("heading", name="Campagnes", level=1)).to_be_visible()
        await stage.go(page, f"#/c/{made['campaign']}/e/{made['npc']}?mode=edit")
        await expect(page.get_by_role("textbox", name="Résumé")).to_be_visible()
        await stage.shoot(page, "gm-edit-french")
        assert await page.evaluate("document.documentElement.lang") == "fr"
        # What is refused, too: by a decider under a number, by a route, and by the shape of a request.
        await stage.go(page, f"#/c/{made['campaign']}/dice")
        dice = page.get_by_label("Dés", exact=True)
        await dice.fill("2x9")
        await dice.press("Enter")
        await expect(page.locator(".error", has_text="Ces dés ne sont pas compris")).to_be_visible()
        told = await page.evaluate(
            """async () => {
              const [api, { explain }] = [await import("/static/js/api.js"), await import("/static/js/states.js")];
              return api.get("/api/campaigns", { query: { limit: 100000 } }).catch(explain);
            }"""
        )
        assert told == "200 au plus."
        await stage.go(page, f"#/c/{made['campaign']}/e/{'0' * 32}")
        await expect(page.get_by_role("alert")).to_contain_text("Cet élément n’existe pas")


async def test_the_keyboard_is_enough(stage: Stage, furnished: dict[str, str]) -> None:
    made = await furnish(stage, furnished)
    async with stage.page("", name=made["name"]) as page:
        await stage.go(page, f"#/c/{made['campaign']}/elements")
        await settled(page)
        await page.keyboard.press("?")
        await expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
        await page.keyboard.press("Escape")
        await page.keyboard.press("Control+k")
        await page.keyboard.type("marrow")
        await expect(page.get_by_role("option", name="Ilsa Marrow")).to_be_visible()
        await stage.shoot(page, "gm-palette")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Ilsa Marrow", level=1)).to_be_visible()
        await page.keyboard.press("g")
        await page.keyboard.press("e")
        await settled(page)
        await page.locator("a.row").first.focus()
        await page.keyboard.press("ArrowDown")
        await expect(page.locator("a.row").nth(1)).to_be_focused()


async def test_no_dialog_has_a_grave_fault(stage: Stage, furnished: dict[str, str]) -> None:
    made = await furnish(stage, furnished)
    async with stage.page("", name=made["name"], reduced_motion="reduce") as page:
        await stage.go(page, f"#/c/{made['campaign']}")
        await settled(page)
        found = {}
        for name in ("Propose", "NPC"):
            await page.locator(".page-actions").get_by_role("button", name="New").click()
            await page.get_by_role("menuitem", name=name).click()
            await page.get_by_role("dialog").wait_for()
            await settled(page)
            found[name] = await grave_findings(page)
            await page.keyboard.press("Escape")
            await stage.go(page, f"#/c/{made['campaign']}")
        await page.get_by_role("button", name="Start session").click()
        found["session"] = await grave_findings(page)
        await page.keyboard.press("Escape")
        await page.keyboard.press("Control+k")
        found["palette"] = await grave_findings(page)
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="Appearance").click()
        found["menu"] = await grave_findings(page)
        assert {name: faults for name, faults in found.items() if faults} == {}
