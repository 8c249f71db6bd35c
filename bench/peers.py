"""The same operations on other designs: an event-sourcing library with SQLite, and the plain HTTP approach."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

from bench.commands import IN_FLIGHT, NPCS, RATE, notes, prepare
from bench.load import Plan, drive
from bench.measure import Figure, Result, latencies
from bench.options import DEFAULT, Options
from bench.places import ROOT, environment
from bench.workload import requests

START_SECONDS = 20.0


def run(options: Options = DEFAULT) -> Result:
    """`eventsourcing` is called in its own process, without any network; FastAPI is called over HTTP."""
    library, version_note = _library(options)
    service, service_notes = _service(options)
    return Result("peers", (*library, *service), (*version_note, *service_notes))


def _library(options: Options) -> tuple[list[Figure], tuple[str, ...]]:
    try:
        from bench.peer_library import application
    except ImportError:
        return [], ("the library eventsourcing is not installed: pip install eventsourcing",)
    with application() as npcs:
        for request in requests("register", npcs=NPCS, prefix="r"):
            npcs.carry_out(request)
        taken: list[float] = []
        end = perf_counter() + options.seconds
        for request in requests("commands", npcs=NPCS, prefix="c"):
            began = perf_counter()
            if began >= end:
                break
            npcs.carry_out(request)
            taken.append((perf_counter() - began) * 1000)
        reads: list[float] = []
        end = perf_counter() + options.seconds / 4
        for request in requests("state", npcs=NPCS, prefix="q"):
            began = perf_counter()
            if began >= end:
                break
            npcs.state(request)
            reads.append((perf_counter() - began) * 1000)
    name = "eventsourcing, in process"
    figures = [
        *latencies(f"{name}, command", taken, p50=None, p99=None),
        Figure(f"{name}, commands", len(taken) / options.seconds, "/s"),
        Figure(f"{name}, state queries", len(reads) / (options.seconds / 4), "/s"),
    ]
    return figures, (f"eventsourcing {version('eventsourcing')} with SQLite, one caller, aggregates cached",)


def _service(options: Options) -> tuple[list[Figure], tuple[str, ...]]:
    try:
        import fastapi  # noqa: F401
        import uvicorn
    except ImportError:
        return [], ("FastAPI or uvicorn is not installed",)
    with _fastapi() as endpoint:
        prepare(endpoint, NPCS)
        common = {"seconds": options.seconds / 2, "warm_up": 0.5}
        steady = drive(Plan(endpoint, "commands", "s", NPCS, rate=RATE, **common))  # type: ignore[arg-type]
        most = drive(Plan(endpoint, "commands", "t", NPCS, in_flight=IN_FLIGHT, **common))  # type: ignore[arg-type]
        alone = drive(Plan(endpoint, "state", "a", NPCS, in_flight=1, **common))  # type: ignore[arg-type]
        reads = drive(Plan(endpoint, "state", "q", NPCS, in_flight=IN_FLIGHT, **common))  # type: ignore[arg-type]
    name = "FastAPI + SQLite"
    figures = [
        *latencies(f"{name}, command at {RATE:.0f}/s", steady.latencies, p50=None, p99=None),
        Figure(f"{name}, commands, {IN_FLIGHT} in flight", most.per_second, "/s"),
        *latencies(f"{name}, state query, 1 in flight", alone.latencies, p50=None, p99=None),
        Figure(f"{name}, state queries, {IN_FLIGHT} in flight", reads.per_second, "/s"),
    ]
    told = f"FastAPI {version('fastapi')}, uvicorn {uvicorn.__version__}, one process, keep-alive"
    return figures, (told, *notes(steady, most, alone, reads))


@contextmanager
def _fastapi() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="lorestream-peer-") as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "uvicorn", "bench.peer_service:app", "--host", "127.0.0.1"),
                *("--port", str(port), "--log-level", "warning", "--no-access-log"),
            ],
            env=environment({"PEER_DATABASE": str(Path(folder) / "peer.sqlite3")}),
            cwd=ROOT,
        )
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def _wait_for(port: int) -> None:
    give_up = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.05)
        else:
            return
