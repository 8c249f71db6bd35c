"""How long does a page take until it is ready, and how much is sent for it, in a real browser?"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bench.campaign_fill import CAMPAIGN_ID, OWNER, element_id, fill_campaign
from bench.measure import Figure, Result
from bench.options import DEFAULT, Options
from bench.platform import Platform, running, wait_for_position
from bench.signing_in import account
from bench.workload import npc_name

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

ELEMENTS = 2_000
COMMITS = 50_000
RUNS = 5
READY_MS = 1000.0
MOST_KB = 300.0
CATCH_UP_SECONDS = 600.0
SETTLED_MS = 600
"""A page that was ready for so long stays ready: nothing that it waits for is under way."""

HOME = f"#/c/{CAMPAIGN_ID}"
PAGES = {
    "campaign home": (HOME, "main h1"),
    "elements, a list": (f"{HOME}/elements/npc", "main a.row"),
    "an element": (f"{HOME}/e/{element_id(7)}", "main h1"),
    "relations (the graph)": (f"{HOME}/graph", ".gg-node, canvas"),
    "people of the world": ("#/world", "[role=grid] [role=row]:nth-child(3)"),
    "a person of the world": (f"#/world/npc/{quote(npc_name(7).decode())}", "gm-chart svg"),
    "event feed": ("#/feed", "[role=grid] [role=row]:nth-child(3)"),
    "health": ("#/health", ".stats"),
}
"""Each page with its address and with something that is only there when its content is."""

WATCH = """
(() => {
  const look = () => {
    const main = document.querySelector("main");
    const done =
      main && main.querySelector("h1") && !main.querySelector(".skeleton, [aria-busy=true]") &&
      document.querySelector(SIGN);
    if (!done) window.benchReady = null;
    // After the frame in which it can be seen.
    else if (window.benchReady == null)
      requestAnimationFrame(() => requestAnimationFrame(() => (window.benchReady ??= performance.now())));
  };
  new MutationObserver(look).observe(document, {
    subtree: true, childList: true, attributes: true, attributeFilter: ["aria-busy", "hidden"],
  });
})();
"""
"""Notes when a page became ready: its heading and its content are there, and no part of it waits for anything."""


@dataclass(slots=True)
class Load:
    """One load of a page: when it was ready, in ms from the start of the navigation, and bytes over the wire."""

    ready: float
    files: int = 0
    answers: int = 0

    @property
    def sent(self) -> int:
        return self.files + self.answers


@dataclass(slots=True)
class Loads:
    """All loads of one page, with an empty cache and with a full one."""

    first: list[Load] = field(default_factory=list)
    warm: list[Load] = field(default_factory=list)


def run(options: Options = DEFAULT) -> Result:
    """Medians of several loads of each page, signed in; first loads with an empty cache, warm ones after them."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None or find_spec("playwright") is None:
        return Result("pages", (), ("not measured: it needs Chromium and the Python package playwright",))
    elements, others = min(ELEMENTS, options.npcs), min(COMMITS, options.commits)
    with tempfile.TemporaryDirectory(prefix="lorestream-") as folder:
        state = Path(folder) / "state"
        commits = fill_campaign(state, elements=elements, others=others)
        with running(state, http=True) as platform:
            if not wait_for_position(platform, commits, seconds=CATCH_UP_SECONDS):
                raise RuntimeError("the read models did not reach the end of the log")
            found = _measured(platform, chromium, max(2, min(RUNS, options.starts * 2)))
    return Result(
        "pages", (Figure("elements", elements, ""), Figure("commits", commits, ""), *_figures(found))
    )


def _figures(found: dict[str, Loads]) -> Iterator[Figure]:
    for name, loads in found.items():
        for kind, each in (("first load", loads.first), ("warm", loads.warm)):
            ready = median(load.ready for load in each)
            yield Figure(f"{name}, {kind}, ready, median", ready, "ms", at_most=READY_MS)
            sent = median(load.sent for load in each) / 1000
            yield Figure(f"{name}, {kind}, sent, median", sent, "kB", at_most=MOST_KB)
        answers = median(load.answers for load in loads.first) / 1000
        yield Figure(f"{name}, first load, of which answers of the API", answers, "kB")


def _measured(platform: Platform, chromium: str, runs: int) -> dict[str, Loads]:
    url = str(platform.endpoints.http)
    found = {name: Loads() for name in PAGES}
    with _signed_in(platform, chromium, url) as (page, session):
        for name, (address, sign) in PAGES.items():
            for _ in range(runs):
                session.send("Network.clearBrowserCache")
                found[name].first.append(_load(page, session, f"{url}/{address}", sign))
                found[name].warm.append(_load(page, session, f"{url}/{address}", sign))
    return found


@contextmanager
def _signed_in(platform: Platform, chromium: str, url: str) -> Iterator[tuple[Page, CDPSession]]:
    """A page of a browser whose cookie signs it in again at every load, as one that is opened from a bookmark."""
    from playwright.sync_api import sync_playwright

    # Who sees everything: the owner of the campaign, who is an admin, too.
    name, password = account(platform, "admin", OWNER)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=chromium, args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(viewport={"width": 1360, "height": 900}, locale="en-GB")
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.goto(url)
        page.locator("input").first.fill(name)
        page.locator("input[type=password]").fill(password)
        page.locator("button[type=submit]").click()
        page.locator("nav.side").wait_for(state="attached")
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Page.enable")
        yield page, session
        browser.close()


def _load(page: Page, session: CDPSession, address: str, sign: str) -> Load:
    load, places = Load(0.0), {}

    def named(event: dict[str, Any]) -> None:
        places[event["requestId"]] = event["response"]["url"]

    def ended(event: dict[str, Any]) -> None:
        if "/api/" in places.get(event["requestId"], ""):
            load.answers += int(event["encodedDataLength"])
        else:
            load.files += int(event["encodedDataLength"])

    page.goto("about:blank")
    script = session.send(
        "Page.addScriptToEvaluateOnNewDocument", {"source": WATCH.replace("SIGN", repr(sign))}
    )
    session.on("Network.responseReceived", named)
    session.on("Network.loadingFinished", ended)
    try:
        page.goto(address)
        load.ready = _settled(page)
    finally:
        session.remove_listener("Network.responseReceived", named)
        session.remove_listener("Network.loadingFinished", ended)
        session.send("Page.removeScriptToEvaluateOnNewDocument", {"identifier": script["identifier"]})
    return load


def _settled(page: Page) -> float:
    """When it became ready for good, in ms from the start of the navigation. Raises `RuntimeError` if it never does."""
    for _ in range(200):
        ready, now = page.evaluate("[window.benchReady ?? null, performance.now()]")
        if ready is not None and now - ready > SETTLED_MS:
            return float(ready)
        page.wait_for_timeout(100)
    raise RuntimeError(f"{page.url} does not become ready")
