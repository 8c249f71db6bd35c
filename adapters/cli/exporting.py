"""`lorestream export`: commits as NDJSON, byte for byte as stored, each with its log position."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from pydantic_core import from_json, to_json

from adapters.cli.command import AsJson, new_app, on_platform, open_log
from adapters.cli.commits import Form, decode
from adapters.cli.output import emit, progress, say
from adapters.cli.places import position_of
from adapters.cli.status import Status, UsageError
from adapters.settings import Settings
from events.cloudevents import to_cloudevents
from events.errors import LorestreamError
from events.log import Log, RawMessage

app = new_app("export")

_TAIL_BYTES = 8 * 1024 * 1024


@app.command(no_args_is_help=False)
@on_platform
async def export(
    settings: Settings,
    since: Annotated[
        str, typer.Option(metavar="PLACE", help="After a position, from a time on, or an age (15m).")
    ] = "0",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Default: standard output.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where FILE ends.")] = False,
    form: Annotated[Form, typer.Option("--format", help="json or cloudevents.")] = Form.JSON,
    json: AsJson = False,
) -> None:
    """Write commits as NDJSON, one per line.

    Each line is {"position", "stored_at", "commit"}; `lorestream import` reads it. Works on a running platform
    and ends at what is the head when it starts. With --json a summary is printed (only together with --output).
    A message that is no commit anybody can read is named and left out; the exit code is 1 then.
    """
    if resume and (output is None or form is not Form.JSON):
        raise UsageError("--resume needs --output FILE and the format json.")
    if output is not None and output.exists() and not resume:
        raise UsageError(f"{output} exists. Continue it with --resume, or name another file.")
    async with open_log(settings) as log:
        if resume and output is not None and output.exists():
            after = _last_position(output)
        else:
            after = await position_of(log, since)
        if output is None:
            count, end, skipped = await _write(log, after, sys.stdout.buffer, form)
        else:
            with _opened(output) as file:
                count, end, skipped = await _write(log, after, file, form)
    if output is not None:
        if json:
            emit({"file": str(output), "commits": count, "after": after, "up_to": end, "skipped": skipped})
        else:
            told = f"{count:,} commits in {output}, positions {after + 1} to {end}"
            nothing = f"nothing new: {output} holds everything up to position {end}"
            say(told if count or skipped else nothing)
    if skipped:
        raise typer.Exit(Status.PROBLEM)


def _opened(output: Path) -> BinaryIO:
    try:
        return output.open("ab")
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}.") from None


def line_of(message: RawMessage) -> bytes:
    """One exported line; the commit's bytes are embedded as they are. Raises `LorestreamError` if not JSON."""
    try:
        from_json(message.body)
    except ValueError:
        raise LorestreamError(
            f"the message at position {message.position} is not JSON; `lorestream verify` examines the log"
        ) from None
    head = b'{"position":%d,"stored_at":%d,"commit":' % (message.position, message.stored_at)
    return head + message.body.replace(b"\n", b" ") + b"}\n"


async def _write(log: Log, after: int, file: BinaryIO, form: Form) -> tuple[int, int, int]:
    """Write what is after a position: how many commits, up to where, and how many were left out."""
    end, count, skipped = (await log.head()).position, 0, 0
    with progress("exporting", max(end - after, 0)) as update:
        async for page in log.read_all(after=after, up_to=end):
            for message in page:
                line = _cloudevents(message) if form is Form.CLOUDEVENTS else _line(message)
                if line is None:
                    skipped += 1
                else:
                    file.write(line)
                    count += 1
            update(count + skipped)
    file.flush()
    return count, end, skipped


def _line(message: RawMessage) -> bytes | None:
    try:
        return line_of(message)
    except LorestreamError as error:
        say(f"left out: {error}")
        return None


def _cloudevents(message: RawMessage) -> bytes | None:
    found = decode(message)
    return b"".join(to_json(event) + b"\n" for event in to_cloudevents(found)) if found else None


def _last_position(path: Path) -> int:
    """The position of the last complete line; an interrupted one is cut off."""
    size = path.stat().st_size
    if size == 0:
        return 0
    with path.open("rb+") as file:
        file.seek(max(size - _TAIL_BYTES, 0))
        tail = file.read()
        complete = tail.rfind(b"\n") + 1
        if complete == 0 and size > _TAIL_BYTES:
            raise UsageError(f"{path} is not an export: its last line is longer than any commit.")
        file.truncate(size - len(tail) + complete)
        whole = tail[:complete].splitlines()
    if not whole:
        return 0
    try:
        return int(from_json(whole[-1])["position"])
    except (ValueError, KeyError, TypeError):
        raise UsageError(f"{path} is not an export: its last line has no position.") from None
