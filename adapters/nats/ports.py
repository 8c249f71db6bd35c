"""What the rest of the platform needs from NATS besides the log."""

from __future__ import annotations

from typing import Any, Protocol

from commands.message import CommandMessage, Reply


class CommandBus(Protocol):
    """Sends commands to whichever worker is free."""

    async def send(self, message: CommandMessage, *, timeout: float) -> Reply:
        """Have `message` decided; `timeout` in seconds.

        Never raises for what the platform can explain: no worker is `-500`, no answer in time is `-501`
        (the command may still happen; the same id asks again safely).
        """


class AccessLog(Protocol):
    """Records queries and rejected commands without making anybody wait for it."""

    def record(self, kind: str, entry: dict[str, Any]) -> None:
        """Queue one entry; `kind` is `query` or `rejected`. Bounded: when full, it counts and drops."""
