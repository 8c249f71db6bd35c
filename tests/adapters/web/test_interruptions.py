"""What becomes of an open page when its line breaks or the server cannot answer for a while."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import Page, Route, WebSocketRoute, expect

from tests.adapters.http.people import PASSWORD
from tests.adapters.web.making import campaign, created, element
from tests.adapters.web.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Line:
    """The page's WebSocket, to be cut."""

    def __init__(self) -> None:
        self._open: list[WebSocketRoute] = []
        self._passes = True

    async def lay(self, page: Page) -> None:
        await page.route_web_socket("**/api/ws", self._opened)

    async def _opened(self, socket: WebSocketRoute) -> None:
        if not self._passes:
            await socket.close()
            return
        self._open.append(socket)
        socket.connect_to_server()

    async def cut(self) -> None:
        self._passes = False
        for socket in self._open:
            await socket.close()
        self._open.clear()

    def say(self, message: object) -> None:
        """To the page, as the server would."""
        self._open[-1].send(json.dumps(message))

    def mend(self) -> None:
        self._passes = True


async def test_what_happened_while_the_line_was_broken_is_on_the_page_once_it_stands_again(
    stage: Stage,
) -> None:
    person = await stage.people.make("gamemaster")
    campaign_id = await campaign(person)
    line = Line()
    async with stage.page("", name=person.name) as page:
        await line.lay(page)
        # A page of its own: what is routed must be so before the page loads.
        await page.reload()
        await stage.go(page, f"#/c/{campaign_id}/dice")
        await expect(page.locator(".live")).to_have_attribute("data-state", "live")
        await line.cut()
        await expect(page.locator(".live")).not_to_have_attribute("data-state", "live")
        body = {"expression": "3d6", "label": "Behind your back"}
        await created(person, f"/api/campaigns/{campaign_id}/dice", body)
        line.mend()
        await expect(page.get_by_text("Behind your back")).to_be_visible(timeout=30_000)

        await stage.go(page, f"#/c/{campaign_id}")
        await expect(page.get_by_role("heading", name="Since last time")).to_be_visible()
        await expect(page.locator(".live")).to_have_attribute("data-state", "live")
        await line.cut()
        await expect(page.locator(".live")).not_to_have_attribute("data-state", "live")
        await element(person, campaign_id, "note", name="A letter")
        line.mend()
        await expect(page.get_by_role("link", name="A letter")).to_be_visible(timeout=30_000)


async def test_a_page_of_the_feed_that_cannot_be_loaded_is_not_asked_for_without_end(stage: Stage) -> None:
    page = await stage.browser.new_page()
    await page.goto(stage.url)
    await page.locator("input[type=password]").wait_for()
    asked = """
    async () => {
      const { LogRows } = await import("/static/js/elements/table/pages.js");
      const told = [];
      let asked = 0;
      let fails = true;
      const rows = new LogRows(async () => {
        asked += 1;
        if (fails) throw new Error("nobody answers");
        return [{ position: 1 }];
      }, { first: 1, last: 50 });
      rows.onproblem = (problem) => told.push(problem?.message ?? null);
      rows.onchange = () => rows.want(0, 50);
      rows.want(0, 50);
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setTimeout(resolve));
      const whileDown = asked;
      fails = false;
      await rows.catchUp();
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setTimeout(resolve));
      rows.end();
      return [whileDown, told, rows.row(49).position];
    }
    """
    assert await page.evaluate(asked) == [1, ["nobody answers", None], 1]
    await page.close()


async def test_nobody_is_signed_out_because_the_server_cannot_renew_a_token_just_now(stage: Stage) -> None:
    person = await stage.people.make("gamemaster")
    campaign_id = await campaign(person)
    expired = {
        "title": "Not signed in",
        "status": 401,
        "code": "token_expired",
        "detail": "the token expired",
    }

    async def refuse(route: Route) -> None:
        await route.fulfill(status=401, json=expired)

    async def cannot(route: Route) -> None:
        await route.fulfill(status=503, json={"status": 503, "detail": "the sign-in cannot be recorded"})

    async with stage.page("", name=person.name) as page:
        await page.route("**/api/auth/refresh", cannot)
        await page.route("**/api/campaigns/*/members", refuse)
        await stage.go(page, f"#/c/{campaign_id}/members")
        await expect(page.get_by_role("alert")).to_contain_text("the sign-in cannot be recorded")
        await page.unroute("**/api/auth/refresh")
        await page.unroute("**/api/campaigns/*/members")
        await page.get_by_role("button", name="Try again").click()
        await expect(page.get_by_role("cell", name=person.name)).to_be_visible()


async def test_a_question_whose_answer_did_not_arrive_is_not_asked_twice(stage: Stage) -> None:
    person = await stage.people.make("gamemaster")
    campaign_id = await campaign(person)

    async def lost(route: Route) -> None:
        await route.fetch()
        await route.abort()

    async with stage.page("", name=person.name) as page:
        await page.route("**/api/chat", lost)
        await stage.go(page, f"#/c/{campaign_id}/chat")
        await page.get_by_role("textbox", name="Message to the assistant").fill("Who owes whom?")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("does not answer")
        await page.unroute("**/api/chat")
        await page.get_by_role("button", name="Try again").click()
        await expect(page.locator(".talk-item .badge")).to_be_visible(timeout=30_000)
        await expect(page.locator(".talk-item")).to_have_count(2)
        await page.reload()
        await expect(page.locator(".talk-item .badge")).to_be_visible()
        await expect(page.locator(".talk-item")).to_have_count(2)


async def test_an_answer_that_is_under_way_when_the_page_is_loaded_again_comes_by_itself(
    stage: Stage,
) -> None:
    person = await stage.people.make("gamemaster")
    campaign_id = await campaign(person)
    asked = await person.post("/api/chat", {"campaign_id": campaign_id, "message": "Who owes whom?"})
    answer = asked.json()

    async def unanswered(route: Route) -> None:
        found = await (await route.fetch()).json()
        await route.fulfill(json={**found, "items": [one for one in found["items"] if one["role"] == "user"]})

    line = Line()
    async with stage.page("", name=person.name) as page:
        await line.lay(page)
        await page.route("**/api/chat/history/*", unanswered)
        await page.reload()
        await stage.go(page, f"#/c/{campaign_id}/chat")
        await expect(page.locator(".talk-wait")).to_be_visible()
        await expect(page.get_by_role("button", name="Stop")).to_be_visible()
        await expect(page.locator(".live")).to_have_attribute("data-state", "live")
        message_id = answer["message_id"]
        line.say({"type": "chat", "chat_id": "main", "message_id": message_id, "done": answer})
        await expect(page.locator(".talk-item .badge")).to_be_visible()
        await expect(page.locator(".talk-item")).to_have_count(2)
        await expect(page.get_by_role("button", name="Send")).to_be_visible()

        # Where the server knows of nothing it could stop, the question can be asked again and gets its answer.
        await page.reload()
        await page.get_by_role("button", name="Stop").click()
        await expect(page.get_by_text("No answer came")).to_be_visible()
        await page.get_by_role("button", name="Try again", exact=True).click()
        await expect(page.locator(".talk-item .badge")).to_be_visible()
        await expect(page.locator(".talk-item")).to_have_count(2)


async def signed_in_beside(page: Page, url: str, name: str) -> Page:
    """Another tab of the same browser, in which `name` signs in."""
    beside = await page.context.new_page()
    await beside.goto(url)
    await beside.get_by_label("Name or e-mail").fill(name)
    await beside.get_by_label("Password").fill(PASSWORD)
    await beside.get_by_role("button", name="Sign in").click()
    await beside.locator("nav.side").wait_for(state="attached")
    return beside


async def test_whoever_is_signed_out_elsewhere_keeps_what_he_wrote_and_saves_it_once_he_is_back(
    stage: Stage,
) -> None:
    person = await stage.people.make("gamemaster")
    campaign_id = await campaign(person)
    note = await element(person, campaign_id, "note", name="Debts")
    async with stage.page("", name=person.name) as page:
        await stage.go(page, f"#/c/{campaign_id}/e/{note}?mode=edit")
        summary = page.get_by_role("textbox", name="Summary")
        await summary.fill("Who owes whom")
        await person.post("/api/auth/logout", {"everywhere": True})
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("What you wrote is still here")).to_be_visible()
        await expect(summary).to_have_value("Who owes whom")
        await signed_in_beside(page, stage.url, person.name)
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("textbox", name="Summary")).to_have_count(0)
        await expect(page.get_by_role("main")).to_contain_text("Who owes whom")


async def test_nothing_is_done_in_the_name_of_somebody_who_signed_in_in_another_tab(stage: Stage) -> None:
    person, other = await stage.people.make("gamemaster"), await stage.people.make("gamemaster")
    campaign_id = await campaign(person)
    await created(
        person, f"/api/campaigns/{campaign_id}/members", {"account_id": other.account_id, "role": "cogm"}
    )
    note = await element(person, campaign_id, "note", name="Debts")
    async with stage.page("", name=person.name) as page:
        await stage.go(page, f"#/c/{campaign_id}/e/{note}?mode=edit")
        await page.get_by_role("textbox", name="Summary").fill("Who owes whom")
        await person.post("/api/auth/logout", {"everywhere": True})
        await signed_in_beside(page, stage.url, other.name)
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("button", name="Your account")).to_contain_text(other.name)
        found = await other.get(f"/api/element/{note}")
        assert "summary" not in found.json()["fields"]


async def test_who_changes_other_fields_of_the_same_element_at_the_same_time_is_not_in_the_way(
    stage: Stage,
) -> None:
    person = await stage.people.make("gamemaster")
    campaign_id = await campaign(person)
    note = await element(person, campaign_id, "note", name="Debts")
    async with stage.page("", name=person.name) as page:
        await stage.go(page, f"#/c/{campaign_id}/e/{note}?mode=edit")
        await page.get_by_role("textbox", name="Summary").fill("Who owes whom")
        changed = {"fields": {"name": "Old debts"}}
        other = await person.web.patch(f"/api/elements/{note}", json=changed, headers={"If-Match": '"v1"'})
        assert other.status_code == 200, other.text
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("heading", name="Old debts", level=1)).to_be_visible()
        await expect(page.get_by_role("main")).to_contain_text("Who owes whom")
