"""`lorestream verify`: the proof that log and read models are sound."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from adapters.cli.command import AsJson, new_app, on_platform, open_log
from adapters.cli.output import emit, progress, safe
from adapters.cli.status import Status
from adapters.settings import Settings

if TYPE_CHECKING:
    from projections.verify import LogVerdict, Verdict

app = new_app("verify")


@app.command(no_args_is_help=False)
@on_platform
async def verify(settings: Settings, json: AsJson = False) -> None:
    """Prove that log and read models are sound.

    Reads every commit (all can be decoded, versions have no gaps), folds the log anew into a scratch database and
    compares each read model with it. Works on a running platform. Exit code 1 when something differs.
    """
    from adapters import logging
    from adapters.sql.engine import open_database
    from adapters.sql.read_models import read_models
    from adapters.sql.temporary import temporary_database
    from projections.verify import verify_log, verify_read_models

    # What the fresh fold cannot digest is the log's problem, told once, not a dead letter of anybody.
    logging.configure("CRITICAL", role="command line")
    stored = open_database(settings.database_url)
    try:
        async with open_log(settings) as log:
            head = (await log.head()).position
            with progress("reading the log", head) as update:
                of_log = await verify_log(log, on_progress=lambda done, _: update(done))
            with temporary_database() as fresh, progress("folding it anew", head) as update:
                verdicts = await verify_read_models(
                    log, stored, fresh, read_models(), on_progress=lambda done, _: update(done)
                )
    finally:
        stored.close()
    sound = not of_log.problems and all(verdict.equal for verdict in verdicts)
    if json:
        found = [asdict(verdict) | {"equal": verdict.equal} for verdict in verdicts]
        emit({"ok": sound, "log": asdict(of_log), "read_models": found})
    else:
        _print(of_log, verdicts)
    if not sound:
        raise typer.Exit(Status.PROBLEM)


def _print(of_log: LogVerdict, verdicts: list[Verdict]) -> None:
    if of_log.problems:
        typer.secho(f"FAIL log: {len(of_log.problems)} problems", fg="red")
        for problem in of_log.problems:
            typer.echo(f"     {safe(problem)}")
    else:
        typer.echo(
            f"ok   log: {of_log.commits:,} commits in {of_log.streams:,} streams, versions without gaps"
        )
    for verdict in verdicts:
        if verdict.equal:
            typer.echo(f"ok   {verdict.projection}: equals a rebuild at position {verdict.position:,}")
            continue
        typer.secho(
            f"FAIL {verdict.projection}: differs from a rebuild at position {verdict.position:,}", fg="red"
        )
        if verdict.waiting:
            typer.echo(
                f"     {verdict.waiting} dead letters wait: see `lorestream dlq ls`, then `dlq replay`."
            )
        else:
            typer.echo(f"     Repair it with `lorestream projections rebuild {verdict.projection}`.")
