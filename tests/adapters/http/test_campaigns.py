"""Campaigns, elements, characters and dice over HTTP, on one real platform."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.adapters.http.table import Table, refused, table

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def at(nats_state: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Table]:
    async with table(nats_state, tmp_path_factory.mktemp("table"), "table1") as made:
        yield made


async def test_a_campaign_is_shown_with_members_and_rendered_description(at: Table) -> None:
    found = (await at.gm.get(at.campaign)).json()
    assert (found["name"], found["my_role"], found["status"]) == ("The Drowned Crown", "owner", "active")
    assert found["html"]["description"] == "<p>A <strong>city</strong>.</p>"
    assert [m["name"] for m in found["members"]] == ["gm", "co", "tom", "ulf", "uma"]
    listed = (await at.tom.get("/api/campaigns")).json()
    assert [(each["campaign_id"], each["my_role"]) for each in listed["items"]] == [
        (at.campaign_id, "player")
    ]


async def test_whoever_is_no_member_finds_no_campaign_and_a_player_creates_none(at: Table) -> None:
    for path in ("", "/members", "/sessions", "/changes", "/graph", "/at", "/characters", "/dice"):
        theirs = refused(await at.eve.get(at.campaign + path), 404)
        nobodys = refused(await at.eve.get("/api/campaigns/nothing" + path), 404)
        assert theirs["detail"] == nobodys["detail"]
    assert (await at.eve.get("/api/campaigns")).json()["items"] == []
    refused(await at.tom.post("/api/campaigns", {"name": "Mine"}), 403)
    refused(await at.people.nobody().get(at.campaign), 401)
    refused(await at.eve.get(f"/api/elements/{at.campaign_id}"), 404)


async def test_an_admin_may_do_everything_everywhere(at: Table) -> None:
    found = await at.admin.get(at.campaign)
    assert (found.status_code, found.json()["my_role"]) == (200, "owner")
    version = found.json()["version"]
    changed = await at.admin.web.patch(at.campaign, json={"level": 5}, headers={"If-Match": f'"v{version}"'})
    assert changed.status_code == 200, changed.text
    everybodys = (await at.admin.get("/api/campaigns", params={"all": True})).json()["items"]
    assert at.campaign_id in {each["campaign_id"] for each in everybodys}


async def test_an_edit_names_the_version_it_changes(at: Table) -> None:
    version = (await at.gm.get(at.campaign)).json()["version"]
    refused(await at.gm.web.patch(at.campaign, json={"theme": "x"}), 428, "If-Match")
    old = {"If-Match": f'"v{version + 40}"'}
    stale = refused(await at.gm.web.patch(at.campaign, json={"theme": "x"}, headers=old), 412)
    assert stale["version"] == version
    refused(await at.gm.web.patch(at.campaign, json={"theme": "x"}, headers={"If-Match": "yesterday"}), 422)
    now = {"If-Match": f'"v{version}"'}
    changed = await at.gm.web.put(
        at.campaign, json={"name": "The Drowned Crown", "theme": "deep"}, headers=now
    )
    assert (changed.status_code, changed.json()["theme"]) == (200, "deep")
    assert changed.headers["ETag"] == f'"v{changed.json()["version"]}"'
    refused(await at.tom.web.patch(at.campaign, json={"theme": "y"}, headers=now), 403)


async def test_roles_are_given_by_those_above(at: Table) -> None:
    members = f"{at.campaign}/members"
    refused(await at.tom.post(members, {"account_id": at.eve.account_id, "role": "player"}), 403)
    refused(await at.co.post(members, {"account_id": at.eve.account_id, "role": "cogm"}), 403)
    refused(await at.gm.post(members, {"account_id": "nobody", "role": "player"}), 422, "account_id")
    refused(await at.gm.post(members, {"account_id": at.tom.account_id, "role": "player"}), 409)
    refused(await at.gm.web.delete(f"{members}/{at.gm.account_id}"), 409)
    promoted = await at.co.web.patch(f"{members}/{at.uma.account_id}", json={"role": "player"})
    assert promoted.status_code == 200
    back = await at.co.web.patch(f"{members}/{at.uma.account_id}", json={"role": "observer"})
    assert back.json()["role"] == "observer"


async def test_evenings_begin_end_and_have_a_recap_that_players_may_read(at: Table) -> None:
    sessions = f"{at.campaign}/sessions"
    begun = await at.gm.post(sessions, {"title": "Into the deep"})
    assert begun.json()["number"] == 1
    refused(await at.gm.post(sessions), 409)
    running = (await at.tom.get(at.campaign, headers={"X-At-Least": begun.headers["X-Position"]})).json()
    assert running["session"]["title"] == "Into the deep"
    ended = await at.gm.post(
        f"{sessions}/current/end", {"recap": "The *queen* lied.", "recap_players": "You won."}
    )
    refused(await at.gm.post(f"{sessions}/current/end"), 409)
    since = {"X-At-Least": ended.headers["X-Position"]}
    tom, gm = await at.tom.get(sessions, headers=since), await at.gm.get(sessions, headers=since)
    assert gm.json()["items"][0]["html"]["recap"] == "<p>The <em>queen</em> lied.</p>"
    assert tom.json()["items"][0]["recap_players"] == "You won."
    assert "queen" not in tom.text


async def test_an_element_is_made_changed_undone_and_removed(at: Table) -> None:
    made = await at.element(
        name="Ilsa", description="A <script>alert(1)</script> **keeper**.", status="Active"
    )
    element, path = made["element_id"], f"/api/elements/{made['element_id']}"
    assert (
        made["html"]["description"]
        == "<p>A &lt;script&gt;alert(1)&lt;/script&gt; <strong>keeper</strong>.</p>"
    )
    assert made["fields"]["status"] == "active"
    changed = await at.change(element, 1, name="Isolde", race="elf", status=None)
    assert changed["fields"] == {
        "name": "Isolde",
        "race": "elf",
        "description": made["fields"]["description"],
    }
    blame = changed["blame"]["race"]
    assert (blame["version"], blame["actor"]["name"], blame["position"]) == (2, "gm", changed["position"])
    stale = await at.gm.web.patch(path, json={"fields": {"race": "orc"}}, headers={"If-Match": '"v1"'})
    assert refused(stale, 412)["version"] == 2
    undone = (await at.gm.post(f"{path}/undo", {"version": 2})).json()
    assert undone["fields"] == made["fields"]
    assert undone["blame"]["race"]["origin"] == {"by": "hand", "undo_of": 2}
    again = (await at.gm.post(f"{path}/undo", {"version": 3})).json()
    assert again["fields"] == changed["fields"]
    refused(await at.gm.post(f"{path}/undo", {"version": 9}), 404, "version")
    refused(await at.gm.web.delete(path), 428)
    gone = await at.gm.web.delete(path, headers={"If-Match": '"v4"'})
    assert gone.status_code == 204
    since = {"X-At-Least": gone.headers["X-Position"]}
    assert refused(await at.gm.get(f"/api/element/{element}", headers=since), 410)["version"] == 5
    refused(await at.tom.get(f"/api/element/{element}", headers=since), 404)
    listed = (
        await at.gm.get(f"/api/elements/{at.campaign_id}", params={"removed": True}, headers=since)
    ).json()
    assert [each["element_id"] for each in listed["items"]] == [element]
    restored = await at.gm.post(f"{path}/restore")
    assert (restored.status_code, restored.json()["version"]) == (200, 6)
    reverted = (await at.gm.post(f"{path}/revert", {"version": 1})).json()
    assert reverted["fields"] == made["fields"]
    revisions = (await at.gm.get(f"{path}/revisions", params={"at_least": reverted["position"]})).json()[
        "items"
    ]
    assert [each["version"] for each in revisions] == [7, 6, 5, 4, 3, 2, 1]
    second = (await at.gm.get(f"{path}/revisions/2")).json()
    assert (second["fields"]["name"], second["changed"]) == ("Isolde", ["name", "race", "status"])


async def test_repeating_a_request_under_its_key_does_it_once(at: Table) -> None:
    body = {
        "campaign_id": at.campaign_id,
        "kind": "note",
        "fields": {"name": "Once", "description": "x" * 300},
    }
    first, second = [
        await at.gm.post("/api/elements", body, headers={"Idempotency-Key": "k1"}) for _ in range(2)
    ]
    assert first.json()["element_id"] == second.json()["element_id"]
    assert first.headers["X-Position"] == second.headers["X-Position"]
    other = {**body, "fields": {"name": "Twice"}}
    refused(await at.gm.post("/api/elements", other, headers={"Idempotency-Key": "k1"}), 409)
    roll = {"expression": "8d6"}
    rolls = [
        await at.tom.post(f"{at.campaign}/dice", roll, headers={"Idempotency-Key": "k1"}) for _ in range(2)
    ]
    assert rolls[0].json()["faces"] == rolls[1].json()["faces"]


async def test_two_who_edit_at_once_do_not_overwrite_each_other(at: Table) -> None:
    made = await at.element(name="Contested")
    path, version = f"/api/elements/{made['element_id']}", {"If-Match": '"v1"'}
    edits = [
        who.web.patch(path, json={"fields": {"race": race}}, headers=version)
        for who, race in ((at.gm, "elf"), (at.co, "orc"))
    ]
    assert sorted(answer.status_code for answer in await asyncio.gather(*edits)) == [200, 412]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": "x", "wings": 1}, "fields.wings"),
        ({"name": ""}, "fields.name"),
        ({"name": "x", "description": "a" * 20_001}, "fields.description"),
        ({"name": "x", "location_id": "nowhere"}, "fields.location_id"),
        ({"name": "x", "tags": {"a": 1}}, "fields.tags"),
        ({"name": "x", "hit_points": 1e300}, "fields.hit_points"),
        ({"name": "x", "relations": [{"to": "nobody", "weight": 101}]}, "fields.relations"),
    ],
)
async def test_what_cannot_be_is_refused_by_name(at: Table, fields: dict[str, object], field: str) -> None:
    body = {"campaign_id": at.campaign_id, "kind": "npc", "fields": fields}
    refused(await at.gm.post("/api/elements", body), 422, field)


async def test_text_that_is_no_unicode_and_bodies_that_are_no_json_are_refused(at: Table) -> None:
    json_type = {"Content-Type": "application/json"}
    start = f'{{"campaign_id": "{at.campaign_id}", "kind": "note", "fields": {{"name": '
    for value in ('"\\ud800"', '["\\udfff"]', "NaN", "[" * 5000 + "]" * 5000, '"x"'):
        body = (start + value + "}" * (2 if value != '"x"' else 1)).encode()
        answer = await at.gm.web.post("/api/elements", content=body, headers=json_type)
        assert answer.status_code in (400, 422), (value[:20], answer.status_code, answer.text[:200])


async def test_another_campaigns_elements_cannot_be_referred_to_or_read(at: Table) -> None:
    theirs = (await at.eve.post("/api/campaigns", {"name": "Eve's"})).json()["campaign_id"]
    body = {"campaign_id": theirs, "kind": "location", "fields": {"name": "Their Port"}, "visibility": "all"}
    port = (await at.eve.post("/api/elements", body)).json()["element_id"]
    npc = {"campaign_id": at.campaign_id, "kind": "npc", "fields": {"name": "x", "location_id": port}}
    refused(await at.gm.post("/api/elements", npc), 422, "fields.location_id")
    for path in (
        f"/api/element/{port}",
        f"/api/elements/{port}/revisions",
        f"/api/elements/{port}/backlinks",
    ):
        refused(await at.gm.get(path), 404, "element_id")
    refused(await at.gm.post(f"/api/elements/{port}/visibility", {"visibility": "gm"}), 404, "element_id")
    refused(await at.gm.post("/api/elements", {**body, "fields": {"name": "Spy"}}), 404)
    note = await at.element("note", "all", name="Hint", description=f"See [[{port}]].")
    assert (note["html"]["description"], note["references"]) == ("<p>See ….</p>", {})


async def test_players_keep_their_own_characters(at: Table) -> None:
    characters = f"{at.campaign}/characters"
    made = await at.tom.post(
        characters, {"fields": {"name": "Brannoc", "notes": "afraid of **eels**", "level": 3}}
    )
    assert made.status_code == 201, made.text
    hero = made.json()
    assert (hero["player"], hero["html"]) == (
        at.tom.account_id,
        {"notes": "<p>afraid of <strong>eels</strong></p>"},
    )
    path = f"{characters}/{hero['character_id']}"
    tag = {"If-Match": made.headers["ETag"]}
    refused(await at.ulf.web.patch(path, json={"fields": {"level": 20}}, headers=tag), 403)
    refused(await at.uma.post(characters, {"fields": {"name": "x"}}), 403)
    changed = await at.tom.web.patch(path, json={"fields": {"level": 4}}, headers=tag)
    assert changed.json()["fields"]["level"] == 4
    assert refused(await at.tom.web.patch(path, json={"fields": {"level": 5}}, headers=tag), 412)["version"]
    since = {"X-At-Least": changed.headers["X-Position"]}
    assert "eels" not in (await at.ulf.get(characters, headers=since)).text
    assert "eels" in (await at.gm.get(characters, headers=since)).text
    assert (
        "eels" not in (await at.gm.get(characters, params={"view_as": at.ulf.account_id}, headers=since)).text
    )
    gone = await at.gm.web.delete(path, headers={"If-Match": changed.headers["ETag"]})
    assert gone.status_code == 204


async def test_dice_prove_themselves_and_those_behind_the_screen_stay_there(at: Table) -> None:
    dice = f"{at.campaign}/dice"
    open_roll = (await at.tom.post(dice, {"expression": "2d6+3", "label": "axe"})).json()
    hidden = await at.gm.post(dice, {"expression": "1d20", "visibility": "gm", "label": "stealth"})
    refused(await at.tom.post(dice, {"expression": "1d20", "visibility": "gm"}), 403)
    refused(await at.uma.post(dice, {"expression": "1d20"}), 403)
    refused(await at.tom.post(dice, {"expression": "1d"}), 422, "expression")
    refused(await at.eve.post(dice, {"expression": "1d20"}), 404)
    since = {"X-At-Least": hidden.headers["X-Position"]}
    assert "stealth" not in (await at.tom.get(dice, headers=since)).text
    assert "stealth" in (await at.gm.get(dice, headers=since)).text
    refused(await at.tom.get(f"{dice}/{hidden.json()['position']}", headers=since), 404)
    proof = (await at.uma.get(f"{dice}/{open_roll['position']}")).json()
    assert [verdict["ok"] for verdict in proof["verdicts"]] == [True, True]


async def test_pages_follow_their_cursor_and_a_strange_one_is_refused(at: Table) -> None:
    for number in range(5):
        await at.element("event", "all", name=f"Paged {number}")
    wanted: dict[str, object] = {"kind": "event", "q": "PAGED", "limit": 2}
    seen: list[str] = []
    cursor = None
    while True:
        found = (
            await at.tom.get(
                f"/api/elements/{at.campaign_id}", params={**wanted, **({"cursor": cursor} if cursor else {})}
            )
        ).json()
        seen += [each["name"] for each in found["items"]]
        cursor = found["next"]
        if cursor is None:
            break
    assert seen == [f"Paged {number}" for number in range(5)]
    for strange in ("x", "WzFd", "%00", "a" * 600):
        refused(
            await at.tom.get(f"/api/elements/{at.campaign_id}", params={"cursor": strange}), 422, "cursor"
        )
    for far in (2**63, -(10**30)):
        beyond = base64.urlsafe_b64encode(str([far]).encode()).decode()
        refused(
            await at.tom.get(f"/api/campaigns/{at.campaign_id}/dice", params={"cursor": beyond}),
            422,
            "cursor",
        )


async def test_a_list_tells_fields_that_refer_to_nothing_as_far_as_one_may_see_them(at: Table) -> None:
    made = await at.element("quest", "all", name="Listed", status="active", required_level=3)
    hidden = {"visibility": "all", "field_visibility": {"required_level": "gm"}}
    shown = await at.gm.post(f"/api/elements/{made['element_id']}/visibility", hidden)
    since = {"X-At-Least": shown.headers["X-Position"]}
    query: dict[str, Any] = {"q": "listed", "fields": ["status", "required_level"]}
    for person, fields in (
        (at.gm, {"status": "active", "required_level": 3}),
        (at.tom, {"status": "active"}),
    ):
        answer = await person.get(f"/api/elements/{at.campaign_id}", params=query, headers=since)
        assert [each["fields"] for each in answer.json()["items"]] == [fields]
    for strange in ("secrets", "quest_giver_id", "description", "%00"):
        refused(await at.gm.get(f"/api/elements/{at.campaign_id}", params={"fields": strange}), 422, "fields")


async def test_a_position_a_time_and_nonsense_as_moments(at: Table) -> None:
    made = await at.element("note", "all", name="Now you see it")
    element = f"/api/element/{made['element_id']}"
    then, later = made["position"] - 1, made["position"]
    refused(await at.gm.get(element, params={"at": then}), 404)
    assert (await at.gm.get(element, params={"at": later})).json()["name"] == "Now you see it"
    assert (await at.gm.get(element, params={"at": "2999-01-01T00:00:00Z"})).status_code == 200
    refused(await at.gm.get(element, params={"at": "1999-01-01T00:00:00Z"}), 404)
    refused(await at.gm.get(element, params={"at": "yesterday"}), 422, "at")
    assert (await at.gm.get(element, params={"at": "9" * 15})).status_code == 200
    was = (await at.gm.get(f"{at.campaign}/at", params={"position": then})).json()
    assert "Now you see it" not in {each["name"] for each in was["elements"]}
    compared = (await at.gm.get(f"{at.campaign}/at", params={"position": then, "compare": later})).json()
    assert [each["name"] for each in compared["added"]] == ["Now you see it"]


async def test_schemas_describe_forms_in_two_languages(at: Table) -> None:
    english, french = [
        (await at.tom.get("/api/schemas/npc", params={"lang": lang})).json() for lang in ("en", "fr")
    ]
    assert (english["title"], french["title"]) == ("NPC", "PNJ")
    name = english["properties"]["location_id"]
    assert (name["x-widget"], name["x-reference"], name["x-section"]) == ("reference", ["location"], "links")
    assert set((await at.tom.get("/api/schemas")).json()) == {
        "location", "npc", "quest", "event", "note", "encounter", "character",
    }  # fmt: skip
    refused(await at.tom.get("/api/schemas/deity"), 422)


async def test_an_archived_campaign_is_read_but_not_changed(at: Table) -> None:
    made = (await at.gm.post("/api/campaigns", {"name": "Old"})).json()
    path = f"/api/campaigns/{made['campaign_id']}"
    archived = await at.gm.web.delete(path, headers={"If-Match": '"v1"'})
    assert archived.json()["archived"] is True
    body = {"campaign_id": made["campaign_id"], "kind": "note", "fields": {"name": "x"}}
    refused(await at.gm.post("/api/elements", body), 409, "status")
    listed = (await at.gm.get("/api/campaigns", params={"at_least": archived.headers["X-Position"]})).json()
    assert made["campaign_id"] not in {each["campaign_id"] for each in listed["items"]}
    assert (await at.gm.post(f"{path}/restore")).json()["archived"] is False


async def test_a_campaign_changes_hands(at: Table) -> None:
    made = (await at.gm.post("/api/campaigns", {"name": "Handed"})).json()
    path = f"/api/campaigns/{made['campaign_id']}"
    await at.gm.post(f"{path}/members", {"account_id": at.co.account_id, "role": "player"})
    refused(await at.co.post(f"{path}/owner", {"account_id": at.co.account_id}), 403)
    given = await at.gm.post(f"{path}/owner", {"account_id": at.co.account_id})
    assert given.status_code == 200, given.text
    found = (await at.co.get(path, headers={"X-At-Least": given.headers["X-Position"]})).json()
    assert [(m["name"], m["role"]) for m in found["members"]] == [("co", "owner"), ("gm", "cogm")]
    left = await at.gm.web.delete(f"{path}/members/{at.gm.account_id}")
    refused(await at.gm.get(path, headers={"X-At-Least": left.headers["X-Position"]}), 404)


MARK = "zqx"


async def test_nothing_of_the_game_masters_reaches_a_player_over_http(at: Table) -> None:
    lair = await at.element("location", name="zqx lair", description="zqx deep")
    spy = await at.element("npc", "members", members=[at.ulf.account_id], name="zqx spy", notes="zqx")
    relations = [{"to": lair["element_id"], "label": "zqx hides in", "weight": 1}]
    text = f"Knows [[{lair['element_id']}]] and [[{spy['element_id']}]]."
    host = await at.element(
        "npc",
        "all",
        name="Innkeeper",
        description=text,
        secrets="zqx cultist",
        relations=relations,
        npc_id="zqx-1",
    )
    plot = await at.element(
        "quest", name="zqx plot", description="zqx plan", quest_giver_id=host["element_id"]
    )
    await at.change(plot["element_id"], 1, name="Plot", description="Clean.")
    await at.gm.post(f"/api/elements/{plot['element_id']}/visibility", {"visibility": "all"})
    last = await at.change(host["element_id"], 1, secrets="zqx priest")
    since, head = {"X-At-Least": str(last["position"])}, last["position"]
    unseen = (lair["element_id"], spy["element_id"])
    paths = [
        at.campaign + path
        for path in ("", "/members", "/sessions", "/characters", "/dice", "/graph", "/changes")
    ]
    paths += [
        f"{at.campaign}/changes?since=session&limit=1",
        f"{at.campaign}/at",
        f"/api/elements/{at.campaign_id}?limit=1",
    ]
    paths += [f"/api/elements/{at.campaign_id}?q={word}" for word in ("zqx", "cultist", "Innkeeper")]
    paths += [
        f"/api/elements/{at.campaign_id}?removed=1",
        f"/api/elements/{at.campaign_id}?visibility=gm&tag=zqx",
    ]
    for position in range(head - 7, head + 1):
        paths += [f"{at.campaign}/graph?at={position}", f"{at.campaign}/at?position={position}"]
        paths += [f"{at.campaign}/at?position={position}&compare={head}"]
        paths += [f"/api/element/{each}?at={position}" for each in (host["element_id"], plot["element_id"])]
    for each in (host["element_id"], plot["element_id"], *unseen):
        paths += [
            f"/api/element/{each}",
            f"/api/elements/{each}/revisions",
            f"/api/elements/{each}/backlinks?history=1",
        ]
        paths += [f"/api/elements/{each}/revisions/{version}" for version in (1, 2, 3)]
    for path in paths:
        asked = [
            at.tom.get(path, headers=since),
            at.gm.get(path, params={"view_as": at.tom.account_id}, headers=since),
        ]
        for answer in await asyncio.gather(*asked):
            assert answer.status_code < 500, (path, answer.text)
            if answer.request.url.params.get("q") is None:
                body = answer.text.replace(path.partition("?")[0], "")
                assert MARK not in body, path
                assert not any(each in body for each in unseen), path
    found = (await at.tom.get(f"/api/element/{host['element_id']}", headers=since)).json()
    assert found["html"]["description"] == "<p>Knows … and ….</p>"
    assert (found["version"], found["backlinks"][0]["name"]) == (1, "Plot")
    assert (await at.tom.get(f"/api/elements/{at.campaign_id}?q=cultist", headers=since)).json()[
        "items"
    ] == []
    mine = (await at.ulf.get(f"/api/element/{spy['element_id']}", headers=since)).json()
    assert (mine["fields"], mine["visibility"], mine["blame"].keys()) == (
        {"name": "zqx spy"},
        "all",
        {"name"},
    )
    refused(await at.tom.get(f"/api/element/{lair['element_id']}", headers=since), 404, "element_id")
    refused(await at.tom.get(at.campaign, params={"view_as": at.gm.account_id}), 403)
    refused(await at.gm.get(at.campaign, params={"view_as": "nobody"}), 404, "view_as")
