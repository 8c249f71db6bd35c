"""The clock of the world: when to look whether something happens, and when what lasts is over.

Part of the role `agents`. Both are JetStream schedules, so they survive whatever restarts. Any number of processes may
deliver what is due: a look is decided once for its tick, an end once for what ends.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import structlog

from adapters.nats.ports import CommandBus
from adapters.nats.timers import Timers
from commands.codes import Code
from commands.message import CommandMessage, Reply
from commands.ports import Deadline
from events.commit import Actor, Commit, Json, microseconds, moment

logger = structlog.get_logger(__name__)

LOOK = "look"
SEND_SECONDS = 5.0
FARTHEST = timedelta(days=6)
"""Schedules are kept for seven days; what ends later is asked for again."""

_ACTOR = Actor("system", "clock")


class WorldClock:
    """Looks at the world every `seconds` (0: never) and ends what is over."""

    def __init__(self, timers: Timers, realm: str, bus: CommandBus, seconds: int) -> None:
        self._timers, self._bus, self._seconds = timers, bus, seconds
        self._stream = f"world/{realm}"

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set. Raises `LogUnavailable`."""
        if self._seconds:
            await self._begin()
        await self._timers.deliver("world", self._due, stop=stop)

    async def set_end(self, cause: Commit, kind: str, name: str, until: int) -> None:
        """Have the weather of a map, or a festival, end at `until` (µs). Raises `LogUnavailable`."""
        end = Deadline(
            self._stream, _near(moment(until)), cause.correlation_id, cause.id, f"end/{kind}/{name}"
        )
        await self._timers.set(end)

    async def _begin(self) -> None:
        """Set the first look, unless one is set that is not too far away: a restart must not put it off."""
        pending = await self._timers.pending(self._stream, LOOK)
        following = self._following(datetime.now(UTC))
        if pending is None or pending.due > following:
            await self._set_look(following)

    def _following(self, after: datetime) -> datetime:
        """The next moment to look: multiples of the interval, the same for every process."""
        step = self._seconds * 1_000_000
        return moment((microseconds(after) // step + 1) * step)

    async def _set_look(self, due: datetime) -> None:
        await self._timers.set(Deadline(self._stream, due, f"look/{int(due.timestamp())}", "", LOOK))

    async def _due(self, deadline: Deadline) -> bool:
        """Do what is due; False asks for another try."""
        if deadline.name == LOOK:
            return await self._look(deadline)
        _, _, what = deadline.name.partition("/")
        kind, _, name = what.partition("/")
        args = {"kind": kind, "map": name} if kind == "weather" else {"kind": kind, "name": name}
        reply = await self._send(deadline, "world.end", args)
        if reply.code == Code.INVALID_STATE_TRANSITION and reply.retry_after_ms is not None:
            # It was prolonged, or lies farther away than a schedule is kept.
            later = datetime.now(UTC) + timedelta(milliseconds=reply.retry_after_ms)
            await self._timers.set(
                Deadline(
                    deadline.stream,
                    _near(later),
                    deadline.correlation_id,
                    deadline.causation_id,
                    deadline.name,
                )
            )
            return True
        return not reply.passing

    async def _look(self, deadline: Deadline) -> bool:
        if not self._seconds:
            return True
        reply = await self._send(deadline, "world.look", {"tick": int(deadline.due.timestamp())})
        if reply.passing:
            return False
        if not reply.success:
            logger.warning("the world could not be looked at", code=reply.code, reason=reply.message)
        # Before it is done with: a process that dies here leaves the look to another, which finds it decided.
        await self._set_look(self._following(max(datetime.now(UTC), deadline.due)))
        return True

    async def _send(self, deadline: Deadline, name: str, args: Json) -> Reply:
        message = CommandMessage(
            id=f"timers/{self._stream}/{deadline.name}/{microseconds(deadline.due)}",
            name=name,
            stream=self._stream,
            args=args,
            actor=_ACTOR,
            correlation_id=deadline.correlation_id,
            causation_id=deadline.causation_id or None,
        )
        return await self._bus.send(message, timeout=SEND_SECONDS)


def _near(due: datetime) -> datetime:
    return min(due, datetime.now(UTC) + FARTHEST)
