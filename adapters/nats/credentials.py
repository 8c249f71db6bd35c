"""The generated credentials of the embedded server: one file in the state directory, readable by its owner."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from events.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class User:
    user: str
    password: str

    def __repr__(self) -> str:
        return f"User({self.user!r}, password=***)"


@dataclass(frozen=True, slots=True)
class Credentials:
    """How to reach the embedded server. `administrator` may change streams; `application` may not harm the log."""

    url: str
    application: User
    administrator: User


def credentials_file(state: Path) -> Path:
    return state / "credentials.json"


def generate(url: str) -> Credentials:
    return Credentials(
        url, User("application", secrets.token_urlsafe(24)), User("administrator", secrets.token_urlsafe(24))
    )


def write(state: Path, credentials: Credentials) -> None:
    """Write the file with mode 0600, atomically: a reader sees the old or the new one."""
    path = credentials_file(state)
    scratch = path.with_suffix(".new")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(credentials), file, indent=1)
    scratch.replace(path)


def read(state: Path) -> Credentials:
    """Raises `ConfigurationError` when the platform was never started here or the file is damaged."""
    path = credentials_file(state)
    try:
        plain = json.loads(path.read_text())
        return Credentials(plain["url"], User(**plain["application"]), User(**plain["administrator"]))
    except FileNotFoundError:
        raise ConfigurationError(
            str(path),
            "state",
            "no platform was started in this directory",
            "Run `lorestream up` or pass --state.",
        ) from None
    except (ValueError, KeyError, TypeError):
        raise ConfigurationError(
            str(path),
            "credentials",
            "the file is damaged",
            "Stop the platform, delete the file, start again.",
        ) from None
