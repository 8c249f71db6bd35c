"""One command starts everything, keeps it running, and ends it in order."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.adapters.cli import program
from tests.adapters.cli.program import Finished

ROLES = {"commands", "projector", "agents", "gateway", "nats-server"}
FREE_PORTS = ("--zmq", "tcp://127.0.0.1:*", "--http", "127.0.0.1:0")


@dataclass(slots=True)
class Running:
    """A platform under `lorestream up --json` in `folder`."""

    process: asyncio.subprocess.Process
    folder: Path
    endpoints: dict[str, Any]

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def published(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.state / "endpoints.json").read_text())
        return found

    async def until(self, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The published endpoints, as soon as they fulfil `condition`."""
        async with asyncio.timeout(30):
            while True:
                with contextlib.suppress(FileNotFoundError):
                    if condition(found := self.published()):
                        return found
                await asyncio.sleep(0.05)

    async def register(self, npc_id: str) -> dict[str, Any]:
        """Register an NPC over HTTP, again until a part that is just restarting is back."""
        async with asyncio.timeout(30), httpx.AsyncClient(timeout=10) as client:
            while True:
                with contextlib.suppress(httpx.TransportError):
                    answer = await client.post(
                        f"{self.endpoints['http']}/api/npc/register", json={"npc_id": npc_id}
                    )
                    body: dict[str, Any] = answer.json()
                    if body["error_code"] not in {-500, -501}:
                        return body
                await asyncio.sleep(0.1)

    async def lorestream(self, *arguments: str | Path) -> Finished:
        return await program.run(*arguments, cwd=self.folder)


@asynccontextmanager
async def up(folder: Path, *flags: str, env: dict[str, str] | None = None) -> AsyncIterator[Running]:
    process = await program.start("up", "--json", *FREE_PORTS, *flags, cwd=folder, env=env)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            line = await process.stdout.readline()
        yield Running(process, folder, json.loads(line))
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(60):
            await process.communicate()


@pytest.fixture
async def platform(tmp_path: Path) -> AsyncIterator[Running]:
    async with up(tmp_path) as running:
        yield running


def alive(pid: int) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    return False


async def ended(pid: int) -> None:
    """Return when the process is gone; it is not our child, so nobody tells us."""
    while alive(pid):  # noqa: ASYNC110
        await asyncio.sleep(0.05)


async def test_the_platform_works_is_found_by_other_commands_and_ends_cleanly(tmp_path: Path) -> None:
    # What lies about in the operator's directory is not taken for our packages.
    for name in ("events", "adapters", "commands"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise RuntimeError('not ours')")
    async with up(tmp_path, "--realm", "prontera") as running:
        assert set(running.endpoints["roles"]) == ROLES
        assert running.endpoints["realm"] == "prontera"
        assert running.published() == {
            name: value for name, value in running.endpoints.items() if name not in {"page", "sign_in"}
        }
        assert (
            running.state.stat().st_mode & 0o777,
            (running.state / "credentials.json").stat().st_mode & 0o777,
        ) == (
            0o700,
            0o600,
        )
        assert (await running.register("Merchant John"))["error_code"] == 0
        [account, line] = (await running.lorestream("tail", "--json")).lines
        assert (account["events"][0]["type"], account["actor"]["kind"]) == ("account.created", "system")
        assert (line["stream"], line["realm"]) == ("npc/Merchant John", "prontera")
        second = await program.run("up", *FREE_PORTS, cwd=tmp_path)
        assert second.status == 3
        assert f"process {running.process.pid}" in second.err

        running.process.send_signal(signal.SIGTERM)
        out, err = await running.process.communicate()
    assert running.process.returncode == 0
    assert out == b""
    assert b"Traceback" not in err
    assert not (running.state / "endpoints.json").exists()
    assert not [pid for pid in running.endpoints["roles"].values() if alive(pid)]


async def test_every_killed_process_is_replaced_at_the_same_endpoints(platform: Running) -> None:
    assert (await platform.register("First"))["error_code"] == 0
    before = platform.endpoints["roles"]
    nursery = psutil.Process(before["gateway"]).ppid()
    for pid in (nursery, *before.values()):
        os.kill(pid, signal.SIGKILL)
    after = await platform.until(
        lambda found: all(found["roles"][role] not in {0, before[role]} for role in ROLES)
    )
    assert [after[name] for name in ("zmq", "http", "nats")] == [
        platform.endpoints[name] for name in ("zmq", "http", "nats")
    ]
    assert (await platform.register("Second"))["error_code"] == 0
    assert (await platform.register("First"))["error_code"] == -100


LOSING_A_MODULE = """
import os, sys

class Lost:
    def find_spec(self, name, path=None, target=None):
        if name == os.environ["LOST_MODULE"] and os.path.exists(os.environ["LOST_FILE"]):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Lost())
"""


async def test_a_gateway_that_lost_a_module_ends_says_so_and_works_again_at_the_same_ports_once_it_is_back(
    tmp_path: Path,
) -> None:
    (tmp_path / "sitecustomize.py").write_text(LOSING_A_MODULE)
    lost = tmp_path / "lost"
    lost.touch()
    env = {
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{program.ROOT}",
        "LOST_MODULE": "adapters.http.uvicorn_server",
        "LOST_FILE": str(lost),
    }
    async with up(tmp_path, env=env) as running:
        first = running.endpoints["roles"]["gateway"]
        async with asyncio.timeout(30):
            await ended(first)
        lost.unlink()
        assert (await running.register("Merchant"))["error_code"] == 0
        after = await running.until(lambda found: found["roles"]["gateway"] not in {0, first})
        assert [after[name] for name in ("zmq", "http")] == [
            running.endpoints[name] for name in ("zmq", "http")
        ]
        running.process.send_signal(signal.SIGTERM)
        _, err = await running.process.communicate()
    assert running.process.returncode == 0
    assert "HTTP ended unexpectedly" in err.decode()
    assert "No module named 'adapters.http.uvicorn_server'" in err.decode()


async def test_the_platform_proves_itself_sound_and_finds_out_a_falsified_read_model(
    platform: Running,
) -> None:
    for name in ("Merchant", "Guard"):
        await platform.register(name)
    verdict = await platform.lorestream("verify", "--json")
    assert (verdict.status, verdict.json["ok"]) == (0, True)
    assert verdict.json["log"]["commits"] == 3
    before = await platform.lorestream("projections", "hash", "--json")
    rebuilt = await platform.lorestream("projections", "rebuild", "--all", "--json")
    after = await platform.lorestream("projections", "hash", "--json")
    assert rebuilt.json["finished"]
    assert after.json == before.json
    listed = await platform.lorestream("projections", "ls", "--json")
    assert {row["lag"] for row in listed.json} == {0}
    assert (await platform.lorestream("dlq", "ls", "--json")).json == []
    assert (await platform.lorestream("dlq", "show", "npcs", "1")).status == 5
    doctor = await platform.lorestream("doctor", "--json")
    assert {check["verdict"] for check in doctor.json["checks"]} <= {"ok", "warning"}

    # One who falsifies a read model is found out, and a rebuild repairs it.
    with contextlib.closing(sqlite3.connect(platform.state / "lorestream.sqlite3")) as database, database:
        database.execute("UPDATE feed SET stream = 'npc/Somebody Else'")
    verdict = await platform.lorestream("verify", "--json")
    assert verdict.status == 1
    assert [each["projection"] for each in verdict.json["read_models"] if not each["equal"]] == ["feed"]
    await platform.lorestream("projections", "rebuild", "feed")
    assert (await platform.lorestream("verify")).status == 0


async def test_the_first_start_tells_the_page_and_a_sign_in_that_works_and_later_ones_the_page_only(
    tmp_path: Path,
) -> None:
    async with up(tmp_path) as running:
        page, told = running.endpoints["page"], running.endpoints["sign_in"]
        assert told["name"] == "admin"
        async with httpx.AsyncClient(base_url=page, timeout=15) as web:
            signed = await web.post("/api/auth/login", json=told)
            assert (signed.status_code, signed.json()["user"]["role"]) == (200, "admin")
            assert (
                "text/html" in (await web.get("/", headers={"Accept": "text/html"})).headers["content-type"]
            )
        exported = await running.lorestream("tail", "--json")
        running.process.send_signal(signal.SIGTERM)
        _, err = await running.process.communicate()
    assert f"web page     {page}" in err.decode()
    assert err.decode().count(told["password"]) == 1
    assert told["password"] not in exported.out
    kept = [file.read_bytes() for file in running.state.rglob("*") if file.is_file()]
    assert not [1 for body in kept if told["password"].encode() in body]
    for file in ("accounts.sqlite3", "token.key"):
        assert (running.state / file).stat().st_mode & 0o777 == 0o600
    async with up(tmp_path) as again:
        assert again.endpoints["sign_in"] is None
        assert again.endpoints["page"].startswith("http://127.0.0.1:")


async def test_children_do_not_outlive_a_killed_supervisor(tmp_path: Path) -> None:
    async with up(tmp_path) as running:
        running.process.kill()
        await running.process.wait()
        async with asyncio.timeout(30):
            await asyncio.gather(*map(ended, running.endpoints["roles"].values()))
    async with up(tmp_path) as again:
        assert again.endpoints["nats"] == running.endpoints["nats"]


async def test_a_port_that_is_taken_is_a_configuration_error_with_the_remedy(tmp_path: Path) -> None:
    async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        done = await program.run(
            "up", "--zmq", f"tcp://127.0.0.1:{port}", "--http", "127.0.0.1:0", cwd=tmp_path
        )
        examined = await program.run(
            "doctor",
            "--json",
            cwd=tmp_path,
            env={"LORESTREAM_HTTP_PORT": str(port), "LORESTREAM_ZMQ_ENDPOINT": "tcp://127.0.0.1:*"},
        )
    assert done.status == 3
    assert str(port) in done.err
    assert "Traceback" not in done.err
    assert examined.status == 1
    [found] = [check for check in examined.json["checks"] if check["verdict"] == "problem"]
    assert "--http" in found["remedy"]


async def test_mistakes_in_the_configuration_of_models_end_the_start_and_name_the_place(
    tmp_path: Path,
) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "profiles.toml").write_text("[ddnet]\nanswer = 1\n")
    done = await program.run(
        "up", *FREE_PORTS, cwd=tmp_path, env={"LORESTREAM_LLM_DIRECTORY": str(tmp_path / "models")}
    )
    assert done.status == 3
    assert "profiles.toml: ddnet.answer" in done.err
    assert "Traceback" not in done.err


async def test_other_commands_know_the_models_the_platform_runs_with(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "providers.toml").write_text(
        '[mine]\nid = 9\nname = "Mine"\ntype = "local"\nmodel = "m"\n'
    )
    config = tmp_path / "mine.toml"
    config.write_text('[llm]\ndirectory = "models"\n')
    async with up(tmp_path, "--config", str(config)) as running:
        listed = await running.lorestream("llm", "providers", "--json")
        switched = await running.lorestream("llm", "enable", "mine", "--json")
    assert [row["name"] for row in listed.json] == ["mine"]
    assert switched.json["stream"] == "provider/mine"
