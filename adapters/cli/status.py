"""Exit codes: stable, documented in `lorestream --help` and docs/cli.md."""

from __future__ import annotations

from enum import IntEnum

from events.errors import (
    ConfigurationError,
    InvalidStreamName,
    LogError,
    LogMisconfigured,
    LorestreamError,
    ProjectionUnavailable,
)


class Status(IntEnum):
    OK = 0
    PROBLEM = 1
    USAGE = 2
    CONFIGURATION = 3
    UNREACHABLE = 4
    NOT_FOUND = 5
    INTERRUPTED = 130


class NotFound(LorestreamError):
    """What was asked for does not exist."""


class UsageError(LorestreamError):
    """An argument cannot be understood; the message names it and shows a good one."""


def status_of(error: LorestreamError) -> Status:
    """The exit code that tells a script what kind of thing went wrong."""
    if isinstance(error, (ConfigurationError, LogMisconfigured)) or getattr(error, "misconfigured", False):
        return Status.CONFIGURATION
    if isinstance(error, NotFound):
        return Status.NOT_FOUND
    if isinstance(error, (UsageError, InvalidStreamName)):
        return Status.USAGE
    if isinstance(error, (LogError, ProjectionUnavailable)) or hasattr(error, "misconfigured"):
        return Status.UNREACHABLE
    return Status.PROBLEM
