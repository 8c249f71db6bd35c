"""A whole platform of its own for a measurement or a torture: `lorestream up --json` in a scratch directory."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path

import psutil

from adapters.roles import endpoints as endpoints_store
from adapters.roles.endpoints import Endpoints
from adapters.settings import Settings
from bench.places import environment

START_SECONDS = 60.0
STOP_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Platform:
    """A running platform. `started_in` is how many seconds it took until it reported ready."""

    endpoints: Endpoints
    started_in: float
    talk: Path

    @property
    def state(self) -> Path:
        return Path(self.endpoints.state)

    @property
    def settings(self) -> Settings:
        """Settings of a client on this machine: credentials are in the state directory."""
        return Settings(state=self.state, realm=self.endpoints.realm)

    @property
    def roles(self) -> dict[str, int]:
        """Process ids by role as of now: they change when a role is restarted."""
        found = endpoints_store.read(self.state)
        return found.roles if found else {}

    def processor_seconds(self) -> dict[str, float]:
        """Processor time each role has used so far."""
        times = {role: psutil.Process(pid).cpu_times() for role, pid in self.roles.items()}
        return {role: used.user + used.system for role, used in times.items()}

    def resident_megabytes(self) -> dict[str, float]:
        """Resident memory of each role now."""
        return {role: psutil.Process(pid).memory_info().rss / 1e6 for role, pid in self.roles.items()}


@contextmanager
def running(
    state: Path | None = None, *, variables: Mapping[str, str] | None = None, http: bool = False
) -> Iterator[Platform]:
    """Start a platform on free ports, stop it in order at the end.

    Without `state` it works in a temporary directory; with it, what the platform says is kept beside that, in
    `talk.log`. `variables` are settings as environment variables.
    Raises `RuntimeError` with its last words when it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="lorestream-") as scratch:
        talk = (state.parent if state else Path(scratch)) / "talk.log"
        began = time.perf_counter()
        with talk.open("wb") as errors:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "adapters.cli", "up", "--json"),
                    *("--state", str(state or Path(scratch) / "state")),
                    *("--zmq", "tcp://127.0.0.1:*"),
                    *("--http", "127.0.0.1:0" if http else "off"),
                ],
                stdout=subprocess.PIPE,
                stderr=errors,
                stdin=subprocess.DEVNULL,
                env=environment(dict(variables or {})),
                # Another directory might hold a lorestream.toml; this one is a checkout or an installation.
                cwd=scratch,
            )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise RuntimeError(f"the platform did not start: {last_words(talk)}")
            # The first sign-in and the page's address are told beside the endpoints.
            told = {field.name: json.loads(line)[field.name] for field in fields(Endpoints)}
            yield Platform(Endpoints(**told), time.perf_counter() - began, talk)
        finally:
            _stop(process)


def last_words(talk: Path, lines: int = 5) -> str:
    return " | ".join(talk.read_text(errors="replace").splitlines()[-lines:])


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def wait_for_position(platform: Platform, position: int, *, seconds: float = 600.0) -> bool:
    """Wait until all read models have reached `position`; whether they did in time."""
    from adapters.sql.engine import open_database
    from projections import checkpoints

    database = open_database(platform.endpoints.database)
    try:
        give_up = time.perf_counter() + seconds
        while time.perf_counter() < give_up:
            with database.reader.connect() as connection:
                reached = checkpoints.positions(connection)
            if reached and min(reached.values()) >= position:
                return True
            time.sleep(0.2)
    finally:
        database.close()
    return False
