"""Administering accounts over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.adapters.http.conftest import Town
from tests.adapters.http.people import ADMINISTRATOR, PASSWORD, sign_in

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def change(town: Town, account_id: str, version: str, **body: Any) -> httpx.Response:
    path = f"/api/accounts/{account_id}"
    return await town.admin.web.patch(path, json=body, headers={"If-Match": version})


async def test_an_account_is_made_with_a_password_that_is_told_once(town: Town) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    made = await town.admin.post("/api/accounts", {"name": "Rosa", "role": "gamemaster"}, headers=key)
    body = made.json()
    assert (made.status_code, body["role"], body["version"]) == (201, "gamemaster", 1)
    assert made.headers["ETag"] == '"v1"'
    position = int(made.headers["X-Position"])
    stored = await town.log.at(position)
    assert stored is not None
    assert b"account.created" in stored.body
    assert body["password"].encode() not in stored.body
    await sign_in(town.stranger(), "rosa", body["password"])

    again = await town.admin.post("/api/accounts", {"name": "Rosa", "role": "gamemaster"}, headers=key)
    assert (again.status_code, again.json()["account_id"]) == (201, body["account_id"])
    assert "password" not in again.json()
    taken = await town.admin.post("/api/accounts", {"name": "ROSA"})
    assert (taken.status_code, taken.json()["field"]) == (409, "name")
    found = await town.admin.get(f"/api/accounts/{body['account_id']}")
    assert (found.json()["name"], "hash" in found.text) == ("Rosa", False)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "<script>"}, "name"),
        ({"name": "a b"}, "name"),
        ({"role": "player"}, "name"),
        ({"name": "bob", "role": "king"}, "role"),
        ({"name": "bob", "password": "short"}, "password"),
        ({"name": "bob", "email": "nonsense"}, "email"),
        ({"name": "bob", "language": "english"}, "language"),
        ({"name": "bob", "admin": True}, "admin"),
    ],
    ids=str,
)
async def test_what_cannot_be_an_account_is_refused_by_field(
    town: Town, body: dict[str, Any], field: str
) -> None:
    answer = await town.admin.post("/api/accounts", body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert (await town.admin.get("/api/accounts?q=bob")).json()["items"] == []


async def test_an_edit_names_the_version_it_was_made_from(town: Town) -> None:
    made = (await town.admin.post("/api/accounts", {"name": "Vera"})).json()
    path = f"/api/accounts/{made['account_id']}"
    bare = await town.admin.web.patch(path, json={"role": "operator"})
    assert (bare.status_code, bare.json()["field"]) == (428, "If-Match")
    changed = await change(town, made["account_id"], '"v1"', role="operator", email="vera@example.org")
    assert (changed.status_code, changed.json()["version"], changed.headers["ETag"]) == (200, 2, '"v2"')
    stale = await change(town, made["account_id"], '"v1"', role="player")
    assert (stale.status_code, stale.json()["version"], stale.json()["code"]) == (412, 2, "stale")
    assert (await change(town, made["account_id"], "nonsense", role="player")).status_code == 422
    assert (await change(town, "nobody", '"v1"', role="player")).status_code == 404
    taken = (await town.admin.post("/api/accounts", {"name": "Wanda"})).json()
    clash = await change(town, taken["account_id"], '"v1"', email="VERA@example.org")
    assert clash.status_code == 409
    found = (await town.admin.get(path)).json()
    assert (found["role"], found["email"]) == ("operator", "vera@example.org")


async def test_a_password_that_is_set_ends_all_sign_ins_of_the_account(town: Town) -> None:
    zoe = await town.people.make("player", "zoe")
    version = (await town.admin.get(f"/api/accounts/{zoe.account_id}")).headers["ETag"]
    weak = await change(town, zoe.account_id, version, password="zoe", role="admin")
    assert (weak.status_code, weak.json()["field"]) == (422, "password")
    assert (await zoe.get("/api/auth/user")).json()["role"] == "player"
    done = await change(town, zoe.account_id, version, password="eight dry candles")
    assert (done.status_code, done.json()["version"]) == (200, 2)
    assert (await zoe.get("/api/auth/user")).status_code == 401
    await sign_in(zoe.web, "zoe", "eight dry candles")


async def test_the_last_administrator_stays_one(town: Town) -> None:
    for body in ({"role": "player"}, {"disabled": True}):
        found = await town.admin.get(f"/api/accounts/{town.admin.account_id}")
        answer = await change(town, town.admin.account_id, found.headers["ETag"], **body)
        assert (answer.status_code, answer.json()["code"]) == (409, "last_admin")
    other = await town.people.make("admin")
    found = await town.admin.get(f"/api/accounts/{other.account_id}")
    assert (await change(town, other.account_id, found.headers["ETag"], role="player")).status_code == 200


async def test_accounts_are_listed_by_name_page_by_page(town: Town) -> None:
    for n in range(7):
        await town.people.accounts.people.create(f"page_{n}", "player", PASSWORD, by=ADMINISTRATOR)
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await town.admin.get(f"/api/accounts?q=PAGE_&limit=3&cursor={cursor}")).json()
        seen += [item["name"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = page["next"]
    assert seen == [f"page_{n}" for n in range(7)]
    for wrong in ("nonsense", "W10", "bnVsbA"):
        answer = await town.admin.get(f"/api/accounts?cursor={wrong}")
        assert (answer.status_code, answer.json()["field"]) == (422, "cursor")
    assert (await town.admin.get("/api/accounts?limit=0")).status_code == 422
    # An underscore is no pattern.
    assert (await town.admin.get("/api/accounts?q=pagex")).json()["items"] == []
    names = (await town.gamemaster.get("/api/accounts/names?q=page_3")).json()
    assert [(item["name"], len(item)) for item in names["items"]] == [("page_3", 3)]
