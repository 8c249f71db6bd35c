"""What the command handler needs from the outside besides the log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from commands.mind.grid import Grid
from commands.mind.view import MindView

Clock = Callable[[], datetime]
"""The current time, in UTC."""

Identities = Callable[[], str]
"""A fresh UUIDv7."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """When `time_out` must be tried on `stream`, and what to say caused it.

    `name` tells several deadlines of a stream apart, and what is due then.
    """

    stream: str
    due: datetime
    correlation_id: str
    causation_id: str
    name: str = ""


class Deadlines(Protocol):
    async def set(self, deadline: Deadline) -> None:
        """Have the deadline fire when it is due; setting one of the same stream and name again moves
        it.

        Raises `LogUnavailable`.
        """


class Census(Protocol):
    async def registered(self, *, faction: str | None = None, among: Sequence[str] | None = None) -> int:
        """How many NPCs are registered, counting everything acknowledged before the call.

        `faction` counts its members only, `among` only the ids given. Raises `ProjectionError`.
        """

    async def residents(self, maps: Sequence[str]) -> list[str]:
        """The ids of the NPCs that live on some maps, at most 1,000, counting as `registered` does.

        Raises `ProjectionError`.
        """


class Minds(Protocol):
    async def view(
        self, npc_id: str, others: Sequence[str], *, at_least: int | None, at_us: int
    ) -> MindView | None:
        """The mind of an NPC and how it stands to `others`, including everything up to position `at_least`.

        None when the NPC is not registered. Raises `ProjectionError`.
        """


class Grounds(Protocol):
    async def grid(self, map_name: str) -> Grid | None:
        """The walkable cells of a map, None when there is no such map or no map at all is configured."""


class Snapshots(Protocol):
    """Folded states, kept to save reading long streams. Losing any of them loses nothing."""

    async def get(self, key: str) -> bytes | None: ...

    async def put(self, key: str, value: bytes) -> None: ...
