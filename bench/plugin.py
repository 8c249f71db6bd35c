"""What do the script commands cost a map-server? The plugin's core, compiled as operators compile it.

The core runs in a process of its own against a whole platform: commands that the game waits for, one after the other,
requests that it does not wait for, and the tick that finds nothing to do.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.measure import Figure, Result, latencies
from bench.options import DEFAULT, Options
from bench.places import ROOT
from bench.platform import running

DRIVER = ROOT / "tests" / "adapters" / "rathena" / "plugin" / "driver.cpp"
CORE = ROOT / "adapters" / "rathena" / "plugin" / "lorestream"
REQUESTS = 500
COMMANDS_PER_SECOND = 100
COMPILE_SECONDS = 300.0
NPC = "Merchant_John"
PLAYER = {"char_id": 150000}


def run(options: Options = DEFAULT) -> Result:
    """Commands in a row, 500 requests at once, and an idle tick."""
    with tempfile.TemporaryDirectory(prefix="lorestream-plugin-") as scratch:
        program = Path(scratch) / "driver"
        missing = compiled(program)
        if missing:
            return Result("plugin", (), (f"not measured: {missing}",))
        with running() as platform, core(program, platform.endpoints.zmq, Path(scratch)) as asked:
            figures, notes = _measure(asked, options)
    return Result("plugin", tuple(figures), notes)


def compiled(program: Path) -> str:
    """Compile the driver; why that is impossible, or an empty text."""
    if not DRIVER.exists():
        return "the driver is part of a checkout, not of an installation"
    if shutil.which("g++") is None:
        return "no C++ compiler: apt-get install g++ libzmq3-dev nlohmann-json3-dev"
    command = ["g++", "-std=c++17", "-O2", f"-I{CORE}", str(DRIVER), "-o", str(program), "-lzmq"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=COMPILE_SECONDS)
    return "" if done.returncode == 0 else f"it does not compile: {done.stderr.strip()[:200]}"


class Core:
    """The running driver; see `driver.cpp` for its orders."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __call__(self, what: str, **order: Any) -> dict[str, Any]:
        """What the driver tells after an order. Raises `RuntimeError` when it died."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": what, **order}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the plugin's core ended at {what!r}")
        told: dict[str, Any] = json.loads(line)
        return told


@contextmanager
def core(program: Path, endpoint: str, scratch: Path) -> Iterator[Core]:
    """The driver, connected to `endpoint`, until the block ends."""
    configuration = scratch / "lorestream.conf"
    # Nothing may be cut off: what takes longer is to show in the figures.
    configuration.write_text(
        f"zmq_endpoint = {endpoint}\ndefault_timeout_ms = 5000\nquery_timeout_ms = 5000\nasync_timeout_ms = 60000\n"
    )
    with subprocess.Popen(
        [program, configuration], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Core(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()


def _measure(asked: Core, options: Options) -> tuple[list[Figure], tuple[str, ...]]:
    profile = {"personality": '{"archetype":"merchant"}'}
    asked("ask", operation="register", npc_id=NPC, data=profile, pace="command")
    count = round(COMMANDS_PER_SECOND * options.seconds)
    gift = {"player_id": "150000", "interaction_type": "gift", "data": '{"item_id":501,"value":50}'}
    command = {"operation": "interact", "npc_id": NPC, "data": gift, **PLAYER}
    query = {"operation": "get_emotion", "npc_id": NPC}
    for warm in (command, query):
        asked("latency", times=50, **warm)
    durable = asked("latency", times=count, **command)
    read = asked("latency", times=count, **query)
    wanted = {"operation": "dialogue", "npc_id": NPC, "data": {"player_id": "150000", "message": "Hello"}}
    began = time.perf_counter()
    queued = asked("request", times=REQUESTS, timeout_ms=60_000, **wanted, **PLAYER)
    answered = asked("tick", until=REQUESTS, for_ms=60_000)
    seconds = time.perf_counter() - began
    idle = asked("idle")
    lost = answered["counters"]["timeouts"] + REQUESTS - len(answered["callbacks"])
    return [
        *latencies("synchronous command", _milliseconds(durable), p50=2.0, p99=10.0),
        *latencies("synchronous query", _milliseconds(read), p50=2.0, p99=10.0),
        Figure(f"{REQUESTS} asynchronous requests, queued", queued["us"] / 1000, "ms", at_most=20.0),
        Figure(f"{REQUESTS} asynchronous requests, all called back", seconds, "s"),
        Figure("a tick without work", idle["microseconds"] / 1000, "ms", at_most=0.1),
    ], ((f"{lost} commands or requests were not answered",) if lost else ())


def _milliseconds(told: dict[str, Any]) -> list[float]:
    return [us / 1000 for us in told["microseconds"]]
