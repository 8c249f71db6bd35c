"""Projections, jobs and dead letters over HTTP: a running platform repairs itself while it works."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy import update

from adapters.nats.log import JetStreamLog
from adapters.sql.engine import open_database
from events.operator import OperatorActed
from events.subjects import log_subject
from projections.npc_tables import NPCS
from tests.adapters.http.people import people
from tests.adapters.rathena.conftest import Platform
from tests.commits import commit, perceived
from tests.projections.conftest import until


async def ended(web: httpx.AsyncClient, job_id: str) -> dict[str, Any]:
    found: dict[str, Any] = {}

    async def over() -> bool:
        found.update((await web.get(f"/api/jobs/{job_id}")).json())
        return bool(found["state"] != "running")

    await until(over, 60)
    return found


async def acts(log: JetStreamLog) -> list[OperatorActed]:
    return [
        event
        async for page in log.read_all()
        for message in page
        if ".operator." in message.subject
        for event in _events(message.body)
    ]


def _events(body: bytes) -> list[OperatorActed]:
    from events import codec

    return [event for event in codec.decode(body).events if isinstance(event, OperatorActed)]


async def test_a_read_model_that_was_damaged_is_found_and_rebuilt_beside_a_running_platform(
    platform: Platform, log: JetStreamLog
) -> None:
    async with people(platform.settings, platform.http) as them:
        ann = await them.make("operator")
        registered = {"personality": {"archetype": "guard"}, "map": "prontera", "x": 1, "y": 2}
        made = await them.nobody().post("/api/npc/register", json={"npc_id": "Guard", **registered})
        assert made.status_code == 200, made.text

        async def folded() -> bool:
            return (await ann.get("/api/world/npcs/Guard")).status_code == 200

        await until(folded)
        database = open_database(platform.settings.database_url)
        with database.writer.begin() as connection:
            assert connection.execute(update(NPCS).values(health=1)).rowcount == 1
        database.close()

        begun = await ann.post("/api/projections/npcs/verify")
        assert begun.status_code == 202, begun.text
        busy = await ann.post("/api/projections/feed/rebuild")
        assert (busy.status_code, busy.json()["code"]) == (409, "job_running")
        found = await ended(ann.web, begun.json()["job_id"])
        assert (found["state"], found["result"]["ok"]) == ("finished", False)
        assert [verdict["equal"] for verdict in found["result"]["read_models"]] == [False]

        begun = await ann.post("/api/projections/npcs/rebuild", {"afresh": True})
        found = await ended(ann.web, begun.json()["job_id"])
        assert (found["state"], found["result"]["finished"]) == ("finished", True), found
        assert (await them.nobody().get("/api/npc/Guard/state")).json()["data"]["health"] == 100
        found = await ended(ann.web, (await ann.post("/api/projections/all/verify")).json()["job_id"])
        assert found["result"]["ok"], found

        listed = (await ann.get("/api/projections")).json()
        npcs = next(item for item in listed["items"] if item["name"] == "npcs")
        assert npcs["version"] == npcs["stored_version"] and npcs["dead_letters"] == 0
        assert len((await ann.get("/api/jobs")).json()["items"]) == 3

        async def recorded() -> bool:
            done = [(act.action, act.target) for act in await acts(log)]
            return done.count(("projection.rebuild.ended", "npcs")) == 1 and len(done) == 6

        await until(recorded)


async def test_dead_letters_are_grouped_replayed_and_given_up(
    platform: Platform, log: JetStreamLog, client: Any
) -> None:
    async with people(platform.settings, platform.http) as them:
        ann = await them.make("operator")
        await client.request(log_subject(log.realm, "npc/Broken"), b'{"no":"commit"}', timeout=5)
        last = int((await log.head()).position)
        behind = commit("npc/Broken", perceived(), realm=log.realm, version=2)
        await log.append(behind, expected=last)

        async def there() -> bool:
            found = (await ann.get("/api/dead-letters", params={"projection": "npcs"})).json()
            return [item["status"] for item in found["items"]] == ["poison", "blocked"]

        await until(there)
        found = (await ann.get("/api/dead-letters", params={"limit": 1})).json()
        assert len(found["items"]) == 1 and found["next"]
        after = (await ann.get("/api/dead-letters", params={"cursor": found["next"]})).json()
        every = (await ann.get("/api/dead-letters")).json()["items"]
        assert found["items"] + after["items"] == every and len(every) >= 12
        group = next(g for g in found["groups"] if g["projection"] == "npcs" and g["status"] == "poison")
        assert (group["count"], group["streams"]) == (1, ["npc/Broken"])
        projections = (await ann.get("/api/projections")).json()["items"]
        assert next(item for item in projections if item["name"] == "npcs")["dead_letters"] == 2

        again = (await ann.post(f"/api/dead-letters/npcs:{last}/replay")).json()
        assert (again["applied"], again["failed_at"]) == (0, last)
        given = await ann.post(f"/api/dead-letters/npcs:{last}/discard", {"reason": "it never was a commit"})
        assert (given.status_code, given.json()["applied"]) == (200, 1), given.text
        assert [(act.action, act.target) for act in await acts(log)] == [
            ("dead_letter.replay", f"npcs:{last}"),
            ("dead_letter.discard", f"npcs:{last}"),
        ]
        gone = await ann.post(f"/api/dead-letters/npcs:{last}/replay")
        assert gone.status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "field"),
    [
        ("POST", "/api/projections/nothing/rebuild", {}, 404, "name"),
        ("POST", "/api/projections/npcs/rebuild", {"afresh": "perhaps"}, 422, "afresh"),
        ("POST", "/api/projections/npcs/rebuild", {"colour": 1}, 422, "colour"),
        ("GET", "/api/jobs/none", None, 404, "job_id"),
        ("DELETE", "/api/jobs/none", None, 404, "job_id"),
        ("POST", "/api/dead-letters/npcs:7/replay", {}, 404, "letter_id"),
        ("POST", "/api/dead-letters/npcs/replay", {}, 404, "letter_id"),
        ("POST", "/api/dead-letters/none:7/discard", {"reason": "x"}, 404, "letter_id"),
        ("POST", "/api/dead-letters/npcs:7/discard", {"reason": ""}, 422, "reason"),
        ("GET", "/api/dead-letters?status=alive", None, 422, "status"),
        ("GET", "/api/dead-letters?cursor=x", None, 422, "cursor"),
        ("POST", "/api/decisions/nothing/replay", {}, 404, "which"),
        ("POST", "/api/decisions/nothing/rerun", {}, 404, "which"),
    ],
)
async def test_what_cannot_be_done_says_why(
    operator: httpx.AsyncClient, method: str, path: str, body: Any, status: int, field: str
) -> None:
    answer = await operator.request(method, path, json=body)
    assert (answer.status_code, answer.json().get("field")) == (status, field), answer.text


async def test_only_operators_may_touch_anything(platform: Platform, log: JetStreamLog) -> None:
    async with people(platform.settings, platform.http) as them:
        for person in (await them.make("player"), await them.make("gamemaster")):
            for path in ("projections/npcs/rebuild", "projections/npcs/verify", "dead-letters/npcs:1/replay",
                         "decisions/x/replay", "decisions/x/rerun"):  # fmt: skip
                assert (await person.post(f"/api/{path}")).status_code == 403
    assert await acts(log) == []
