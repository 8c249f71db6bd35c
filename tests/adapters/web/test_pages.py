"""The files of the web application as browsers get them."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from importlib.resources import files
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from adapters.http import problems
from adapters.web import pages
from adapters.web.pages import Assets

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Encoding": "gzip, br"}


@pytest.fixture
def static(tmp_path: Path) -> Path:
    (tmp_path / "js").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>x</title>" + "<p>words</p>" * 100)
    (tmp_path / "js" / "main.js").write_text("export const a = 1;\n" * 100)
    (tmp_path / "small.css").write_text("p{}")
    (tmp_path / "secret.py").write_text("no")
    (tmp_path / ".hidden.js").write_text("no")
    return tmp_path


@pytest.fixture
async def web(static: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    problems.install(app)
    app.include_router(pages.router({"service": "lorestream"}, Assets(static)))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def test_browsers_get_the_page_and_programs_what_this_is(web: httpx.AsyncClient) -> None:
    for path in ("/", "/app", "/app/c/some/where"):
        page = await web.get(path, headers=BROWSER)
        assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert page.text.startswith("<!doctype html>")
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    for accepted in ("application/json", "*/*"):
        assert (await web.get("/", headers={"Accept": accepted})).json() == {"service": "lorestream"}


async def test_files_are_packed_for_whoever_can_unpack_them(web: httpx.AsyncClient, static: Path) -> None:
    packed = await web.get("/static/js/main.js", headers=BROWSER)
    plain = await web.get("/static/js/main.js", headers={"Accept-Encoding": "gzip;q=0, br"})
    assert (packed.headers["Content-Encoding"], packed.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert "Content-Encoding" not in plain.headers
    assert packed.content == plain.content == (static / "js" / "main.js").read_bytes()
    assert int(packed.headers["Content-Length"]) == len(gzip.compress(packed.content, 9, mtime=0))
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert packed.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert "Content-Encoding" not in (await web.get("/static/small.css", headers=BROWSER)).headers


async def test_a_browser_that_has_a_file_is_told_so(web: httpx.AsyncClient) -> None:
    first = await web.get("/static/js/main.js", headers=BROWSER)
    etag = first.headers["ETag"]
    for known in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        again = await web.get("/static/js/main.js", headers={**BROWSER, "If-None-Match": known})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    assert (
        await web.get("/static/js/main.js", headers={**BROWSER, "If-None-Match": '"x"'})
    ).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "secret.py",
        ".hidden.js",
        "nowhere.js",
        "../conftest.py",
        "%2e%2e/index.html",
        "js",
        "js/",
        "",
        "/etc/passwd",
    ],
)
async def test_nothing_else_is_handed_out(web: httpx.AsyncClient, path: str) -> None:
    answer = await web.get(f"/static/{path}")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_the_application_that_ships_asks_nobody_else_and_is_small() -> None:
    root = files("adapters.web").joinpath("static")
    found = dict(pages._below(root, ""))
    assert "index.html" in found
    assert sum(len(asset.packed or asset.body) for asset in found.values()) < 300_000
    for path, asset in found.items():
        if path.rpartition(".")[2] in {"html", "css", "js"}:
            text = asset.body.decode()
            outside = [line for line in text.splitlines() if "://" in line and "www.w3.org" not in line]
            assert not [line for line in outside if "src=" in line or "import" in line or "url(" in line], (
                path
            )
            assert " style=" not in text, path
    page = found["index.html"].body.decode()
    assert "<script>" not in page
    assert "onclick" not in page
