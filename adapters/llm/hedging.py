"""Two calls at once, of which the faster one counts."""

from __future__ import annotations

import asyncio

from adapters.llm.answer import Answer


async def first_to_succeed(tries: list[asyncio.Task[Answer]]) -> Answer:
    """The first answer; the last failure when there is none."""
    waiting = set(tries)
    while True:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        succeeded = [task for task in done if task.exception() is None]
        if succeeded:
            return succeeded[0].result()
        if not waiting:
            return done.pop().result()
