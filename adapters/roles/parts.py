"""The parts of a role: tasks beside each other that work until the role is told to stop.

A role whose part has ended is half dead: it keeps its ports and its place in a queue and answers nothing. So it ends
as a whole, says why, and whoever supervises it starts it again.
"""

from __future__ import annotations

import asyncio
from typing import Any

import structlog

from events.errors import LorestreamError

logger = structlog.get_logger(__name__)


class PartEnded(LorestreamError):
    """A part of a role ended before it was told to; `part` is the name of its task."""

    def __init__(self, part: str, why: str) -> None:
        super().__init__(f"{part} ended unexpectedly: {why}")
        self.part = part


async def until_stopped(stop: asyncio.Event, *parts: asyncio.Task[Any]) -> None:
    """Wait until `stop` is set.

    Raises `PartEnded` when one of `parts` ends before, or its error if that is one of ours (a wrong setting stays a
    wrong setting). The others go on: ending them is up to the caller.
    """
    stopped = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait({stopped, *parts}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
    if stop.is_set():
        return
    ended = next(part for part in parts if part.done())
    error = None if ended.cancelled() else ended.exception()
    if isinstance(error, LorestreamError):
        raise error
    if error is not None:
        logger.error("a part of the role failed", part=ended.get_name(), exc_info=error)
    raise PartEnded(ended.get_name(), repr(error) if error else "it had nothing more to do") from error
