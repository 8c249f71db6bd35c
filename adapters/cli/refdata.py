"""`lorestream refdata`: import, search and show the reference data of a ruleset."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from adapters.cli.command import AsJson, new_app, on_platform
from adapters.cli.output import columns, emit, progress, safe, say
from adapters.cli.status import NotFound, UsageError
from adapters.settings import Settings

app = new_app("refdata")

RulesetOption = Annotated[
    str | None, typer.Option("--ruleset", metavar="2014|2024", help="Of this ruleset only.")
]


@app.callback()
def refdata() -> None:
    """Import, search and show the reference data of a ruleset."""


@app.command("import")
@on_platform
def import_(
    settings: Settings,
    source: Annotated[
        Path, typer.Argument(metavar="DIR|ZIP", help="A data set: directory, ZIP or NDJSON file.")
    ],
    form: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="auto, open5e-v2, 5ebits or ndjson.")
    ] = "auto",
    ruleset: RulesetOption = None,
    json: AsJson = False,
) -> None:
    """Import a data set. A document that was imported before is replaced, or left alone if nothing changed."""
    from datetime import UTC, datetime

    from adapters.refdata.importing import FORMATS, MOST_NAMED, bring_in, read_source

    chosen: Any = _one_of("--format", form, FORMATS)
    chosen, reading = read_source(source, chosen, _ruleset(ruleset))
    with progress("entries", sum(map(len, reading.entries.values()))) as update:
        report = bring_in(settings.state, chosen, reading, datetime.now(UTC), update)
    for key, reason in list(report.refused.items())[:MOST_NAMED]:
        say(f"refused {safe(key)}: {safe(reason)}")
    for row in report.skipped[:MOST_NAMED]:
        say(f"skipped {safe(row)}")
    if len(report.skipped) > MOST_NAMED:
        say(f"skipped {len(report.skipped) - MOST_NAMED} more rows")
    if json:
        emit(report.as_json())
    else:
        rows = [
            (
                i.document.key,
                i.document.ruleset,
                i.entries,
                i.version,
                "yes" if i.changed else "no",
                i.document.licence,
            )
            for i in report.imported
        ]
        columns(rows, ["DOCUMENT", "RULESET", "ENTRIES", "VERSION", "CHANGED", "LICENCE"])
    if not report.imported:
        raise typer.Exit(1)


@app.command("status")
@on_platform
def status(settings: Settings, json: AsJson = False) -> None:
    """Show which documents are there, under which licence, and how they must be attributed."""
    from adapters.refdata.library import open_library

    with open_library(settings.state) as library:
        found = library.status()
    if json:
        emit(found)
        return
    if found["sample"]:
        say("nothing was imported: this is the sample that ships with Lorestream")
    rows = [
        (d["key"], d["ruleset"], d["entries"], d["version"], d["licence"], d["content_hash"][:12])
        for d in found["documents"]
    ]
    columns(rows, ["DOCUMENT", "RULESET", "ENTRIES", "VERSION", "LICENCE", "HASH"])
    typer.echo(" · ".join(f"{number} {kind}" for kind, number in found["entries"].items()))
    _attribute(found["documents"])


@app.command("search")
@on_platform
def search(
    settings: Settings,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Words; the last may be a beginning.")],
    kind: Annotated[
        str | None,
        typer.Option("--kind", metavar="KIND", help="spell, creature, class, item, rule or condition."),
    ] = None,
    ruleset: RulesetOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100, help="How many at most.")] = 20,
    json: AsJson = False,
) -> None:
    """Search names and texts, best first."""
    from adapters.refdata.library import open_library

    chosen = None if kind is None else _kind(kind)
    with open_library(settings.state) as library:
        found = library.search(text, chosen, _ruleset(ruleset), limit)
    if json:
        emit(found)
    elif found["results"]:
        rows = [
            (r["kind"], r["key"], r["ruleset"], safe(r["name"], 40), safe(r["snippet"], 70))
            for r in found["results"]
        ]
        columns(rows, ["KIND", "KEY", "RULESET", "NAME", "TEXT"])
        _attribute(found["sources"])
    else:
        say(f"nothing is found for {safe(text, 60)!r}")


@app.command("show")
@on_platform
def show(
    settings: Settings,
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help="spell, creature, class, item, rule or condition.")
    ],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name or key.")],
    ruleset: RulesetOption = None,
    json: AsJson = False,
) -> None:
    """Show one entry whole."""
    from adapters.refdata.library import open_library

    with open_library(settings.state) as library:
        found = library.entry(_kind(kind), name, _ruleset(ruleset))
    if found is None:
        raise NotFound(f"no {kind} is named {safe(name, 60)!r}. `lorestream refdata search` finds names")
    if json:
        emit(found)
        return
    typer.echo(f"{safe(found['name'])} ({found['kind']}, {found['document']}, ruleset {found['ruleset']})")
    hidden = {"kind", "document", "key", "name", "ruleset", "text", "data", "source", "also", "sample"}
    for field, value in found.items():
        if field not in hidden and value not in (None, []):
            typer.echo(
                f"  {field.replace('_', ' ')}: {safe(', '.join(value) if isinstance(value, list) else value)}"
            )
    for line in found["text"].splitlines():
        typer.echo(safe(line))
    _attribute([found["source"]])


def _attribute(sources: list[dict[str, Any]]) -> None:
    # The licence wants it beside the text, wherever the output goes.
    for source in sources:
        typer.echo(f"— {safe(source['attribution'])}")


def _kind(text: str) -> Any:
    from adapters.refdata.entry import KINDS

    return _one_of("KIND", text, KINDS)


def _ruleset(text: str | None) -> Any:
    from adapters.refdata.entry import Ruleset

    return None if text is None else _one_of("--ruleset", text, get_args(Ruleset))


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise UsageError(f"{name}: {safe(value, 40)!r} is none of {', '.join(allowed)}")
    return value
