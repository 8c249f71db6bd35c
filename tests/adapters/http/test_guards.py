"""What every route is behind: foreign pages, foreign names, large bodies, and headers on each answer."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from adapters.http import problems, uvicorn_server
from adapters.http.guards import AnswerHeaders, OwnHosts
from adapters.settings import HttpSettings, Settings
from tests.adapters.http.conftest import Town
from tests.adapters.http.people import PASSWORD, people
from tests.adapters.rathena.conftest import running

shared = pytest.mark.asyncio(loop_scope="module")

REFRESH = "/api/auth/refresh"
UNSAFE = (
    "/api/npc/ping",
    "/api/v1/npc/John/emotion",
    "/v1/chat/completions",
    "/api/auth/login",
    "/api/accounts",
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@shared
@pytest.mark.parametrize(
    "sent",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
    ids=str,
)
async def test_a_page_of_another_origin_changes_nothing_anywhere(town: Town, sent: dict[str, str]) -> None:
    before = (await town.log.head()).position
    for path in UNSAFE:
        body = {"name": town.admin.name, "password": PASSWORD}
        answer = await town.admin.web.post(path, json=body, headers=sent)
        assert (answer.status_code, answer.json()["code"]) == (403, "cross_site"), path
    renewed = await town.admin.web.post(REFRESH, headers={"X-Requested-With": "x", **sent})
    assert renewed.status_code == 403
    assert (await town.log.head()).position == before
    # Looking is no change; what may be seen is another matter.
    assert (await town.admin.get("/api/auth/user", headers=sent)).status_code == 200


@shared
async def test_programs_that_say_nothing_of_pages_are_no_pages(town: Town) -> None:
    assert (await town.stranger().post("/api/npc/ping", json={})).status_code == 200
    same = {"Sec-Fetch-Site": "none", "Origin": town.url}
    assert (await town.stranger().post("/api/npc/ping", json={}, headers=same)).status_code == 200


@shared
@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({}, 403),
        ({"X-Requested-With": "x"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "X-Requested-With": "x"}, 200),
        ({"Sec-Fetch-Site": "none", "Idempotency-Key": "x"}, 200),
    ],
    ids=str,
)
async def test_the_cookie_alone_is_not_enough(town: Town, sent: dict[str, str], status: int) -> None:
    assert (await town.gamemaster.web.post(REFRESH, headers=sent)).status_code == status
    assert (await town.stranger().post(REFRESH, headers=sent)).status_code in {401, 403}


@shared
async def test_a_foreign_name_that_leads_here_is_refused(town: Town) -> None:
    web = town.stranger()
    for host in ("evil.example", "evil.example:8000", "127.0.0.1.evil.example", "", "lore.example.org.evil"):
        answer = await web.get("/", headers={"Host": host})
        assert (answer.status_code, "http.hosts" in answer.json()["detail"]) == (421, True), host
    for host in (
        "localhost",
        "LOCALHOST:8000",
        "127.0.0.1",
        "[::1]:8000",
        "lore.example.org",
        "Lore.Example.Org:443",
    ):
        assert (await web.get("/health/live", headers={"Host": host})).status_code == 200, host


async def test_where_the_port_is_open_to_others_any_name_will_do_unless_names_are_set() -> None:
    async def seen(hosts: tuple[str, ...], bound_to: str) -> bool:
        reached = False

        async def app(*_: object) -> None:
            nonlocal reached
            reached = True

        async def ignore(_: object) -> None:
            return None

        scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", b"lore.lan")]}
        await OwnHosts(app, hosts, bound_to)(scope, None, ignore)  # type: ignore[arg-type]
        return reached

    assert await seen((), "0.0.0.0")
    assert not await seen((), "127.0.0.1")
    assert not await seen(("other.lan",), "0.0.0.0")
    assert await seen(("lore.lan",), "127.0.0.1")


@shared
async def test_every_answer_carries_the_headers_that_make_browsers_careful(town: Town) -> None:
    web, html = town.stranger(), {"Accept": "text/html"}
    answers = [
        await web.get("/", headers=html),
        await web.get("/app/anything", headers=html),
        await web.get("/static/app.css"),
        await web.get("/health"),
        await web.get("/nowhere"),
        await web.get("/api/auth/user"),
        await town.admin.get("/api/accounts"),
        await web.post("/api/npc/ping", content=b"{"),
        await web.post("/api/npc/ping", headers={"Sec-Fetch-Site": "cross-site"}),
        await web.get("/", headers={"Host": "evil.example"}),
    ]
    for answer in answers:
        told = (answer.request.url.path, answer.status_code)
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, told
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, told
        assert "frame-ancestors 'none'" in policy, told
        assert "unsafe" not in policy, told
        page = answer.status_code == 200 and told[0] in {"/", "/app/anything", "/static/app.css"}
        assert answer.headers["Cache-Control"] == ("no-cache" if page else "no-store"), told
        assert "server" not in answer.headers
    assert "script-src 'self'" in answers[0].headers["Content-Security-Policy"]
    assert answers[6].headers["RateLimit-Limit"] == "18000"


async def test_what_nobody_thought_of_is_a_problem_with_a_number_and_nothing_else() -> None:
    app = FastAPI()
    problems.install(app)
    app.add_middleware(AnswerHeaders)

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("geheim")

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as web:
        answer = await web.get("/broken")
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "application/problem+json")
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "geheim" not in answer.text
    assert "in the log of the gateway" in answer.json()["detail"]


@shared
async def test_a_hundred_megabytes_are_refused_before_they_arrive(town: Town) -> None:
    host, port = httpx.URL(town.url).host, httpx.URL(town.url).port
    for path in ("/api/auth/login", "/api/npc/ping", "/nowhere"):
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(
            f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {100 * 1024 * 1024}\r\n\r\n".encode()
        )
        async with asyncio.timeout(10):
            status = await reader.readline()
        assert b" 413 " in status, path
        writer.close()


@shared
async def test_a_body_without_an_end_is_answered_and_cut_off(town: Town) -> None:
    host, port = httpx.URL(town.url).host, httpx.URL(town.url).port
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(
        f"POST /api/auth/login HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\n\r\n".encode()
    )
    megabyte, sent = b"100000\r\n" + b"x" * 1024 * 1024 + b"\r\n", 0
    with contextlib.suppress(ConnectionError):
        while sent < 200:
            writer.write(megabyte)
            async with asyncio.timeout(10):
                await writer.drain()
            sent += 1
    assert sent < 100
    status = b""
    with contextlib.suppress(ConnectionError):
        status = await reader.readline()
    assert status in {
        b"",
        b"HTTP/1.1 413 Request Entity Too Large\r\n",
        b"HTTP/1.1 413 Content Too Large\r\n",
    }
    writer.close()


@shared
async def test_what_is_wrong_with_a_body_names_the_field_and_repeats_no_secret(town: Town) -> None:
    web = town.stranger()
    for body, field in (
        ({"name": "mira"}, "password"),
        ({"name": "mira", "password": ["geheim"]}, "password"),
        ({"name": "mira", "password": "geheim" * 100}, "password"),
        ({"name": "m" * 300, "password": "geheim"}, "name"),
        ({"password": "geheim"}, "name"),
    ):
        answer = await web.post("/api/auth/login", json=body)
        assert (answer.status_code, answer.json()["field"]) == (422, field)
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["detail"].startswith(f"{field}: ")
        assert "geheim" not in answer.text
    broken = await web.post(
        "/api/auth/login", content=b'{"name": ', headers={"Content-Type": "application/json"}
    )
    assert (broken.status_code, "field" in broken.json()) == (422, False)
    missing = await web.get("/api/nowhere")
    assert (missing.status_code, missing.json()["status"], missing.json()["title"]) == (404, 404, "Not found")
    assert missing.json()["instance"] == "/api/nowhere"
    assert (await web.put("/api/auth/login", json={})).status_code == 405


async def test_audits_take_the_key_or_an_operator_and_script_commands_the_key(settings: Settings) -> None:
    locked = settings.model_copy(update={"http": HttpSettings(port=0, api_key=SecretStr("geheim"))})
    async with (
        running(locked, "projector", "commands", "gateway") as endpoints,
        people(locked, endpoints["http"]) as them,
    ):
        operator, master = await them.make("operator"), await them.make("gamemaster")
        key = them.nobody(**{"X-API-Key": "geheim"})
        wrong = them.nobody(**{"X-API-Key": "falsch"})
        for path in ("/api/decisions", "/api/llm/stats", "/api/llm/cost", "/api/llm/budgets", "/api/status"):
            seen = [(await each.get(path)).status_code for each in (key, operator.web, master.web, wrong)]
            assert seen == [200, 200, 403, 403], path
            assert (await them.nobody().get(path)).status_code == 401
        assert (await master.get("/api/why/1")).status_code == 200
        ping = [
            (await each.post("/api/npc/ping", json={})).status_code
            for each in (key, operator.web, wrong, them.nobody())
        ]
        assert ping == [200, 401, 403, 401]
        # Operators choose whom to ask again: their page must not be sent to sign in for want of a script's key.
        listed = [
            (await each.get("/api/providers")).status_code
            for each in (key, operator.web, master.web, wrong, them.nobody())
        ]
        assert listed == [200, 200, 403, 403, 401]
        assert (await operator.get("/api/auth/user")).status_code == 200


async def test_audits_are_closed_to_whoever_reaches_the_port_where_there_is_no_key(
    settings: Settings,
) -> None:
    async with (
        running(settings, "gateway") as endpoints,
        httpx.AsyncClient(base_url=endpoints["http"]) as web,
    ):
        for headers in ({}, {"X-API-Key": ""}, {"X-API-Key": "anything"}):
            answer = await web.get("/api/decisions", headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (401, "token_missing")
        assert (await web.post("/api/npc/ping", json={})).status_code == 200


async def test_the_key_that_signs_is_made_once_and_for_its_owner_only(
    settings: Settings, tmp_path: Path
) -> None:
    async with (
        running(settings, "gateway") as endpoints,
        httpx.AsyncClient(base_url=endpoints["http"]) as web,
    ):
        assert (await web.get("/health/live")).status_code == 200
        key = (settings.state / "token.key").read_bytes()
        assert (settings.state / "token.key").stat().st_mode & 0o777 == 0o600
    async with (
        running(settings, "gateway") as endpoints,
        httpx.AsyncClient(base_url=endpoints["http"]) as web,
    ):
        assert (await web.get("/health/live")).status_code == 200
    assert (settings.state / "token.key").read_bytes() == key
    assert len(key) == 64


async def test_whoever_does_not_get_on_with_his_request_is_dropped(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uvicorn_server, "HEADERS_SECONDS", 0.5)
    monkeypatch.setattr(uvicorn_server, "BODY_SECONDS", 0.5)
    async with running(settings, "commands", "gateway") as endpoints, httpx.AsyncClient() as web:
        url = httpx.URL(endpoints["http"])
        # Only when the application is loaded does it answer at all.
        assert (await web.get(url.join("/health/live"))).status_code == 200
        for begun in (
            b"",
            b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
            b"POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{",
        ):
            reader, writer = await asyncio.open_connection(url.host, url.port)
            writer.write(begun)
            with contextlib.suppress(ConnectionResetError):
                assert await reader.read() == b""
            writer.close()
        assert (await web.get(url.join("/health/live"))).status_code == 200


@shared
async def test_long_answers_are_packed_for_who_reads_that_and_sign_ins_never(town: Town) -> None:
    long = await town.admin.web.get("/openapi.json")
    assert long.headers["content-encoding"] == "gzip"
    assert int(long.headers["content-length"]) < len(long.content) / 3
    assert "accept-encoding" in long.headers["vary"].lower()
    plain = await town.admin.web.get("/openapi.json", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == long.content
    body = {"name": town.admin.name, "password": PASSWORD}
    signed = await town.admin.web.post("/api/auth/login", json=body)
    assert signed.json()["access_token"]
    assert "content-encoding" not in signed.headers
