"""`/api/decisions` and `/api/llm` on a real platform."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from adapters.nats.log import JetStreamLog
from events.decision import DecisionJudged
from tests.commits import commit
from tests.decisions import made
from tests.projections.conftest import until

COUNT = 1200


@pytest.fixture
def web(operator: httpx.AsyncClient) -> httpx.AsyncClient:
    return operator


async def record(log: JetStreamLog, count: int) -> int:
    """So many decisions of one story each; the first was judged. The first's position."""
    given = [
        commit(f"decision/d{n}", made(cost=n, npc_id=f"N{n % 3}"), realm=log.realm, correlation_id=f"c{n}")
        for n in range(count)
    ]
    done = [await log.append(each, expected=0) for each in given]
    judged = commit(
        "decision/d0", DecisionJudged("refused", "npc.speak", code=-202), realm=log.realm, version=2
    )
    await log.append(judged, expected=done[0].position)
    return done[0].position


async def settled(web: httpx.AsyncClient, count: int) -> None:
    async def judged() -> bool:
        found: dict[str, Any] = (await web.get("/api/llm/stats")).json()
        return bool(found.get("verdicts", {}).get("refused") == 1)

    await until(judged, 20)
    assert (await web.get("/api/llm/stats")).json()["decisions"] == count


async def test_decisions_are_paged_selected_and_summed(web: httpx.AsyncClient, log: JetStreamLog) -> None:
    first = await record(log, COUNT)
    await settled(web, COUNT)
    seen: list[str] = []
    cursor: dict[str, Any] = {}
    while True:
        page = (await web.get("/api/decisions", params={"limit": 500, **cursor})).json()
        seen += [each["decision_id"] for each in page["decisions"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == [f"d{n}" for n in reversed(range(COUNT))]

    some = (await web.get("/api/decisions", params={"npc": "N1", "limit": 2})).json()
    assert [each["decision_id"] for each in some["decisions"]] == ["d1198", "d1195"]
    dear = (await web.get("/api/decisions", params={"min_cost": 1.198e-6})).json()
    assert [each["cost"] for each in dear["decisions"]] == [1199, 1198]

    one = (await web.get("/api/decisions/d0")).json()
    assert one == (await web.get(f"/api/decisions/{first}")).json()
    assert one["messages"][0]["tokens"] > 0
    assert one["verdicts"][0]["code"] == -202

    costs = (await web.get("/api/llm/cost", params={"by": "npc,day"})).json()
    assert {group["npc_id"] for group in costs["groups"]} == {"N0", "N1", "N2"}
    assert costs["total"]["cost"] == COUNT * (COUNT - 1) // 2
    assert (await web.get("/api/llm/budgets")).json() == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/decisions?cursor=x", 422),
        ("/api/decisions?since=yesterday", 422),
        ("/api/decisions?since=99999999999d", 422),
        ("/api/decisions?since=999999999d", 200),
        ("/api/decisions?limit=0", 422),
        ("/api/decisions?min_cost=nan", 422),
        ("/api/decisions?npc=" + "x" * 201, 422),
        ("/api/decisions?failed=true&code=-502&route=none", 200),
        ("/api/decisions/nothing", 404),
        ("/api/decisions/%00", 404),
        ("/api/decisions/" + "9" * 60, 404),
        ("/api/llm/cost?by=mood", 422),
        ("/api/llm/cost?by=", 200),
        ("/api/llm/stats?until=2026-13-01", 422),
    ],
)
async def test_odd_questions_get_an_answer_that_says_what_is_wrong(
    web: httpx.AsyncClient, path: str, status: int
) -> None:
    answer = await web.get(path)
    assert answer.status_code == status
    if status != 200:
        assert answer.json()["detail"]


async def test_the_routes_are_documented(web: httpx.AsyncClient) -> None:
    paths = (await web.get("/openapi.json")).json()["paths"]
    for path in ("/api/decisions", "/api/decisions/{which}", "/api/llm/cost", "/api/llm/stats"):
        assert paths[path]["get"]["summary"]
        assert "503" in paths[path]["get"]["responses"]
