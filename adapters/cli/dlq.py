"""`lorestream dlq`: commits a projection could not digest, and those that wait behind them."""

from __future__ import annotations

from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.cli.command import AsJson, new_app, on_platform, open_log
from adapters.cli.commits import as_json, clock, decode
from adapters.cli.output import columns, emit, safe, say
from adapters.cli.status import NotFound, Status
from adapters.settings import Settings

if TYPE_CHECKING:
    from projections.redelivery import Redelivered
    from projections.store import Database

app = new_app("dlq")

ProjectionName = Annotated[str, typer.Argument(metavar="PROJECTION", help="The name of the projection.")]
Position = Annotated[
    int, typer.Argument(metavar="POSITION", min=1, help="The log position of the dead letter.")
]


@app.command("ls")
@on_platform
def list_letters(
    settings: Settings,
    projection: Annotated[str | None, typer.Option(metavar="NAME", help="Only of this projection.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many.")] = 200,
    json: AsJson = False,
) -> None:
    """List dead letters in the order of the log."""
    from projections import deadletters

    with _database(settings) as database, database.reader.connect() as connection:
        letters = deadletters.listing(connection, projection=projection, limit=limit)
    if json:
        emit([asdict(letter) for letter in letters])
        return
    if not letters:
        say("no dead letters")
        return
    columns(
        [
            (
                each.projection,
                each.position,
                each.stream,
                each.status,
                each.attempts,
                each.error or each.reason or "",
            )
            for each in letters
        ],
        ["PROJECTION", "POSITION", "STREAM", "STATUS", "ATTEMPTS", "WHY"],
    )


@app.command("show")
@on_platform
async def show_letter(
    settings: Settings, projection: ProjectionName, position: Position, json: AsJson = False
) -> None:
    """Show one dead letter with its commit, read again from the log."""
    from projections import deadletters

    with _database(settings) as database, database.reader.connect() as connection:
        letter = deadletters.find(connection, projection, position)
    if letter is None:
        raise NotFound(
            f"{projection} has no dead letter at position {position}. `lorestream dlq ls` lists them."
        )
    async with open_log(settings) as log:
        message = await log.at(position)
    found = decode(message) if message else None
    if json:
        emit(asdict(letter) | {"commit": as_json(found) if found else None})
        return
    for name, value in asdict(letter).items():
        shown = clock(value) if name.endswith("_seen") else value
        if shown is not None:
            typer.echo(f"{name:<12}{safe(shown)}")
    if found is not None:
        import json as json_text

        typer.echo(safe(json_text.dumps(as_json(found), ensure_ascii=False)))
    elif message is not None:
        typer.echo(safe(message.body.decode(errors="replace"), 2000))


@app.command("replay")
@on_platform
async def replay_letter(
    settings: Settings, projection: ProjectionName, position: Position, json: AsJson = False
) -> None:
    """Apply a stream's dead letters again, in order, until one fails. Works on a running platform."""
    from adapters.sql.read_models import read_models
    from projections.redelivery import replay

    with _database(settings) as database:
        async with open_log(settings) as log:
            outcome = await _found(replay(log, database, projection, position, projections=read_models()))
    _tell(outcome, json)


@app.command("discard")
@on_platform
async def discard_letter(
    settings: Settings,
    projection: ProjectionName,
    position: Position,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; kept with the dead letter.")],
    json: AsJson = False,
) -> None:
    """Give one dead letter up and apply what waited behind it. The commit itself stays in the log for ever."""
    from adapters.sql.read_models import read_models
    from projections.redelivery import discard

    with _database(settings) as database:
        async with open_log(settings) as log:
            outcome = await _found(
                discard(log, database, projection, position, reason=reason, projections=read_models())
            )
    _tell(outcome, json)


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    from adapters.sql.engine import open_database

    database = open_database(settings.database_url)
    try:
        yield database
    finally:
        database.close()


async def _found(work: Coroutine[Any, Any, Redelivered]) -> Redelivered:
    from projections.redelivery import NoSuchDeadLetter

    try:
        return await work
    except NoSuchDeadLetter as error:
        raise NotFound(f"{error}. `lorestream dlq ls` lists them.") from None


def _tell(outcome: Redelivered, json: bool) -> None:
    if json:
        emit(asdict(outcome))
    else:
        say(f"{outcome.projection}: {outcome.applied} commits of {safe(outcome.stream)} applied")
    if outcome.failed_at is not None:
        if not json:
            say(f"position {outcome.failed_at} failed again: {safe(outcome.error)}")
        raise typer.Exit(Status.PROBLEM)
