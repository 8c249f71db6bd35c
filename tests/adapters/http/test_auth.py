"""Signing in on a real platform."""

from __future__ import annotations

from tests.adapters.http.people import people
from tests.adapters.rathena.conftest import Platform


async def test_whoever_signs_in_is_known_until_he_signs_out(platform: Platform) -> None:
    async with people(platform.settings, platform.http) as them:
        mira = await them.make("gamemaster", "mira")
        user = (await mira.get("/api/auth/user")).json()
        assert (user["account_id"], user["name"], user["role"]) == (mira.account_id, "mira", "gamemaster")
        own = {"Origin": platform.http, "X-Requested-With": "tests"}
        assert (await mira.post("/api/auth/refresh", headers=own)).json()["user"] == user
        assert (await mira.post("/api/auth/logout")).status_code == 204
        assert (await mira.get("/api/auth/user")).status_code == 401
        assert (await mira.post("/api/auth/refresh", headers=own)).status_code == 401
