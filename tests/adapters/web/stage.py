"""Chromium before a running platform: people who sign in, pages that are looked at."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect

from adapters.settings import Settings
from tests.adapters.cli.test_up import Running
from tests.adapters.http.people import PASSWORD, People, people

CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None
)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
GRAVE = {"serious", "critical"}

# On a busy machine a page takes its time; what never comes still fails.
expect.set_options(timeout=15_000)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Debian's browser, headless, for as long as the block lasts."""
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@dataclass
class Stage:
    """A platform with people, and a browser before it."""

    running: Running
    browser: Browser
    people: People
    shots: Path | None
    """Where screenshots are kept; nowhere unless LORESTREAM_SCREENSHOTS names a folder."""

    @property
    def url(self) -> str:
        return str(self.running.endpoints["http"])

    @asynccontextmanager
    async def page(self, role: str, *, name: str = "", **options: Any) -> AsyncIterator[Page]:
        """A page of its own, signed in as somebody new of `role`, or as `name`. A script that fails fails the test."""
        person = name or (await self.people.make(role)).name
        context = await self.browser.new_context(
            viewport={"width": 1360, "height": 900}, locale="en-GB", **options
        )
        page = await context.new_page()
        page.set_default_timeout(10_000)
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "console",
            lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None,
        )
        await page.goto(self.url)
        await page.locator("input").first.fill(person)
        await page.locator("input[type=password]").fill(PASSWORD)
        await page.locator("button[type=submit]").click()
        await page.locator("nav.side").wait_for(state="attached")
        try:
            yield page
        finally:
            await context.close()
        assert not wrong, wrong

    async def go(self, page: Page, address: str) -> None:
        """To another screen, as a link would."""
        await page.evaluate("(hash) => { location.hash = hash; }", address)

    async def shoot(self, page: Page, name: str) -> None:
        if self.shots is not None:
            await page.screenshot(path=self.shots / f"{name}.png")


@asynccontextmanager
async def stage(running: Running, shots: str | None) -> AsyncIterator[Stage]:
    """A browser before a platform that runs."""
    folder = Path(shots) if shots else None
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    settings = Settings(state=running.state)
    async with chromium() as browser, people(settings, str(running.endpoints["http"])) as made:
        yield Stage(running, browser, made, folder)


async def grave_findings(page: Page, *rules: str) -> list[str]:
    """What axe finds serious or critical on a page, each with the elements it means; by all rules, or by some."""
    found = await Axe().run(page, options={"runOnly": list(rules)} if rules else None)
    return [
        f"{violation['id']}: {', '.join(node['html'][:120] for node in violation['nodes'][:4])}"
        for violation in found.response["violations"]
        if violation["impact"] in GRAVE
    ]
