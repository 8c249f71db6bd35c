"""Commits for the screen and for pipes: reading them from the log, and their three output forms."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from enum import StrEnum
from typing import Any

import typer

from adapters.cli.output import compact, emit, safe, say
from events import codec
from events.cloudevents import to_cloudevents
from events.commit import Recorded, moment
from events.errors import CodecError
from events.log import Log, RawMessage


class Form(StrEnum):
    """How a commit is printed."""

    TEXT = "text"
    JSON = "json"
    CLOUDEVENTS = "cloudevents"


def decode(message: RawMessage) -> Recorded | None:
    """The commit of a message; one this release cannot read is reported and skipped."""
    try:
        return Recorded(message.position, codec.decode(message.body))
    except CodecError as error:
        say(f"position {message.position}: {safe(error)}")
        return None


async def recorded(log: Log, *, after: int = 0, up_to: int | None = None) -> AsyncIterator[Recorded]:
    """All readable commits of the realm in order, at positions in (`after`, `up_to`]."""
    async for page in log.read_all(after=after, up_to=up_to):
        for message in page:
            found = decode(message)
            if found is not None:
                yield found


def as_json(found: Recorded) -> dict[str, Any]:
    """A commit as stored, with its position first."""
    return {"position": found.position, **codec.to_json(found.commit)}


def show(found: Recorded, form: Form) -> None:
    """Print one commit."""
    if form is Form.JSON:
        emit(as_json(found))
    elif form is Form.CLOUDEVENTS:
        for event in to_cloudevents(found):
            emit(event)
    else:
        for line in lines(found):
            typer.echo(line)


def lines(found: Recorded) -> list[str]:
    """One line per event: position, time, stream and version, event type, actor, data."""
    commit = found.commit
    stored = codec.to_json(commit)
    place = f"{found.position:>8}  {clock(commit.time)}  {safe(commit.stream)} v{commit.version}"
    who = f"{commit.actor.kind}/{safe(commit.actor.id, 40)}"
    return [f"{place}  {event['type']}  {who}  {compact(event['data'])}" for event in stored["events"]]


def clock(at: datetime | int) -> str:
    """A moment to the millisecond, UTC, as `2026-03-01 12:00:00.000`."""
    shown = moment(at) if isinstance(at, int) else at
    return shown.strftime("%Y-%m-%d %H:%M:%S.") + f"{shown.microsecond // 1000:03d}"
