"""Printing: data to standard output, safe for a terminal; progress of long work to standard error."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer

_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Control characters and direction marks: text from players must not steer an operator's terminal."""

_SURROGATE = re.compile("[\ud800-\udfff]")


def emit(value: Any) -> None:
    """Print one JSON value as one line, at once."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    typer.echo(_UNSAFE.sub(_escape, _SURROGATE.sub(_escape, text)))


def say(text: str) -> None:
    """Tell a person something that is not data."""
    typer.echo(text, err=True)


def safe(text: object, width: int | None = None) -> str:
    """`text` with everything escaped that could move a cursor, at most `width` characters long."""
    clean = _UNSAFE.sub(_escape, _SURROGATE.sub(_escape, str(text)))
    return clean if width is None or len(clean) <= width else clean[: width - 1] + "…"


def columns(rows: Sequence[Sequence[object]], header: Sequence[str]) -> None:
    """Print aligned columns without borders, fit for `grep` and `awk`; numbers align right."""
    cells = [[safe(cell) for cell in row] for row in rows]
    widths = [max(len(line[i]) for line in [list(header), *cells]) for i in range(len(header))]
    right = [bool(rows) and all(isinstance(row[i], (int, float)) for row in rows) for i in range(len(header))]
    for line in [list(header), *cells]:
        padded = (c.rjust(w) if r else c.ljust(w) for c, w, r in zip(line, widths, right, strict=True))
        typer.echo("  ".join(padded).rstrip())


def compact(value: Any, width: int = 160) -> str:
    """A JSON value on one line for reading, shortened."""
    return safe(json.dumps(value, ensure_ascii=False, separators=(", ", ": "), default=str), width)


@contextmanager
def progress(what: str, total: int) -> Iterator[Any]:
    """A progress bar on a terminal, one closing line with the rate elsewhere.

    Yields a function that takes how many of `total` are done by now.
    """
    began, done = time.monotonic(), 0
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns_shown = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns_shown, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(what, total=total)

            def update(now: int) -> None:
                nonlocal done
                done = now
                bar.update(task, completed=now)

            yield update
    else:

        def remember(now: int) -> None:
            nonlocal done
            done = now

        yield remember
    seconds = time.monotonic() - began
    say(f"{what}: {done:,} in {seconds:.1f} s ({done / max(seconds, 1e-9):,.0f}/s)")


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"
