"""Losing what is behind the gateway: clear codes, and recovery without a restart."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import time
from pathlib import Path

from adapters.nats.bootstrap import ensure_streams
from adapters.nats.connection import connect
from adapters.nats.server import EmbeddedServer
from adapters.settings import HttpSettings, Settings, ZmqSettings
from tests.adapters.rathena.conftest import BEHIND, running
from tests.adapters.rathena.game_server import GameServer

ASK = {"operation": "dialogue", "data": {"player_message": "Hello"}}


def freeze(pid: int) -> None:
    """Stop a process; on a busy machine its threads go on for a moment after the signal was sent."""
    os.kill(pid, signal.SIGSTOP)
    threads = list(Path(f"/proc/{pid}/task").glob("*/stat"))
    until = time.monotonic() + 30
    while any(thread.read_text().rpartition(")")[2].split()[0] != "T" for thread in threads):
        assert time.monotonic() < until, "the process does not stop"
        time.sleep(0.01)


async def test_a_lost_log_is_minus_500_and_everything_works_again_when_it_is_back(tmp_path: Path) -> None:
    settings = Settings(
        state=tmp_path, zmq=ZmqSettings(endpoint="tcp://127.0.0.1:*"), http=HttpSettings(enabled=False)
    )
    server = EmbeddedServer(settings)
    await server.start()
    administrator = await connect(settings, name="bootstrap", role="administrator")
    await ensure_streams(administrator)
    await administrator.close()
    try:
        async with running(settings, *BEHIND, "gateway") as endpoints, GameServer(endpoints["zmq"]) as game:
            assert (await game.ask("register", "John"))["success"]
            assert server.pid is not None
            freeze(server.pid)
            lost = await game.ask("event", "John", {"event_type": "attacked"}, timeout_ms=500)
            assert lost["error_code"] in {-500, -501}
            assert lost["retry_after_ms"] > 0
            assert (await game.ask("get_state", "John"))["success"]
            os.kill(server.pid, signal.SIGKILL)
            for _ in range(40):
                again = await game.ask("event", "John", {"event_type": "attacked"})
                if again["success"]:
                    break
                await asyncio.sleep(0.25)
            assert again["success"]
            assert (await game.ask("request_async", "John", ASK, callback_label="OnReady"))["success"]
            assert (await game.callback())["success"]
    finally:
        await server.stop()


async def test_a_locked_database_does_not_stop_reading_and_a_broken_one_is_minus_500(
    settings: Settings,
) -> None:
    async with (
        running(settings, "projector", "commands", "gateway") as endpoints,
        GameServer(endpoints["zmq"]) as game,
    ):
        assert (await game.ask("register", "John"))["success"]
        assert (await game.ask("get_state", "John"))["success"]
        path = settings.database_url.removeprefix("sqlite:///")
        lock = sqlite3.connect(path, isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
        try:
            read = await game.ask("get_state", "John", timeout_ms=1500)
            assert read["success"] or read["error_code"] == -500
        finally:
            lock.execute("ROLLBACK")
            lock.execute("ALTER TABLE npc_profiles RENAME TO away")
        broken = await game.ask("get_state", "John")
        assert broken["error_code"] == -500
        assert broken["retry_after_ms"] > 0
        lock.execute("ALTER TABLE away RENAME TO npc_profiles")
        lock.close()
        assert (await game.ask("get_state", "John"))["success"]
