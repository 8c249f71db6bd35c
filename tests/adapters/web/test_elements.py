"""The heavy elements: what they compute, and a table of more rows than a browser can scroll."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import CDPSession, Page, expect

from tests.adapters.web.stage import Stage
from tests.projections.conftest import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

WHOLE = 0.9
"""Far down a page of 30,000,000 pixels a browser measures what is in sight to a pixel or two."""
TABLE = """
async (size) => {
  await import("/static/js/elements/gm-table.js");
  const table = document.createElement("gm-table");
  document.body.replaceChildren(table);
  table.configure({
    label: "numbers",
    columns: [{ key: "n", title: "n", width: "1fr" }],
    source: {
      size, pending: 0, row: (n) => ({ n: `row ${n}` }), want() {},
      admit() { const count = this.pending; this.size += count; this.pending = 0; return count; },
    },
  });
  window.table = table;
}
"""


async def computed(page: Page, module: str, expression: str, *given: Any) -> Any:
    """What a module's function makes of `given`; `m` is the module in the expression."""
    return await page.evaluate(
        f"async (given) => {{ const m = await import('/static/js/elements/{module}'); return {expression}; }}",
        list(given),
    )


@pytest_asyncio.fixture(loop_scope="session")
async def blank(stage: Stage) -> AsyncIterator[Page]:
    page = await stage.browser.new_page(viewport={"width": 600, "height": 700})
    await page.goto(stage.url)
    # The application draws once it has asked whether somebody is signed in; only then is the page the test's own.
    await page.locator("input[type=password]").wait_for()
    yield page
    await page.close()


async def test_two_texts_are_compared_word_by_word_and_both_can_be_read_from_the_result(blank: Page) -> None:
    before, after = "The cat sat on the mat.", "The dog sat on a mat, calmly."
    parts = await computed(blank, "diff/words.js", "m.words(...given)", before, after)
    assert "".join(part["text"] for part in parts if part["kind"] != "new") == before
    assert "".join(part["text"] for part in parts if part["kind"] != "gone") == after
    assert [part["text"] for part in parts if part["kind"] == "gone"] == ["cat", "the"]


async def test_two_states_differ_in_the_fields_that_changed(blank: Page) -> None:
    found = await computed(
        blank,
        "diff/fields.js",
        "m.fields(...given)",
        {"mood": {"p": 1, "a": 2}, "goals": ["sell", "rest"], "gone": 1},
        {"goals": ["sell"], "mood": {"a": 2, "p": 3}, "new": None},
    )
    assert found == [
        {"path": "mood.p", "kind": "changed", "before": 1, "after": 3},
        {"path": "goals[1]", "kind": "removed", "before": "rest"},
        {"path": "gone", "kind": "removed", "before": 1},
        {"path": "new", "kind": "added", "after": None},
    ]


async def test_a_graph_is_always_laid_out_alike_and_what_has_a_place_keeps_it(blank: Page) -> None:
    ids = [f"n{number}" for number in range(60)]
    edges = [{"from": f"n{number}", "to": f"n{number * 7 % 60}"} for number in range(60)]
    once = await computed(blank, "graph/layout.js", "m.layout(...given)", ids, edges)
    again = await computed(blank, "graph/layout.js", "m.layout(...given)", ids, edges)
    more = await computed(blank, "graph/layout.js", "m.layout(...given)", [*ids, "late"], edges, once)
    assert once == again
    assert {name: place for name, place in more.items() if name != "late"} == once
    assert more["late"] not in once.values()
    places = list(once.values())
    nearest = min(abs(a[0] - b[0]) + abs(a[1] - b[1]) for i, a in enumerate(places) for b in places[i + 1 :])
    assert nearest > 8, "two nodes lie on each other"


@pytest.mark.parametrize("rows", [50, 1_000_000, 20_000_000])
async def test_every_row_of_a_table_can_be_reached_however_many_there_are(blank: Page, rows: int) -> None:
    await blank.evaluate(TABLE, rows)
    grid = blank.get_by_role("grid")
    await expect(grid).to_have_attribute("aria-rowcount", str(rows + 1))
    await grid.press("End")
    last = blank.get_by_role("row", name=f"row {rows - 1}", exact=True)
    await expect(last).to_be_in_viewport(ratio=WHOLE)
    await expect(last).to_have_attribute("aria-rowindex", str(rows + 1))
    await grid.press("ArrowUp")
    await expect(blank.get_by_role("row", name=f"row {rows - 2}", exact=True)).to_have_attribute(
        "aria-selected", "true"
    )
    await blank.evaluate("(index) => table.show(index)", rows // 2)
    await expect(blank.get_by_role("row", name=f"row {rows // 2}", exact=True)).to_be_in_viewport(ratio=WHOLE)
    await blank.evaluate("() => { table.grid.scrollTop = table.grid.scrollHeight; }")
    await expect(last).to_be_in_viewport(ratio=WHOLE)
    await grid.press("Home")
    await expect(blank.get_by_role("row", name="row 0", exact=True)).to_be_in_viewport(ratio=WHOLE)
    assert await blank.get_by_role("row").count() < 40


async def test_a_wheel_moves_a_scaled_table_row_by_row_and_its_bar_by_a_share(blank: Page) -> None:
    await blank.evaluate(TABLE, 20_000_000)
    await blank.evaluate("() => table.show(10_000_000, 'start')")
    await expect(blank.get_by_role("row", name="row 10000000", exact=True)).to_be_in_viewport()
    await blank.mouse.move(200, 300)
    await blank.mouse.wheel(0, 280)
    await expect(blank.get_by_role("row", name="row 10000010", exact=True)).to_be_in_viewport()
    await expect(blank.get_by_role("row", name="row 9999990", exact=True)).to_have_count(0)
    await blank.evaluate("() => { table.grid.scrollTop = table.grid.scrollHeight; }")
    await expect(blank.get_by_role("row", name="row 19999999", exact=True)).to_be_in_viewport()


async def test_new_rows_wait_for_the_reader_unless_he_looks_at_the_newest(blank: Page) -> None:
    await blank.evaluate(TABLE, 1000)
    await blank.evaluate("() => { table.source.pending = 3; table.refresh(); }")
    await expect(blank.get_by_role("grid")).to_have_attribute("aria-rowcount", "1004")
    await blank.evaluate("() => { table.show(500); table.source.pending = 7; table.refresh(); }")
    pill = blank.locator(".gt-pill")
    await expect(pill).to_be_visible()
    await expect(blank.get_by_role("grid")).to_have_attribute("aria-rowcount", "1004")
    await pill.click()
    await expect(blank.get_by_role("grid")).to_have_attribute("aria-rowcount", "1011")
    await expect(blank.get_by_role("row", name="row 0", exact=True)).to_be_in_viewport(ratio=WHOLE)
    await expect(pill).to_be_hidden()


async def test_a_graph_of_a_thousand_is_painted_on_a_canvas_and_still_walked_by_keys(blank: Page) -> None:
    await blank.evaluate(
        """async () => {
          await import("/static/js/elements/gm-graph.js");
          const graph = document.createElement("gm-graph");
          document.body.replaceChildren(graph);
          graph.configure({ label: "many" });
          const nodes = Array.from({ length: 1000 }, (_, i) => ({ id: `n${i}`, kind: "npc", label: `Person ${i}` }));
          const edge = (node, i) => ({ from: node.id, to: `n${i >> 1}`, kind: "knows", weight: 1 });
          graph.data = { nodes, edges: nodes.slice(1).map(edge) };
        }"""
    )
    await expect(blank.locator("canvas")).to_be_visible()
    await expect(blank.get_by_text("1,000 nodes, 999 relations")).to_be_visible()
    stage = blank.get_by_role("group", name="many")
    await stage.press("ArrowRight")
    chosen = blank.get_by_role("complementary")
    await expect(chosen).to_contain_text("Person")
    first = await chosen.get_by_role("heading").inner_text()
    await stage.press("ArrowDown")
    await expect(chosen.get_by_role("heading")).not_to_have_text(first)
    await blank.get_by_role("searchbox").fill("Person 777")
    await expect(chosen.get_by_role("heading")).to_have_text("Person 777")


class Fingers:
    """Two fingers on a touch screen, as Chromium gets them from its driver."""

    def __init__(self, session: CDPSession) -> None:
        self.session = session

    async def touch(self, kind: str, *spots: tuple[float, float]) -> None:
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(spots)]
        await self.session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})

    async def go(
        self, begin: list[tuple[float, float]], end: list[tuple[float, float]], steps: int = 8
    ) -> None:
        """From some spots to others, and up."""
        await self.touch("Start", *begin)
        for step in range(1, steps + 1):
            share = step / steps
            await self.touch(
                "Move",
                *(
                    (a + (c - a) * share, b + (d - b) * share)
                    for (a, b), (c, d) in zip(begin, end, strict=True)
                ),
            )
        await self.touch("End")


async def test_two_fingers_zoom_and_move_a_graph_and_one_chooses(blank: Page) -> None:
    session = await blank.context.new_cdp_session(blank)
    await session.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 2})
    fingers = Fingers(session)
    await blank.evaluate(
        """async () => {
          await import("/static/js/elements/gm-graph.js");
          const graph = document.createElement("gm-graph");
          document.body.replaceChildren(graph);
          graph.configure({ label: "few" });
          const nodes = ["Ada", "Bea", "Cid"].map((label) => ({ id: label, kind: "npc", label }));
          const edges = nodes.slice(1).map((node) => ({ from: "Ada", to: node.id, kind: "knows" }));
          graph.data = { nodes, edges };
        }"""
    )
    world = blank.locator(".gg-svg > g")
    await expect(world).to_have_attribute("transform", re.compile("scale"))

    async def camera() -> list[float]:
        """Where the picture is and how large: x, y, scale."""
        return [float(each) for each in re.findall(r"-?[\d.]+", await world.get_attribute("transform") or "")]

    async def comes_to(*wanted: float) -> None:
        async def there() -> bool:
            return await camera() == pytest.approx(wanted, abs=1.5, rel=0.01)

        await until(there)

    box = await blank.get_by_role("group", name="few").bounding_box()
    assert box is not None
    x, y = box["x"] + 100, box["y"] + 60
    left, top, scale = whole = await camera()
    await fingers.go([(x - 40, y), (x + 40, y)], [(x - 80, y), (x + 80, y)])
    # Twice as large, and what was between the fingers is still there.
    left, top, scale = 2 * left - 100, 2 * top - 60, 2 * scale
    await comes_to(left, top, scale)
    await fingers.go([(x - 40, y), (x + 40, y)], [(x + 20, y + 30), (x + 100, y + 30)])
    await comes_to(left + 60, top + 30, scale)
    await expect(blank.locator(".gg-node[aria-pressed=true]")).to_have_count(0)
    await blank.get_by_role("button", name="Show all (0)").click()
    await comes_to(*whole)
    node = await blank.get_by_role("button", name=re.compile("^Bea, ")).locator(".gg-shape").bounding_box()
    assert node is not None
    middle = (node["x"] + node["width"] / 2, node["y"] + node["height"] / 2)
    await fingers.go([middle], [middle])
    await expect(blank.get_by_role("button", name=re.compile("^Bea, "))).to_have_attribute(
        "aria-pressed", "true"
    )
    await session.send("Emulation.setTouchEmulationEnabled", {"enabled": False})
