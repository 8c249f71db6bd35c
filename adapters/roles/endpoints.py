"""Where a running platform can be reached: `<state>/endpoints.json`, and the lock that marks it as running."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from events.errors import ConfigurationError

LOCK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Addresses and processes of one running platform. `http` is empty when HTTP is off, `models` (the operator's
    directory of `providers.toml` and the like) when it runs with those that ship."""

    version: str
    realm: str
    state: str
    zmq: str
    http: str
    nats: str
    database: str
    durability: str
    pid: int
    roles: dict[str, int] = field(default_factory=dict)
    models: str = ""


def endpoints_file(state: Path) -> Path:
    return state / "endpoints.json"


def write(state: Path, endpoints: Endpoints) -> None:
    """Publish atomically, readable by the owner only (a database URL may hold a password)."""
    scratch = state / "endpoints.json.new"
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(endpoints), file)
    scratch.replace(endpoints_file(state))


def withdraw(state: Path) -> None:
    endpoints_file(state).unlink(missing_ok=True)


def read(state: Path) -> Endpoints | None:
    """The platform that runs in this state directory, or None when none does."""
    try:
        found = Endpoints(**json.loads(endpoints_file(state).read_text()))
        os.kill(found.pid, 0)
    except (OSError, ValueError, TypeError):
        return None
    return found


def prepare_state(state: Path) -> None:
    """Create the state directory for its owner only, or close it to others.

    Raises `ConfigurationError` when that is impossible.
    """
    try:
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        state.chmod(0o700)
    except OSError as error:
        raise ConfigurationError(
            str(state),
            "state",
            f"cannot be used ({error.strerror})",
            "Choose a writable directory with --state.",
        ) from None


@contextlib.contextmanager
def exclusive(state: Path) -> Iterator[None]:
    """Hold the state directory for this process; the kernel releases it even after SIGKILL.

    Raises `ConfigurationError` when another platform holds it.
    """
    with (state / "lock").open("a+") as file:
        deadline = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    file.seek(0)
                    raise ConfigurationError(
                        str(state),
                        "state",
                        f"another `lorestream up` (process {file.read().strip() or 'unknown'}) works here",
                        "Stop it first, or choose another directory with --state.",
                    ) from None
                time.sleep(0.05)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
