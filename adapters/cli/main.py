"""The program `lorestream`.

Data goes to standard output, talk to standard error; every command that prints data has `--json`.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from typer.main import get_command

from adapters.cli.lazy import LazyGroup
from events.errors import LorestreamError

EXIT_CODES = """Exit codes: 0 done · 1 a problem was found · 2 wrong usage · 3 configuration · 4 the platform \
cannot be reached · 5 not found · 130 interrupted"""

app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EXIT_CODES,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from adapters.release import release

        typer.echo(f"lorestream {release()}")
        raise typer.Exit


@app.callback()
def lorestream(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """The memory and the mind of a game world: event-sourced, replayable, explainable."""


def main() -> None:
    """Entry point: errors become one line with the remedy and an exit code, never a traceback."""
    _fill_gaps()
    try:
        get_command(app)(prog_name="lorestream")
    except LorestreamError as error:
        from adapters.cli.status import status_of

        _fail(str(error), int(status_of(error)))
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            _fail("the disk is full: the output is not whole.", 1)
        if "--debug" in sys.argv:
            raise
        _fail(f"unexpected {type(error).__name__}: {error}. `lorestream --debug …` shows the traceback.", 1)


def _fill_gaps() -> None:
    """Let what was closed before us (`2>&-`) lead nowhere, instead of to the next file or socket that is opened."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - as long as the program


def _fail(message: str, status: int) -> NoReturn:
    typer.secho("error: ", fg="red", bold=True, nl=False, err=True)
    typer.echo(message, err=True)
    sys.exit(status)


if __name__ == "__main__":
    main()
