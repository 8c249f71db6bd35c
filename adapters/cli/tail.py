"""`lorestream tail`: commits as they are recorded."""

from __future__ import annotations

from collections import deque
from fnmatch import fnmatchcase
from typing import Annotated

import typer

from adapters.cli.command import AsJson, new_app, on_platform, open_log
from adapters.cli.commits import Form, decode, recorded, show
from adapters.cli.places import position_of
from adapters.settings import Settings
from events.commit import Recorded
from events.log import Log
from events.subjects import log_filter, log_subject

app = new_app("tail")

_GLOB = frozenset("*?[")


@app.command(no_args_is_help=False)
@on_platform
async def tail(
    settings: Settings,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Wait for more, until Ctrl-C.")] = False,
    since: Annotated[
        str | None, typer.Option(metavar="PLACE", help="After a position, from a time on, or an age (15m).")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--type", metavar="GLOB", help="Only commits with such an event (npc.*).")
    ] = None,
    stream: Annotated[
        str | None, typer.Option(metavar="GLOB", help="Only such streams (npc/Merchant*).")
    ] = None,
    lines: Annotated[
        int | None,
        typer.Option(
            "--lines", "-n", min=0, help="At most the last so many to begin with; 10 without --since."
        ),
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="text, json or cloudevents.")] = Form.TEXT,
    json: AsJson = False,
) -> None:
    """Print commits as they are recorded.

    Without --since the last ten that match; with it all, or the last -n of them. --follow goes on as more arrive.
    """
    form = Form.JSON if json else form
    async with open_log(settings) as log:
        end = (await log.head()).position
        if since is not None:
            after = await position_of(log, since)
        else:
            after, lines = 0, 10 if lines is None else lines
        if lines is None:
            async for found in recorded(log, after=after, up_to=end):
                if matches(found, kind, stream):
                    show(found, form)
        else:
            for found in await _last(log, lines, after, end, kind, stream):
                show(found, form)
        if follow:
            subject = _subject(settings.realm, stream)
            async for page in log.follow(after=end, filter_subject=subject):
                for message in page:
                    arrived = decode(message)
                    if arrived is not None and matches(arrived, kind, stream):
                        show(arrived, form)


def matches(found: Recorded, kind: str | None, stream: str | None) -> bool:
    """Whether a commit has an event whose type fits `kind`, in a stream that fits `stream`."""
    if stream is not None and not fnmatchcase(found.commit.stream, stream):
        return False
    return kind is None or any(fnmatchcase(event.type, kind) for event in found.commit.events)


async def _last(
    log: Log, count: int, begin: int, end: int, kind: str | None, stream: str | None
) -> list[Recorded]:
    """Look back in growing steps: the last ten of a million commits must not cost reading them all."""
    step = max(count, 1)
    while True:
        after = max(end - step, begin)
        kept: deque[Recorded] = deque(maxlen=count)
        async for found in recorded(log, after=after, up_to=end):
            if matches(found, kind, stream):
                kept.append(found)
        if len(kept) == count or after <= begin:
            return list(kept)
        step *= 16


def _subject(realm: str, stream: str | None) -> str | None:
    """The narrowest subject that covers the pattern, so that the server filters."""
    if stream is None:
        return None
    if not _GLOB & set(stream):
        return log_subject(realm, stream)
    category = stream.partition("/")[0]
    return None if _GLOB & set(category) else log_filter(realm, category)
