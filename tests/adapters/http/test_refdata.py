"""`/api/refdata` over HTTP: every answer says whose text it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from adapters.http import refdata
from adapters.refdata import schema
from tests.adapters.rathena.conftest import Platform


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.include_router(refdata.router(tmp_path))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def test_a_search_carries_licence_and_attribution(web: httpx.AsyncClient) -> None:
    answer = await web.get("/api/refdata/search", params={"q": "kiln", "kind": "spell"})
    assert answer.status_code == 200
    assert [row["name"] for row in answer.json()["results"]] == ["Kiln Ward"]
    assert answer.json()["sources"][0]["licence"] == "CC-BY-4.0"
    assert answer.json()["sample"] is True


async def test_what_is_there_is_told_with_its_licence(web: httpx.AsyncClient) -> None:
    found = (await web.get("/api/refdata")).json()
    assert found["sample"] is True
    assert found["documents"][0]["attribution"]
    assert found["entries"]["spell"] > 0


async def test_an_entry_is_found_by_key_and_by_name(web: httpx.AsyncClient) -> None:
    by_key = await web.get("/api/refdata/creature/kiln-drake")
    by_name = await web.get("/api/refdata/creature/Kiln Drake")
    assert by_key.json() == by_name.json()
    assert (by_key.json()["challenge_rating"], by_key.json()["xp"]) == ("3", 700)
    assert by_key.json()["source"]["attribution"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/refdata/creature/nobody", 404),
        ("/api/refdata/creature/%00", 404),
        ("/api/refdata/creature/" + "x" * 201, 422),
        ("/api/refdata/god/x", 422),
        ("/api/refdata/search", 422),
        ("/api/refdata/search?q=", 422),
        ("/api/refdata/search?q=" + "x" * 201, 422),
        ("/api/refdata/search?q=a&ruleset=1974", 422),
        ("/api/refdata/search?q=a&limit=101", 422),
        ("/api/refdata/search?q=%22)%20OR%20(*", 200),
    ],
)
async def test_bad_input_has_the_right_status(web: httpx.AsyncClient, path: str, status: int) -> None:
    assert (await web.get(path)).status_code == status


async def test_a_damaged_file_is_unavailable_and_its_path_stays_secret(
    web: httpx.AsyncClient, tmp_path: Path
) -> None:
    (tmp_path / schema.FILE).write_bytes(b"no database" * 100)
    answer = await web.get("/api/refdata/search?q=kiln")
    assert answer.status_code == 503
    assert str(tmp_path) not in answer.text


async def test_the_gateway_serves_it(platform: Platform) -> None:
    async with httpx.AsyncClient(base_url=platform.http) as client:
        assert (await client.get("/api/refdata/rule/Asking Around")).status_code == 200
