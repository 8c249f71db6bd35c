from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.nats.bootstrap import ensure_streams
from adapters.nats.connection import connect
from adapters.nats.credentials import credentials_file, read
from adapters.nats.log import JetStreamLog
from adapters.nats.server import EmbeddedServer, memory_limit
from adapters.settings import Settings
from events.errors import AppendOutcomeUnknown, ConfigurationError, LogUnavailable
from tests.commits import commit


async def test_a_killed_server_comes_back_on_the_same_port_with_everything_acknowledged(
    tmp_path: Path,
) -> None:
    settings = Settings(state=tmp_path)
    server = EmbeddedServer(settings)
    await server.start()
    try:
        client = await connect(settings, name="test")
        await ensure_streams(client)
        log = JetStreamLog(client, "midgard", ack_timeout=1.0, attempts=30)
        appended = [(await log.append(commit(f"npc/n{n}"), expected=0)).position for n in range(20)]
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        appended += [await _append_through_the_outage(log, n) for n in range(20, 40)]
        stored = [m.position async for page in log.read_all() for m in page]
        assert stored == appended
        assert server.restarts == 1
        await client.close()
    finally:
        await server.stop()


async def _append_through_the_outage(log: JetStreamLog, number: int) -> int:
    given = commit(f"npc/n{number}")
    async with asyncio.timeout(20):
        while True:
            try:
                return (await log.append(given, expected=0)).position
            except LogUnavailable:
                await asyncio.sleep(0.05)


async def test_credentials_are_generated_and_readable_by_their_owner_only(nats_state: Path) -> None:
    assert stat.S_IMODE(credentials_file(nats_state).stat().st_mode) == 0o600
    assert stat.S_IMODE((nats_state / "nats" / "nats-server.conf").stat().st_mode) == 0o600
    made = read(nats_state)
    assert len(made.application.password) >= 32
    assert made.application.password not in repr(made)
    assert made.url.startswith("nats://127.0.0.1:")


async def test_a_state_directory_without_a_platform_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="lorestream up"):
        await connect(Settings(state=tmp_path), name="test")


async def test_damaged_credentials_name_the_file_and_the_remedy(tmp_path: Path) -> None:
    credentials_file(tmp_path).write_text("{")
    with pytest.raises(ConfigurationError, match=r"credentials\.json.*damaged"):
        read(tmp_path)


def test_the_servers_memory_limit_grows_with_the_index_of_its_streams(tmp_path: Path) -> None:
    empty = memory_limit(tmp_path)
    folder = tmp_path / "store" / "jetstream" / "$G" / "streams" / "LOG" / "msgs"
    folder.mkdir(parents=True)
    (folder / "index.db").write_bytes(b"x" * 3_500_000)
    assert memory_limit(tmp_path) == empty + 35_000_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 48 MB."""
    disk = tmp_path / "small"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", disk], capture_output=True)
    if mounted.returncode:
        pytest.skip("only root may make a small disk")
    yield disk
    subprocess.run(["umount", disk], check=True)


async def test_a_server_that_cannot_write_is_away_until_there_is_room_and_loses_nothing(
    small_disk: Path,
) -> None:
    server = EmbeddedServer(Settings(state=small_disk / "state"))
    try:
        await server.start()
        client = await connect(server._settings, name="test", role="administrator")
        await ensure_streams(client)
        log = JetStreamLog(client, "midgard", ack_timeout=0.5, attempts=1)
        kept = (await log.append(commit("npc/before"), expected=0)).position
        ballast = small_disk / "ballast"
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
            while file.write(bytes(1_000_000)):
                pass
        for number in range(200):
            if server.pid is None:
                break
            with contextlib.suppress(LogUnavailable, AppendOutcomeUnknown):
                await log.append(commit(f"npc/during{number}"), expected=0)
        with pytest.raises(LogUnavailable):
            await log.append(commit("npc/away"), expected=0)
        ballast.unlink()
        after = await _append_through_the_outage(log, 1)
        stored = [m.position async for page in log.read_all() for m in page]
        assert {kept, after} <= set(stored)
        await client.close()
    finally:
        await server.stop()
