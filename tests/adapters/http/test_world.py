"""The people of the game world over HTTP, as game masters see them, now and back in time."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from adapters.nats.log import JetStreamLog
from tests.adapters.http.people import Person, people
from tests.adapters.rathena.conftest import Platform
from tests.projections.conftest import until

NAME = "Händler John/№1"


async def lived(web: httpx.AsyncClient) -> None:
    """A merchant who is helped, then attacked, who talks, and a guard."""
    for npc_id, archetype in ((NAME, "merchant"), ("Guard", "guard")):
        profile = {
            "npc_id": npc_id,
            "personality": {"archetype": archetype},
            "initial_goals": [{"goal": "sell wares", "priority": 5}],
            "map": "prontera",
            "x": 150,
            "y": 180,
        }
        assert (await web.post("/api/npc/register", json=profile)).status_code == 200
    for kind in ("helped", "attacked", "attacked"):
        event = {"npc_id": NAME, "event_type": kind, "event_data": {"player_id": "150001", "damage": 40}}
        answer = await web.post("/api/npc/event", json=event)
        assert answer.status_code == 200, answer.text


async def ask(person: Person, path: str, **params: Any) -> Any:
    answer = await person.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_an_npc_is_shown_as_it_is_and_as_it_was(platform: Platform, log: JetStreamLog) -> None:
    async with people(platform.settings, platform.http) as them:
        gm = await them.make("gamemaster")
        await lived(them.nobody())
        head = (await log.head()).position

        async def there() -> bool:
            return (await gm.get(PATH)).status_code == 200 and (await ask(gm, PATH))["head"] >= head

        await until(there)
        listed = await ask(gm, "/api/world/npcs", q="MERCH")
        assert [(row["npc_id"], row["archetype"]) for row in listed["items"]] == [(NAME, "merchant")]
        assert listed["items"][0]["counts"] == {"relationships": 1, "memories": 3}
        first = await ask(gm, "/api/world/npcs", limit=1)
        assert [row["npc_id"] for row in first["items"]] == ["Guard"]
        second = await ask(gm, "/api/world/npcs", cursor=first["next"])
        assert ([row["npc_id"] for row in second["items"]], second["next"]) == ([NAME], None)

        course = await ask(gm, f"{PATH}/timeline")
        helped, attacked = course["mood"][1]["position"], course["mood"][-1]["position"]
        assert course["first"] < helped < attacked == course["last"]
        (ties,) = course["relations"]
        assert (
            ties["subject"] == "150001" and ties["points"][0]["affection"] > ties["points"][-1]["affection"]
        )

        now = await ask(gm, PATH)
        assert now["emotion"]["primary"] != "neutral" and "150001" in now["emotion"]["cause"]
        assert now["goals"][0]["goal"] == "sell wares"
        assert now["profile"]["location"]["map"] == "prontera" and now["registered"]
        (relation,) = now["relationships"]
        assert (relation["subject"], relation["kind"], relation["position"]) == ("150001", "player", attacked)
        assert relation["affection"] < 0

        then = await ask(gm, PATH, at=helped)
        assert then["position"] == helped and then["relationships"][0]["affection"] > 0
        assert then["counts"] == {"relationships": 1, "memories": 1}
        assert (await gm.get(PATH, params={"at": course["first"] - 1})).status_code == 404
        assert (await ask(gm, PATH, at="0s"))["relationships"] == now["relationships"]

        memories = await ask(gm, f"{PATH}/memories")
        latest = memories["items"][0]
        assert (latest["position"], latest["kind"], latest["hearsay"]) == (attacked, "attacked", False)
        page = await ask(gm, f"{PATH}/memories", limit=2)
        rest = await ask(gm, f"{PATH}/memories", cursor=page["next"])
        assert page["items"] + rest["items"] == memories["items"] and len(memories["items"]) == 3
        assert len((await ask(gm, f"{PATH}/memories", at=helped))["items"]) == 1
        found = await ask(gm, f"{PATH}/memories", about="attacked")
        assert found["items"][0]["kind"] == "attacked"

        graph = await ask(gm, "/api/world/graph", npc=NAME)
        assert {(node["id"], node["kind"]) for node in graph["nodes"]} == {
            (NAME, "npc"),
            ("150001", "player"),
        }
        (edge,) = graph["edges"]
        assert (edge["from"], edge["to"]) == (NAME, "150001") and edge["weight"] < 0
        everybody = await ask(gm, "/api/world/graph", at=helped)
        assert everybody["edges"][0]["affection"] > 0 and everybody["position"] == helped

        # Why is it so? A game master may ask of what NPCs did.
        assert (await gm.get(f"/api/why/{attacked}")).status_code == 200


async def test_a_campaigns_graph_is_joined_with_the_npcs_its_elements_name_for_game_masters(
    platform: Platform,
) -> None:
    async with people(platform.settings, platform.http) as them:
        gm, player = await them.make("gamemaster"), await them.make("player")
        await lived(them.nobody())
        struck = {"npc_id": NAME, "event_type": "attacked", "event_data": {"player_id": "Guard", "damage": 9}}
        assert (await them.nobody().post("/api/npc/event", json=struck)).status_code == 200
        made = await gm.post("/api/campaigns", {"name": "The Drowned Crown"})
        campaign = f"/api/campaigns/{made.json()['campaign_id']}"
        added = await gm.post(f"{campaign}/members", {"account_id": player.account_id, "role": "player"})
        assert added.status_code == 201, added.text
        ids = {}
        for name, npc_id in (("John", NAME), ("The guard", "Guard"), ("A ghost", "Nobody"), ("Ilsa", "")):
            body = {"campaign_id": campaign.rpartition("/")[2], "kind": "npc", "visibility": "all"}
            fields = {"name": name} | ({"npc_id": npc_id} if npc_id else {})
            there = await gm.post("/api/elements", body | {"fields": fields})
            assert there.status_code == 201, there.text
            ids[name] = there.json()["element_id"]
        seen = {"X-At-Least": there.headers["X-Position"]}

        plain = (await gm.get(f"{campaign}/graph", headers=seen)).json()
        joined = (await gm.get(f"{campaign}/graph?npcs=1", headers=seen)).json()
        assert len(plain["nodes"]) == 4 and plain["edges"] == []
        assert joined["nodes"][4:] == [
            {"id": f"world/{each}", "kind": "world_npc", "name": each, "visibility": "gm", "npc_id": each}
            for each in ("Guard", NAME)
        ]
        edges = {(edge["from"], edge["to"], edge["kind"]): edge for edge in joined["edges"]}
        grudge = edges.pop((f"world/{NAME}", "world/Guard", "relation"))
        assert grudge["weight"] < 0
        assert set(edges) == {
            (ids["John"], f"world/{NAME}", "npc_id"),
            (ids["The guard"], "world/Guard", "npc_id"),
        }

        before = f"{campaign}/graph?npcs=1&at={grudge['since'] - 1}"
        assert "relation" not in {edge["kind"] for edge in (await gm.get(before)).json()["edges"]}
        refused = await player.get(f"{campaign}/graph?npcs=1", headers=seen)
        assert (refused.status_code, refused.json()["code"]) == (403, "campaign_role")
        through_his_eyes = await gm.get(f"{campaign}/graph?npcs=1&view_as={player.account_id}", headers=seen)
        assert through_his_eyes.status_code == 403
        added = await gm.web.patch(f"{campaign}/members/{player.account_id}", json={"role": "cogm"})
        seen = {"X-At-Least": added.headers["X-Position"]}
        refused = await player.get(f"{campaign}/graph?npcs=1", headers=seen)
        assert (refused.status_code, refused.json()["code"]) == (403, "role")


PATH = "/api/world/npcs/" + httpx.URL(path=f"/{NAME}").raw_path.decode()[1:].replace("/", "%2F")


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        ("/api/world/npcs/Nobody", 404, "npc_id"),
        ("/api/world/npcs/Nobody/timeline", 404, "npc_id"),
        ("/api/world/npcs/Nobody?at=soon", 422, "at"),
        ("/api/world/npcs/Nobody?at=99999999999999999999", 422, "at"),
        ("/api/world/npcs/Nobody/timeline?points=1", 422, "points"),
        ("/api/world/npcs/Nobody/memories?cursor=x", 422, "cursor"),
        ("/api/world/npcs?cursor=x", 422, "cursor"),
        ("/api/world/npcs?limit=0", 422, "limit"),
        ("/api/world/npcs?q=%25_%5C", 200, None),
        ("/api/world/npcs/%00", 404, "npc_id"),
        ("/api/world/graph?npc=Nobody", 200, None),
        ("/api/world/graph?limit=100000", 422, "limit"),
        ("/api/world/graph?at=never", 422, "at"),
    ],
)
async def test_odd_questions_about_the_world_are_answered(
    operator: httpx.AsyncClient, path: str, status: int, field: str | None
) -> None:
    answer = await operator.get(path)
    assert answer.status_code == status, answer.text
    if field:
        assert answer.json()["field"] == field
