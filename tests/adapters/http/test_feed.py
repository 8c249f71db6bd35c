"""`/api/feed`, `/api/trace`, `/api/events` and `/api/streams` on a real platform."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from adapters.nats.log import JetStreamLog
from events.npc import NpcInteracted, NpcRegistered, Profile
from events.subjects import log_subject
from tests.adapters.http.people import people
from tests.adapters.rathena.conftest import Platform
from tests.commits import commit, perceived
from tests.projections.conftest import until

STREAM = "npc/Händler John №1"
BEGAN = datetime.now(UTC)


async def history(log: JetStreamLog, operator: httpx.AsyncClient) -> list[int]:
    """A merchant is registered, hears a bell, trades because of it; a guard is registered. Their positions."""
    heard = commit(STREAM, perceived(), realm=log.realm, version=2, correlation_id="bell/1", time=BEGAN)
    made = [
        commit(STREAM, NpcRegistered(Profile("merchant")), realm=log.realm, time=BEGAN),
        heard,
        commit(
            STREAM,
            NpcInteracted("150001", "trade", {"item": "\x1b[31mred"}, True, {}),
            perceived("coin"),
            realm=log.realm,
            version=3,
            correlation_id="bell/1",
            causation_id=heard.id,
            time=BEGAN + timedelta(hours=2),
        ),
        commit(
            "npc/Guard", NpcRegistered(Profile("guard")), realm=log.realm, time=BEGAN + timedelta(hours=2)
        ),
    ]
    last: dict[str, int] = {}
    positions = []
    for each in made:
        last[each.stream] = (await log.append(each, expected=last.get(each.stream, 0))).position
        positions.append(last[each.stream])

    async def there() -> bool:
        return bool((await operator.get("/api/feed/span")).json()["last"] >= positions[-1])

    await until(there)
    return positions


async def ask(web: httpx.AsyncClient, path: str, **params: Any) -> Any:
    answer = await web.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_feed_is_filtered_paged_and_jumped_into(
    operator: httpx.AsyncClient, log: JetStreamLog
) -> None:
    first, bell, trade, guard = await history(log, operator)
    npcs = {"category": "npc"}
    page = await ask(operator, "/api/feed", **npcs, limit=2)
    assert [row["position"] for row in page["items"]] == [guard, trade]
    rest = await ask(operator, "/api/feed", **npcs, cursor=page["next"])
    assert [row["position"] for row in rest["items"]] == [trade, bell, first]
    assert rest["next"] is None
    oldest = await ask(operator, "/api/feed", **npcs, direction="newer")
    assert [row["position"] for row in oldest["items"]] == [first, bell, trade, trade, guard]
    assert [row["stream"] for row in (await ask(operator, "/api/feed", prefix="npc/G"))["items"]] == [
        "npc/Guard"
    ]
    assert len((await ask(operator, "/api/feed", type=["npc.perceived", "npc.registered"]))["items"]) == 4
    around = await ask(operator, "/api/feed", stream=STREAM, around=bell, limit=4)
    assert [row["position"] for row in around["items"]] == [trade, trade, bell, first]
    later = await ask(operator, "/api/feed", since=(BEGAN + timedelta(hours=1)).isoformat(), category="npc")
    assert {row["position"] for row in later["items"]} == {trade, guard}
    waited = await operator.get("/api/feed", params={"at_least": guard, "limit": 1})
    assert waited.status_code == 200

    rows = await ask(operator, "/api/feed/rows", **{"from": bell}, limit=2)
    assert {row["position"] for row in rows["items"]} <= {bell, bell + 1}
    density = await ask(operator, "/api/feed/density", buckets=10, type="npc.perceived")
    assert sum(bucket["count"] for bucket in density["buckets"]) == 2
    assert (await ask(operator, "/api/feed/place", at="1h"))["position"] > 0


async def test_a_trace_is_a_tree_and_an_event_knows_its_cause_and_effects(
    operator: httpx.AsyncClient, log: JetStreamLog
) -> None:
    first, bell, trade, _ = await history(log, operator)
    trace = await ask(operator, "/api/trace/bell%2F1")
    assert [root["position"] for root in trace["roots"]] == [bell]
    (child,) = trace["roots"][0]["children"]
    assert [event["type"] for event in child["events"]] == ["npc.interacted", "npc.perceived"]
    whole = await ask(operator, f"/api/events/{trade}")
    assert (whole["cause"], whole["effects"], whole["version"]) == (bell, [], 3)
    assert whole["events"][0]["data"]["data"] == {"item": "\x1b[31mred"}
    assert (await ask(operator, f"/api/events/{bell}"))["effects"] == [trade]
    assert (await ask(operator, f"/api/events/{first}"))["cause"] is None


async def test_a_stream_is_told_as_it_was_and_what_changed(
    operator: httpx.AsyncClient, log: JetStreamLog
) -> None:
    first, bell, trade, _ = await history(log, operator)
    path = f"/api/streams/{STREAM}"
    now = await ask(operator, path)
    assert (now["version"], now["position"], now["state"]["registered"]) == (3, trade, True)
    then = await ask(operator, path, at=bell)
    assert (then["version"], then["position"]) == (2, bell)
    changed = await ask(operator, path, at=trade, diff=first)
    assert changed["from"] == {"version": 1, "position": first}
    assert {"path": "version", "before": 1, "after": 3} in changed["changes"]
    assert (await ask(operator, path, diff="previous"))["from"]["position"] == bell


async def test_what_cannot_be_read_is_shown_as_such(
    operator: httpx.AsyncClient, log: JetStreamLog, client: Any
) -> None:
    answer = await client.request(log_subject(log.realm, "npc/Broken"), b'{"no":"commit"}', timeout=5)
    position = json.loads(answer.data)["seq"]
    found = await ask(operator, f"/api/events/{position}")
    assert found["unreadable"] and found["raw"] == '{"no":"commit"}'


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        ("/api/feed?cursor=x", 422, "cursor"),
        ("/api/feed?since=yesterday", 422, "since"),
        ("/api/feed?around=nowhere", 422, "around"),
        ("/api/feed?limit=0", 422, "limit"),
        ("/api/feed?limit=100000", 422, "limit"),
        ("/api/feed?direction=up", 422, "direction"),
        ("/api/feed?stream=" + "x" * 401, 422, "stream"),
        ("/api/feed/rows", 422, "from"),
        ("/api/feed/rows?from=-1", 422, "from"),
        ("/api/feed/rows?from=99999999999999999999", 422, "from"),
        ("/api/feed/density?prefix=npc&type=x", 422, "prefix"),
        ("/api/feed/density?buckets=0", 422, "buckets"),
        ("/api/feed?category=nothing", 200, None),
        ("/api/feed?prefix=%F4%8F%BF%BF", 200, None),
        ("/api/feed?prefix=%00", 200, None),
        ("/api/trace/nothing", 404, "correlation_id"),
        ("/api/events/0", 404, "position"),
        ("/api/events/999999999", 404, "position"),
        ("/api/events/x", 422, "position"),
        ("/api/streams/npc/Nobody", 404, "stream"),
        ("/api/streams/nothing/x", 404, "stream"),
        ("/api/streams/npc/x?at=soon", 422, "at"),
        ("/api/streams/npc/x?diff=never", 422, "diff"),
    ],
)
async def test_odd_questions_get_the_right_status_and_the_field(
    operator: httpx.AsyncClient, path: str, status: int, field: str | None
) -> None:
    answer = await operator.get(path)
    assert answer.status_code == status, answer.text
    if field:
        assert answer.json()["field"] == field


async def test_only_operators_read_the_log(platform: Platform) -> None:
    paths = ("/api/feed", "/api/feed/span", "/api/feed/rows?from=1", "/api/feed/density", "/api/trace/x",
             "/api/events/1", "/api/streams/npc/x", "/api/projections", "/api/jobs", "/api/dead-letters")  # fmt: skip
    async with people(platform.settings, platform.http) as them:
        for role, status in (("player", 403), ("gamemaster", 403)):
            person = await them.make(role)
            for path in paths:
                assert (await person.get(path)).status_code == status
        for path in paths:
            assert (await them.nobody().get(path)).status_code == 401
