"""`lorestream projections`: list, rebuild and fingerprint the read models."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.cli.command import AsJson, new_app, on_platform, open_log
from adapters.cli.output import columns, emit, progress, say
from adapters.cli.status import NotFound, Status, UsageError
from adapters.settings import Settings

if TYPE_CHECKING:
    from projections.projection import Projection
    from projections.rebuild import Progress

app = new_app("projections")

Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Projections; default: all.")]


@app.command("ls")
@on_platform
async def list_projections(settings: Settings, json: AsJson = False) -> None:
    """List the read models: version, position, how far behind the log."""
    from adapters.sql.engine import open_database
    from adapters.sql.read_models import read_models
    from projections import checkpoints

    async with open_log(settings) as log:
        head = await log.head()
    database = open_database(settings.database_url)
    try:
        with database.reader.connect() as connection:
            stored = checkpoints.load(connection)
    finally:
        database.close()
    rows = [
        {
            "name": projection.name,
            "version": projection.version,
            "position": stored[projection.name].position if projection.name in stored else 0,
            "lag": head.position - (stored[projection.name].position if projection.name in stored else 0),
            "stored_version": stored[projection.name].version if projection.name in stored else None,
            "tables": [table.name for table in projection.tables],
        }
        for projection in read_models()
    ]
    if json:
        emit(rows)
        return
    columns(
        [(row["name"], row["version"], row["position"], row["lag"], " ".join(row["tables"])) for row in rows],
        ["NAME", "VERSION", "POSITION", "LAG", "TABLES"],
    )


@app.command("rebuild")
@on_platform
async def rebuild_projections(
    settings: Settings,
    names: Names = None,
    everything: Annotated[bool, typer.Option("--all", help="Rebuild all of them.")] = False,
    afresh: Annotated[bool, typer.Option("--afresh", help="Do not resume an interrupted rebuild.")] = False,
    json: AsJson = False,
) -> None:
    """Build read models anew beside the live ones and switch over at the end.

    Works while the platform runs. Ctrl-C interrupts it after the batch in hand; the same command resumes it.
    """
    from adapters.sql.companion import launch
    from adapters.sql.engine import open_database
    from projections.rebuild import rebuild

    if bool(names) == everything:
        raise UsageError("Name the projections to rebuild, or all of them with --all.")
    chosen = named(names)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop.set)
    database = open_database(settings.database_url)
    try:
        async with open_log(settings) as log:
            with progress("rebuilding", (await log.head()).position) as update:

                def on_progress(now: Progress) -> None:
                    update(now.done)

                done = await rebuild(
                    log,
                    database,
                    chosen,
                    on_progress=on_progress,
                    stop=stop,
                    launch=launch,
                    afresh=afresh,
                )
    finally:
        database.close()
    if json:
        emit(asdict(done) | {"projections": list(done.projections)})
    if not done.finished:
        say(f"interrupted at position {done.position:,}; the same command goes on from there")
        raise typer.Exit(Status.INTERRUPTED)
    if not json:
        say(f"{', '.join(done.projections)}: {done.commits:,} commits up to position {done.position:,}")


def named(names: Sequence[str] | None) -> list[Projection]:
    """The projections of these names, or all. Raises `NotFound` naming those that exist."""
    from adapters.sql.read_models import read_models
    from projections.catalogue import named as find

    every = read_models()
    if not names:
        return list(every)
    chosen = []
    for name in names:
        projection = find(name, every)
        if projection is None:
            raise NotFound(f"there is no projection {name!r}, only {', '.join(each.name for each in every)}.")
        chosen.append(projection)
    return chosen


@app.command("hash")
@on_platform
def hash_projections(settings: Settings, names: Names = None, json: AsJson = False) -> None:
    """Print the content hash of each read model: equal hashes at equal positions mean equal content."""
    from adapters.sql.engine import open_database
    from projections.contenthash import content_hash

    chosen = named(names)
    database = open_database(settings.database_url)
    try:
        with database.reader.connect() as connection:
            found = [content_hash(connection, projection) for projection in chosen]
    finally:
        database.close()
    if json:
        emit([asdict(each) for each in found])
        return
    columns(
        [(each.projection, each.version, each.position, each.rows, each.digest) for each in found],
        ["NAME", "VERSION", "POSITION", "ROWS", "HASH"],
    )
