"""Signing in, staying signed in and being thrown out, on a real platform."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import jwt
import pytest
from sqlalchemy import update

from adapters.accounts.tables import REFRESH_TOKENS
from adapters.accounts.tokens import keys_of
from adapters.accounts.vault import Vault
from events import codec
from tests.adapters.http.conftest import Town
from tests.adapters.http.people import ADMINISTRATOR, PASSWORD, sign_in
from tests.projections.conftest import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

COOKIE = "lorestream_refresh"
MINUTE = 60_000_000


def own(town: Town) -> dict[str, str]:
    """What a browser adds to a request of our own page."""
    return {"Sec-Fetch-Site": "same-origin", "Origin": town.url, "Idempotency-Key": "k"}


async def renew(town: Town, web: httpx.AsyncClient, token: str | None = None) -> httpx.Response:
    cookies = {"Cookie": f"{COOKIE}={token}"} if token else {}
    return await web.post("/api/auth/refresh", headers={**own(town), **cookies})


def age(town: Town, microseconds: int) -> None:
    """Let so much time pass for all tokens that were used."""
    vault = Vault(town.settings)
    used = REFRESH_TOKENS.c.used_at
    vault.now(lambda c: c.execute(update(REFRESH_TOKENS).where(used > 0).values(used_at=used - microseconds)))
    vault.close()


async def told(town: Town, account_id: str) -> list[str]:
    """The types of all events of an account."""
    return [
        event.type
        async for recorded in town.log.read(f"account/{account_id}")
        for event in recorded.commit.events
    ]


async def test_whoever_signs_in_is_known_until_he_signs_out(town: Town) -> None:
    mira = await town.people.make("gamemaster", "Mira")
    user = (await mira.get("/api/auth/user")).json()
    assert (user["account_id"], user["name"], user["role"]) == (mira.account_id, "Mira", "gamemaster")
    again = (await renew(town, mira.web)).json()
    assert again["user"] == user
    assert again["expires_in"] == 600
    described = await mira.web.patch("/api/auth/user", json={"display": "Mira the Grey", "language": "fr"})
    assert (described.json()["display"], described.json()["language"]) == ("Mira the Grey", "fr")
    assert (await mira.post("/api/auth/logout")).status_code == 204
    assert (await mira.get("/api/auth/user")).json()["code"] == "token_invalid"
    assert (await renew(town, mira.web)).status_code == 401
    assert await told(town, mira.account_id) == ["account.created", "account.signed_in", "account.signed_out"]


async def test_names_are_compared_without_case_and_an_address_will_do_too(town: Town) -> None:
    await town.people.accounts.people.create(
        "Große.Frau", "player", PASSWORD, by=ADMINISTRATOR, email="Frau@Example.org"
    )
    for given in ({"name": "GROSSE.FRAU"}, {"name": "frau@example.org"}, {"email": "FRAU@EXAMPLE.ORG"}):
        answer = await town.stranger().post("/api/auth/login", json={**given, "password": PASSWORD})
        assert answer.status_code == 200, given


async def test_an_unknown_name_and_a_wrong_password_look_the_same(town: Town) -> None:
    ben = await town.people.make("player", "ben")
    web = town.stranger("203.0.113.2")
    wrong = await web.post("/api/auth/login", json={"name": "ben", "password": "not the right one"})
    unknown = await web.post("/api/auth/login", json={"name": "nobody", "password": "not the right one"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert COOKIE not in web.cookies

    async def recorded() -> bool:
        return (await told(town, ben.account_id)).count("account.sign_in_refused") == 1

    await until(recorded)


async def test_a_disabled_account_is_out_at_once_and_only_its_owner_is_told(town: Town) -> None:
    eve = await town.people.make("player", "eve")
    found = (await town.admin.get(f"/api/accounts/{eve.account_id}")).headers["etag"]
    path = f"/api/accounts/{eve.account_id}"
    off = await town.admin.web.patch(path, json={"disabled": True}, headers={"If-Match": found})
    assert (off.status_code, off.json()["disabled"]) == (200, True)
    assert (await eve.get("/api/auth/user")).status_code == 401
    assert (await renew(town, eve.web)).status_code == 401
    web = town.stranger("203.0.113.3")
    right = await web.post("/api/auth/login", json={"name": "eve", "password": PASSWORD})
    wrong = await web.post("/api/auth/login", json={"name": "eve", "password": "something else"})
    assert (right.status_code, right.json()["code"], wrong.status_code) == (403, "disabled", 401)
    on = await town.admin.web.patch(path, json={"disabled": False}, headers={"If-Match": off.headers["etag"]})
    assert on.status_code == 200
    assert (await eve.get("/api/auth/user")).status_code == 401
    await sign_in(web, "eve")


async def test_a_role_that_changes_elsewhere_counts_here_within_five_seconds(town: Town) -> None:
    otto = await town.people.make("operator", "otto")
    assert (await otto.get("/api/llm/stats")).status_code == 200
    await town.people.accounts.people.change(otto.account_id, by=ADMINISTRATOR, role="player")

    async def demoted() -> bool:
        return (await otto.get("/api/llm/stats")).status_code == 403

    await until(demoted, 5)


async def test_each_refresh_token_is_good_for_one_use_and_a_second_one_ends_the_sign_in(town: Town) -> None:
    anna = await town.people.make("player", "anna")
    first = anna.web.cookies[COOKIE]
    assert (await renew(town, anna.web)).status_code == 200
    second = anna.web.cookies[COOKIE]
    assert second != first
    age(town, MINUTE)
    thief = await renew(town, town.stranger(), first)
    assert (thief.status_code, thief.json()["code"]) == (401, "token_reused")
    assert COOKIE not in thief.cookies
    assert (await renew(town, anna.web)).status_code == 401
    assert (await anna.get("/api/auth/user")).status_code == 401

    async def recorded() -> bool:
        return "account.token_reused" in await told(town, anna.account_id)

    await until(recorded)
    # Only this sign-in ended.
    await sign_in(anna.web, "anna")
    assert (await renew(town, anna.web)).status_code == 200


async def test_two_tabs_that_renew_at_the_same_moment_stay_signed_in(town: Town) -> None:
    tess = await town.people.make("player", "tess")
    token = tess.web.cookies[COOKIE]
    tabs = [town.stranger() for _ in range(3)]
    answers = await asyncio.gather(*(renew(town, tab, token) for tab in tabs))
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    kept, spent = answers[-1].cookies[COOKIE], answers[0].cookies[COOKIE]
    assert len({answer.cookies[COOKIE] for answer in answers}) == 3
    # The browser kept the last; the moment it is used, nobody else can come with its siblings.
    assert (await renew(town, town.stranger(), kept)).status_code == 200
    age(town, MINUTE)
    assert (await renew(town, town.stranger(), spent)).json()["code"] == "token_reused"


async def test_a_token_is_not_renewed_without_end_by_many_tabs(town: Town) -> None:
    hugo = await town.people.make("player", "hugo")
    token = hugo.web.cookies[COOKIE]
    codes = [(await renew(town, town.stranger(), token)).status_code for _ in range(10)]
    assert codes[:8] == [200] * 8
    assert codes[8:] == [401, 401]


async def test_signing_out_everywhere_ends_every_sign_in_and_the_cookie_alone_ends_its_own(
    town: Town,
) -> None:
    ida = await town.people.make("player", "ida")
    phone, tablet = town.stranger(), town.stranger()
    for device in (phone, tablet):
        await sign_in(device, "ida")
    del tablet.headers["Authorization"]
    assert (await tablet.post("/api/auth/logout", headers=own(town))).status_code == 204
    assert (await renew(town, tablet)).status_code == 401
    assert (await renew(town, phone)).status_code == 200
    assert (await ida.post("/api/auth/logout", {"everywhere": True})).status_code == 204
    assert (await renew(town, phone)).status_code == 401
    assert (await phone.get("/api/auth/user")).status_code == 401


async def test_a_new_password_ends_all_other_sign_ins(town: Town) -> None:
    karl = await town.people.make("player", "karl")
    elsewhere = town.stranger()
    await sign_in(elsewhere, "karl")
    new = "eight dry candles"
    wrong = await karl.post("/api/auth/password", {"old": "not my password", "new": new})
    assert (wrong.status_code, wrong.json()["field"]) == (403, "old")
    weak = await karl.post("/api/auth/password", {"old": PASSWORD, "new": "karl"})
    assert (weak.status_code, weak.json()["field"]) == (422, "new")
    changed = await karl.post("/api/auth/password", {"old": PASSWORD, "new": new})
    assert (changed.status_code, int(changed.headers["X-Position"]) > 0) == (204, True)
    assert (await karl.get("/api/auth/user")).status_code == 200
    assert (await renew(town, karl.web)).status_code == 200
    assert (await elsewhere.get("/api/auth/user")).status_code == 401
    assert (await renew(town, elsewhere)).status_code == 401
    old = await elsewhere.post("/api/auth/login", json={"name": "karl", "password": PASSWORD})
    assert old.status_code == 401
    await sign_in(elsewhere, "karl", new)


async def test_after_some_wrong_passwords_one_has_to_wait_and_others_do_not(town: Town) -> None:
    lena = await town.people.make("player", "lena")
    web = town.stranger("203.0.113.9")
    body = {"name": "lena", "password": "not the right one"}
    codes = [(await web.post("/api/auth/login", json=body)).status_code for _ in range(9)]
    assert codes == [401] * 8 + [429]
    right = await web.post("/api/auth/login", json={"name": "LENA", "password": PASSWORD})
    assert right.status_code == 429
    assert 1 <= int(right.headers["Retry-After"]) <= 240
    assert right.headers["RateLimit-Limit"] == "8"
    assert right.headers["RateLimit-Remaining"] == "0"
    # Neither somebody else at that address nor she herself elsewhere.
    await sign_in(web, town.player.name)
    await sign_in(town.stranger("203.0.113.10"), "lena")

    async def recorded() -> bool:
        return 5 < (await told(town, lena.account_id)).count("account.sign_in_refused") <= 6

    await until(recorded)


def forged(town: Town, **changes: Any) -> dict[str, str]:
    """Tokens that are nearly good."""
    [(kid, key)] = keys_of(town.settings).items()
    genuine = town.player.web.headers["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(genuine, options={"verify_signature": False})
    now = int(time.time())

    def signed(secret: bytes = key, algorithm: str = "HS256", header: str = kid, **other: Any) -> str:
        changed = {name: value for name, value in {**claims, **other}.items() if value is not None}
        return jwt.encode(changed, secret, algorithm, headers={"kid": header})

    def raw(part: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")

    head, body, signature = genuine.split(".")
    return {
        "good": signed(),
        "expired": signed(exp=now - 60),
        "not yet": signed(nbf=now + 600),
        "without expiry": signed(exp=None),
        "without account": signed(sub=None),
        "of another realm": signed(iss="lorestream/elsewhere"),
        "for somebody else": signed(aud="others"),
        "of another account": signed(sub=town.admin.account_id),
        "of another sign-in": signed(sid="0" * 32),
        "with another key": signed(b"x" * 64),
        "with an unknown key id": signed(header="nobody"),
        "of another algorithm": signed(algorithm="HS512"),
        "unsigned": f"{raw({'alg': 'none', 'kid': kid})}.{body}.",
        "unsigned but signed": f"{raw({'alg': 'none', 'kid': kid})}.{body}.{signature}",
        "with changed claims": f"{head}.{raw({**claims, 'sub': town.admin.account_id})}.{signature}",
        "no token": "abc",
        "too long": "a." * 5000,
    }


async def test_only_a_token_that_is_wholly_ours_lets_anybody_in(town: Town) -> None:
    web = town.stranger()
    codes: dict[str, tuple[int, str]] = {}
    for name, token in forged(town).items():
        answer = await web.get("/api/auth/user", headers={"Authorization": f"Bearer {token}"})
        codes[name] = answer.status_code, answer.json().get("code", "")
        assert token not in answer.text
        if name != "good":
            assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert codes.pop("good")[0] == 200
    assert codes.pop("expired") == (401, "token_expired")
    assert set(codes.values()) == {(401, "token_invalid")}
    for header in ("Basic YTpi", "Bearer", "bearer-token", ""):
        answer = await web.get("/api/auth/user", headers={"Authorization": header})
        assert (answer.status_code, answer.json()["code"]) == (401, "token_missing")


async def test_clients_of_the_published_service_sign_in_as_they_do_there(town: Town) -> None:
    web = town.stranger()
    body = {"email": town.gamemaster.name, "password": PASSWORD}
    granted = (await web.post("/auth/login", json=body)).json()
    assert (granted["token_type"], granted["user"]["username"]) == ("bearer", town.gamemaster.name)
    assert COOKIE not in web.cookies
    checked = await web.post("/auth/verify-token", json={"token": granted["access_token"]})
    assert (checked.status_code, checked.json()["user"]["id"]) == (200, town.gamemaster.account_id)
    bearer = {"Authorization": f"Bearer {granted['access_token']}"}
    again = (await web.post("/auth/refresh-token", headers=bearer)).json()
    assert again["access_token"] != granted["access_token"]
    bearer = {"Authorization": f"Bearer {again['access_token']}"}
    assert (await web.get("/api/auth/user", headers=bearer)).status_code == 200
    assert (await web.post("/api/auth/logout", headers=bearer)).status_code == 204
    assert (await web.post("/auth/refresh-token", headers=bearer)).status_code == 401


async def test_the_cookie_is_for_this_api_alone_and_secure_where_the_page_is(town: Town) -> None:
    web = town.stranger()
    body = {"name": town.player.name, "password": PASSWORD}
    plain = (await web.post("/api/auth/login", json=body)).headers["set-cookie"]
    assert {"HttpOnly", "SameSite=strict", "Path=/api/auth"} <= set(plain.split("; "))
    assert "Secure" not in plain
    safe = await web.post("/api/auth/login", json=body, headers={"X-Forwarded-Proto": "https"})
    assert "Secure" in safe.headers["set-cookie"]
    assert safe.headers["Strict-Transport-Security"]


async def test_no_secret_is_ever_in_the_log_or_in_clear_in_the_database(town: Town) -> None:
    nora = await town.people.make("player", "nora")
    await renew(town, nora.web)
    refresh, access = nora.web.cookies[COOKIE], nora.web.headers["Authorization"].removeprefix("Bearer ")
    pages: AsyncIterator[Any] = town.log.read_all()
    bodies = [message.body async for page in pages for message in page]
    assert any(codec.decode(body).category == "account" for body in bodies)
    stored = b"".join(file.read_bytes() for file in town.settings.state.glob("*.sqlite3*"))
    for secret in (PASSWORD, refresh, access, "$argon2id", "frau@example.org", "Frau@Example.org"):
        assert secret.encode() not in b"".join(bodies), secret
    for secret in (PASSWORD, refresh, access):
        assert secret.encode() not in stored
