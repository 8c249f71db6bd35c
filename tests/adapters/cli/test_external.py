"""Roles and whole platforms on a NATS server that somebody else runs."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path

import pytest

from adapters.nats.log import JetStreamLog
from adapters.settings import Settings
from tests.adapters.cli import program
from tests.adapters.cli.conftest import flags_of, secrets_of
from tests.adapters.cli.test_up import FREE_PORTS, Running


@pytest.mark.parametrize("role", ["commands", "projector", "agents"])
async def test_a_role_serves_alone_until_it_is_told_to_end(
    settings: Settings, log: JetStreamLog, tmp_path: Path, role: str
) -> None:
    process = await program.start(
        "serve", role, "--json", *flags_of(settings), cwd=tmp_path, env=secrets_of(settings)
    )
    assert process.stdout is not None
    async with asyncio.timeout(30):
        ready = json.loads(await process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        out, _ = await process.communicate()
    assert ready["role"] == role
    assert (process.returncode, out) == (0, b"")


async def test_a_platform_on_an_external_server_starts_none_of_its_own(
    settings: Settings, log: JetStreamLog, tmp_path: Path
) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    flags = [str(folder / "state") if flag == str(settings.state) else flag for flag in flags_of(settings)]
    secrets = secrets_of(settings)
    process = await program.start("up", "--json", *FREE_PORTS, *flags, cwd=folder, env=secrets)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            running = Running(process, folder, json.loads(await process.stdout.readline()))
        assert "nats-server" not in running.endpoints["roles"]
        assert (await running.register("Merchant"))["error_code"] == 0
        assert (await log.head()).position > 0
        found = await program.run("tail", "--json", cwd=folder, env=secrets)
        assert [line["stream"].partition("/")[0] for line in found.lines] == ["account", "npc"]
    finally:
        process.send_signal(signal.SIGTERM)
        await process.communicate()
    assert process.returncode == 0


async def test_a_server_that_cannot_be_reached_is_named_in_time_and_never_holds_up_the_end(
    tmp_path: Path,
) -> None:
    flags = ["up", *FREE_PORTS, "--nats", "nats://127.0.0.1:9"]
    async with asyncio.timeout(60):
        done = await program.run(*flags, cwd=tmp_path)
    assert done.status == 4
    assert "nats://127.0.0.1:9" in done.err
    assert "nats.url" in done.err


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.5])
async def test_a_platform_told_to_end_while_it_starts_ends_in_order(tmp_path: Path, seconds: float) -> None:
    flags = ["up", *FREE_PORTS, "--nats", "nats://127.0.0.1:9"]
    process = await program.start(*flags, cwd=tmp_path)
    lock = tmp_path / "state" / "lock"
    async with asyncio.timeout(30):
        # It is held by the time signals are listened to, within a few milliseconds.
        while not (lock.exists() and lock.read_text()):  # noqa: ASYNC110 (another process's progress)
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05 + seconds)
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(20):
        _, told = await process.communicate()
    assert process.returncode == 0, told
    assert b"unexpected" not in told
    assert b"Traceback" not in told
