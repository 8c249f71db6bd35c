"""`lorestream bench`: this machine against the targets, the floors and the peers."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.cli.command import AsJson, new_app
from adapters.cli.output import emit, say
from adapters.cli.status import NotFound, UsageError

app = new_app("bench")
MEMORY = "memory"
WITH_FILE = "With --locomo FILE only: how much of what answers a question is recalled, at 5, 10 and 20?"


@app.command(no_args_is_help=False)
def bench(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Questions; default: all.")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="A look at everything, too short for figures worth quoting.")
    ] = False,
    listed: Annotated[bool, typer.Option("--list", help="Only list the questions.")] = False,
    locomo: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="With the question memory: conversations in the LoCoMo format."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Measure this machine against the targets and peers.

    Starts platforms of its own in scratch directories; a running one is not touched. With --json one result per
    line, as soon as it is there. `memory --locomo FILE` measures recall of the product's own memory instead, with
    the weights it ships with, on any file in the LoCoMo format.
    """
    if locomo is not None or names == [MEMORY]:
        _memory(names, locomo, json)
        return
    from bench.options import QUICK, Options
    from bench.suite import measure, questions

    known = questions()
    if listed:
        for name, told in [*((name, _first_line(ask)) for name, ask in known.items()), (MEMORY, WITH_FILE)]:
            if json:
                emit({"name": name, "question": told})
            else:
                typer.echo(f"{name:<12}{told}")
        return
    unknown = [name for name in names or () if name not in known]
    if unknown:
        raise NotFound(f"there is no measurement {unknown[0]!r}, only {', '.join([*known, MEMORY])}.")
    say("measuring; a question takes from seconds to minutes")
    for result in measure(names or known, QUICK if quick else Options()):
        if json:
            emit(result.to_json())
        else:
            typer.echo(f"{result}\n")


def _memory(names: list[str] | None, locomo: Path | None, json: bool) -> None:
    from bench.memory import run

    if names != [MEMORY]:
        raise UsageError("--locomo belongs to the question memory: lorestream bench memory --locomo FILE")
    if locomo is None:
        raise UsageError("memory needs conversations to remember: lorestream bench memory --locomo FILE")
    try:
        report = run(locomo)
    except OSError as error:
        raise NotFound(f"{locomo} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise UsageError(str(error)) from None
    if json:
        emit(report.as_json())
    else:
        typer.echo(report.as_text())


def _first_line(ask: Callable[..., Any]) -> str:
    module = inspect.getmodule(ask)
    return (inspect.getdoc(module) or "").partition("\n")[0]
