"""Reading the log on from a place that is kept, until told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic

from adapters.nats.client import PromptClient
from adapters.nats.follow import LEISURE_SECONDS, follow
from events.log import RawMessage

SAVE_SECONDS = 1.0


async def read_on(
    client: PromptClient,
    stop: asyncio.Event,
    *,
    filter_subject: str,
    name: str,
    place: Callable[[], int],
    work: Callable[[Sequence[RawMessage]], Awaitable[bool]],
    save: Callable[[int], Awaitable[None]],
) -> None:
    """Hand pages of messages after `place()` to `work`, one after the other, until `stop` is set.

    `work` moves the place, and answers whether there is to be another page; what it raises ends the reading. The place
    is given to `save` at most once in `SAVE_SECONDS`, and at the end: what was done since is done again after a crash.
    """
    saved, due = place(), monotonic() + SAVE_SECONDS
    pages = follow(
        client, "LOG", after=saved, filter_subject=filter_subject, name=name, breath=LEISURE_SECONDS
    )
    stopped = asyncio.ensure_future(stop.wait())
    page = asyncio.ensure_future(anext(pages))
    try:
        while not stop.is_set():
            await asyncio.wait({page, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not page.done() or not await work(page.result()):
                break
            page = asyncio.ensure_future(anext(pages))
            if monotonic() >= due:
                saved, due = place(), monotonic() + SAVE_SECONDS
                await save(saved)
    finally:
        for task in (stopped, page):
            task.cancel()
        await asyncio.gather(stopped, page, return_exceptions=True)
        await pages.aclose()  # type: ignore[attr-defined]
        if place() != saved:
            await save(place())
