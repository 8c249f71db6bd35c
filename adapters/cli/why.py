"""`lorestream why`: from an answer to the scores, memories, rules and commits behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from adapters.cli.command import AsJson, new_app, on_platform, open_log
from adapters.cli.output import compact, emit, safe
from adapters.cli.status import NotFound
from adapters.settings import Settings

if TYPE_CHECKING:
    from adapters.explanation import Reason

app = new_app("why")

TITLE_WIDTH = 120


@app.command(no_args_is_help=True)
@on_platform
async def why(
    which: Annotated[
        str,
        typer.Argument(metavar="SEQ|REQUEST", help="A log position, or the id of an asynchronous request."),
    ],
    settings: Settings,
    json: AsJson = False,
) -> None:
    """Explain an answer: the scores, memories, rules and commits behind it."""
    from adapters.explanation import explain, explain_request, related_in
    from adapters.sql.reader import Reader

    async with open_log(settings) as log, Reader(settings.database_url) as reader:
        related = related_in(reader)
        if which.isdecimal():
            found = await explain(log, related, int(which))
        else:
            found = await explain_request(log, related, which)
    if found is None:
        raise NotFound(f"nothing is known of {which!r}. `lorestream tail` shows positions and requests.")
    if json:
        emit(found.as_json())
        return
    for line in tree(found):
        typer.echo(line)


def tree(reason: Reason, *, depth: int = 99, breadth: int = 99, details: bool = True) -> list[str]:
    """The lines of an explanation, causes below what they caused: `depth` levels, `breadth` causes of each.

    Without `details` only figures are shown. A commit met again is only named.
    """
    return _lines(reason, "", "", _Limits(depth, breadth, details), set())


class _Limits(NamedTuple):
    depth: int
    breadth: int
    details: bool


def _lines(reason: Reason, indent: str, branch: str, limits: _Limits, told: set[int]) -> list[str]:
    place = "" if reason.position is None else f"  [{reason.position}]"
    known = reason.position is not None and reason.position in told and not reason.because
    if reason.position is not None:
        told.add(reason.position)
    figures = "" if known else _figures(reason)
    lines = [
        f"{indent}{branch}{safe(reason.title, TITLE_WIDTH)}{figures}{place}{' (above)' if known else ''}"
    ]
    if known:
        return lines
    inner = indent + ("" if not branch else "   " if branch.startswith("└") else "│  ")
    because = reason.because[: limits.breadth] if limits.depth else ()
    if reason.detail and limits.details and not figures:
        lines.append(f"{inner}{'│  ' if because else '   '}{compact(reason.detail, TITLE_WIDTH)}")
    below = limits._replace(depth=limits.depth - 1)
    for number, cause in enumerate(because, start=1):
        last = number == len(because)
        lines += _lines(cause, inner, "└─ " if last else "├─ ", below, told)
    return lines


def _figures(reason: Reason) -> str:
    """A reason's numbers, when its details are nothing else; of a scored candidate, what each consideration gave."""
    detail = reason.detail or {}
    considerations = detail.get("considerations")
    if isinstance(considerations, list):
        given = [
            f"{safe(each.get('consideration'))} {each.get('score', 0) / 1_000_000:.2f}"
            for each in considerations
            if isinstance(each, dict)
        ]
        return ": " + ", ".join(given) if given else ""
    if not detail or not all(isinstance(value, float) for value in detail.values()):
        return ""
    return ": " + ", ".join(f"{safe(name)} {value:+.2f}" for name, value in detail.items())
