"""`lorestream bench`: this machine against the targets, the floors and the peers."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from adapters.cli.command import AsJson, new_app
from adapters.cli.output import emit, say
from adapters.cli.status import NotFound

app = new_app("bench")


@app.command(no_args_is_help=False)
def bench(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Questions; default: all.")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="A look at everything, too short for figures worth quoting.")
    ] = False,
    listed: Annotated[bool, typer.Option("--list", help="Only list the questions.")] = False,
    json: AsJson = False,
) -> None:
    """Measure this machine against the targets and peers.

    Starts platforms of its own in scratch directories; a running one is not touched. With --json one result per
    line, as soon as it is there.
    """
    from bench.options import QUICK, Options
    from bench.suite import measure, questions

    known = questions()
    if listed:
        for name, question in known.items():
            if json:
                emit({"name": name, "question": _first_line(question)})
            else:
                typer.echo(f"{name:<12}{_first_line(question)}")
        return
    unknown = [name for name in names or () if name not in known]
    if unknown:
        raise NotFound(f"there is no measurement {unknown[0]!r}, only {', '.join(known)}.")
    say("measuring; a question takes from seconds to minutes")
    for result in measure(names or known, QUICK if quick else Options()):
        if json:
            emit(result.to_json())
        else:
            typer.echo(f"{result}\n")


def _first_line(ask: Callable[..., Any]) -> str:
    module = inspect.getmodule(ask)
    return (inspect.getdoc(module) or "").partition("\n")[0]
