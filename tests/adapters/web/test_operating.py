"""What operators do in the browser: find, trace, explain, prove, repair."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from adapters.demo.advice import serve_fake
from adapters.llm.book import load
from adapters.nats.connection import connect
from adapters.settings import Settings
from events.subjects import log_subject
from tests.adapters.web.stage import Stage, grave_findings

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def page(stage: Stage) -> AsyncIterator[Page]:
    """A page on which an operator is signed in."""
    async with stage.page("operator") as page:
        yield page


async def asked(page: Page, path: str) -> Any:
    """What the API answers to the page."""
    return await page.evaluate("async (path) => (await import('/static/js/api.js')).get(path)", path)


async def test_an_event_is_found_traced_to_its_cause_and_explained(stage: Stage, page: Page) -> None:
    await stage.go(page, "#/feed")
    feed = page.get_by_role("grid", name="Event feed")
    await expect(feed.get_by_role("row").nth(3)).to_contain_text(".")
    await page.get_by_placeholder("Event type").fill("npc.spoke")
    await expect(page).to_have_url(re.compile("type=npc.spoke"))
    said = feed.get_by_role("row").filter(has_text="npc.spoke").first
    await expect(said).to_contain_text("to 15000")
    await feed.press("Home")
    await feed.press("Enter")
    commit = page.get_by_role("complementary", name="The chosen commit")
    await expect(commit).to_contain_text("npc.speak")
    await expect(commit).to_contain_text("response")
    await stage.shoot(page, "feed")
    await commit.get_by_role("link", name="Cause and effect").click()
    effects = page.get_by_role("tree", name="Cause and effect")
    await expect(effects.get_by_role("treeitem").first).to_contain_text("request.opened")
    await expect(effects.locator("[aria-current]")).to_contain_text("npc.spoke")
    why = page.get_by_role("tree", name="Why?")
    await expect(why).to_contain_text("the mood it was in")
    await expect(why).to_contain_text("pleasure")
    await stage.shoot(page, "trace")
    await effects.get_by_role("treeitem").first.press("ArrowLeft")
    await expect(effects.get_by_role("treeitem").first).to_have_attribute("aria-expanded", "false")
    await expect(effects.locator("[aria-current]")).to_be_hidden()


async def test_the_feed_jumps_to_a_position_and_to_a_time_and_the_address_leads_back(
    stage: Stage, page: Page
) -> None:
    await stage.go(page, "#/feed")
    where = page.get_by_label("Jump to a position or time")
    await where.fill("17")
    await where.press("Enter")
    chosen = page.get_by_role("row", selected=True)
    await expect(chosen).to_contain_text("17")
    await expect(page).to_have_url(re.compile("#/feed.at=17$"))
    then = (await asked(page, "/api/feed/rows?from=100&limit=1"))["items"][0]["at"]
    # Clocks of several processes: about there, not always at the very commit.
    place = (await asked(page, f"/api/feed/place?at={quote(then)}"))["position"]
    await where.fill(then)
    await where.press("Enter")
    await expect(chosen).to_contain_text(str(place))
    await where.fill("soon")
    await where.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("a position, a time or an age")
    await page.reload()
    await expect(page.get_by_role("heading", name=f"Commit {place}")).to_be_visible()


async def test_what_happens_meanwhile_comes_by_itself_or_waits_behind_a_pill(
    stage: Stage, page: Page
) -> None:
    await stage.go(page, "#/feed")
    feed = page.get_by_role("grid", name="Event feed")
    await expect(page.locator(".live[data-state=live]")).to_be_attached()
    await stage.running.register("Newcomer_1")
    await expect(feed.get_by_role("row").filter(has_text="npc/Newcomer_1")).to_be_visible()
    await page.get_by_role("button", name="Pause").click()
    await stage.running.register("Newcomer_2")
    pill = page.get_by_role("button", name="1 new")
    await expect(pill).to_be_visible()
    await expect(feed.get_by_role("row").filter(has_text="npc/Newcomer_2")).to_have_count(0)
    await pill.click()
    await expect(feed.get_by_role("row").filter(has_text="npc/Newcomer_2")).to_be_visible()


async def test_a_decision_is_itemised_replayed_and_followed_by_the_next_that_fits(
    stage: Stage, page: Page
) -> None:
    await stage.go(page, "#/decisions")
    await page.get_by_placeholder("Purpose").fill("dialogue")
    await expect(page).to_have_url(re.compile("purpose=dialogue"))
    table = page.get_by_role("grid", name="Decisions")
    await expect(table.get_by_role("row").nth(2)).to_contain_text("dialogue")
    await table.press("Home")
    await table.press("Enter")
    await expect(page.get_by_role("heading", name="Decision: dialogue")).to_be_visible()
    await expect(page.get_by_text("1. system")).to_be_visible()
    await expect(page.locator("figure").filter(has_text="memories").first).to_be_visible()
    await expect(page.get_by_text("npc.speak", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Decide again from the record").click()
    await expect(page.get_by_text("Everything follows from the record.")).to_be_visible(timeout=30_000)
    await stage.shoot(page, "decision")
    first = page.url
    await page.get_by_role("link", name="Older decision").click()
    await expect(page).not_to_have_url(first)
    assert "purpose=dialogue" in page.url
    await page.get_by_role("link", name="Newer decision").click()
    await expect(page).to_have_url(first)


@asynccontextmanager
async def fake_models(stage: Stage) -> AsyncIterator[None]:
    """The models of `lorestream dev fake-llm` where the platform expects them, switched on while the block runs."""
    config = stage.running.folder / "lorestream.toml"

    async def switch(way: str) -> None:
        done = await stage.running.lorestream("llm", way, "fake", "--config", config)
        assert done.status == 0, done.err

    async with AsyncExitStack() as stack:
        await serve_fake(stack, load(config.parent / "llm").providers["fake"])
        await switch("enable")
        stack.push_async_callback(switch, "disable")
        yield


async def test_a_question_is_put_to_other_models_and_both_answers_stand_side_by_side(
    stage: Stage, page: Page
) -> None:
    listed = await asked(page, "/api/decisions?purpose=dialogue&limit=1")
    await stage.go(page, f"#/decisions/{listed['decisions'][0]['decision_id']}")
    provider = page.get_by_label("Provider")
    again = page.get_by_role("button", name="Ask another model")
    beside = page.get_by_role("table", name="Both proposals side by side")
    await expect(provider.get_by_role("option", name="fake (fake-1)")).to_be_attached()
    await again.click()
    await expect(page.get_by_text("fake is switched off: lorestream llm enable fake")).to_be_visible()
    async with fake_models(stage):
        await page.reload()
        # The same model says the same, an obedient one what it was told to, a broken one nothing that can be used.
        for model, verdict, said in (
            ("", "accepted", "the same"),
            ("fake-obedient", "accepted", ""),
            ("fake-wrong", "unusable", "Field required"),
        ):
            await page.get_by_label("Another model", exact=True).fill(model)
            await again.click()
            rerun = beside.get_by_role("row", name="Model").get_by_role("cell").last
            await expect(rerun).to_have_text(f"fake {model or 'fake-1'}")
            judged = beside.get_by_role("row", name="Verdict").get_by_role("cell").last
            await expect(judged).to_have_text(verdict)
            await expect(beside).to_contain_text(said)
            if model == "fake-obedient":
                await expect(beside.locator("ins").first).to_be_visible()
                await stage.shoot(page, "decision-rerun")
                assert await grave_findings(page) == []
        await page.reload()
        await page.get_by_text("reruns before").click()
        await expect(beside).to_have_count(3)
        await expect(beside.first).to_contain_text("fake-wrong")


async def test_a_stream_is_looked_at_as_it_was_and_compared_with_now(stage: Stage, page: Page) -> None:
    found = await asked(page, "/api/feed?type=npc.spoke&limit=1")
    spoken = found["items"][0]
    category, _, name = spoken["stream"].partition("/")
    await stage.go(page, f"#/stream/{category}/{quote(name, safe='')}?at={spoken['position']}")
    state = page.get_by_label("Position")
    await expect(state).to_have_value(str(spoken["position"]))
    await expect(page.get_by_role("rowheader", name="version").first).to_be_visible()
    slider = page.get_by_role("slider")
    await slider.press("h")
    await expect(state).not_to_have_value(str(spoken["position"]))
    assert f"at={spoken['position']}" not in page.url
    await page.get_by_label("Compare with now").check()
    await expect(page.get_by_role("columnheader", name="Then")).to_be_visible()
    await slider.press("End")
    await expect(page.get_by_text("Nothing differs.")).to_be_visible()


async def test_a_commit_no_read_model_can_digest_is_tried_again_and_given_up(
    stage: Stage, page: Page
) -> None:
    client = await connect(Settings(state=stage.running.state), name="test")
    try:
        await client.request(log_subject("midgard", "npc/Broken"), b'{"no":"commit"}', timeout=5)
    finally:
        await client.close()
    await stage.go(page, "#/dead-letters")
    letter = page.get_by_role("listitem").filter(has_text="relationships")
    again = page.get_by_role("button", name="Try again", exact=True)
    for _ in range(50):
        if await letter.count():
            break
        await page.wait_for_timeout(100)
        await page.reload()
        await page.get_by_role("heading", name="Dead letters").wait_for()
        await page.wait_for_timeout(200)
    await expect(again.first).to_be_visible()
    await letter.get_by_role("button", name="Try again").click()
    await expect(page.locator("gm-toast")).to_contain_text("It failed again")
    await stage.shoot(page, "dead-letters")
    await letter.get_by_role("button", name="Give up").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Give up").click()
    await expect(dialog).to_contain_text("Fill this in")
    await dialog.get_by_label("Why").fill("it never was a commit")
    await dialog.get_by_role("button", name="Give up").click()
    await expect(page.locator("gm-toast")).to_contain_text("Given up")
    await page.get_by_text("given up").first.wait_for()
    acts = await asked(page, "/api/feed?category=operator&limit=2")
    assert {act["type"] for act in acts["items"]} == {"operator.acted"}


async def test_a_read_model_is_verified_and_rebuilt_while_everything_works(stage: Stage, page: Page) -> None:
    await stage.go(page, "#/projections")
    row = page.get_by_role("row", name="requests")
    await row.get_by_role("button", name="Verify").click()
    await expect(row).to_contain_text("as rebuilt", timeout=60_000)
    await row.get_by_role("button", name="Rebuild").click()
    await page.get_by_role("dialog").get_by_role("button", name="Rebuild").click()
    await expect(page.locator("gm-toast")).to_contain_text("requests is rebuilt", timeout=60_000)
    await expect(row).to_contain_text("up to date")


@pytest.mark.parametrize(("scheme", "rules"), [("light", []), ("dark", ["color-contrast"])])
async def test_no_screen_of_operators_shuts_anybody_out(stage: Stage, scheme: Any, rules: list[str]) -> None:
    async with stage.page("admin", color_scheme=scheme) as page:
        spoken = (await asked(page, "/api/feed?type=npc.spoke&limit=1"))["items"][0]
        decision = (await asked(page, "/api/decisions?limit=1"))["decisions"][0]["decision_id"]
        addresses = {
            f"#/feed?at={spoken['position']}": "Commit",
            f"#/event/{spoken['position']}": "Why?",
            f"#/trace/{quote(spoken['correlation_id'], safe='')}": "What it set in motion",
            "#/decisions": "Decisions",
            f"#/decisions/{decision}": "What was asked",
            f"#/stream/{spoken['stream']}": "State",
            "#/projections": "Projections",
            "#/dead-letters": "Dead letters",
            "#/health": "Models",
        }
        findings = {}
        for address, heading in addresses.items():
            await stage.go(page, address)
            await page.get_by_role("heading", name=heading).first.wait_for()
            await expect(page.locator("[aria-busy=true]")).to_have_count(0)
            findings[address] = await grave_findings(page, *rules)
        assert {address: found for address, found in findings.items() if found} == {}


async def test_players_are_shown_nothing_of_the_log(stage: Stage) -> None:
    async with stage.page("player") as page:
        await expect(page.get_by_role("link", name="Event feed")).to_have_count(0)
        await stage.go(page, "#/feed")
        await expect(page.get_by_text("This is not for your role")).to_be_visible()
