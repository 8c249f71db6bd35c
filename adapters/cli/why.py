"""`lorestream why`: from an answer to the scores, memories, rules and commits behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from adapters.cli.command import AsJson, new_app, on_platform, open_log
from adapters.cli.output import compact, emit, safe
from adapters.cli.status import NotFound
from adapters.settings import Settings

if TYPE_CHECKING:
    from adapters.explanation import Reason

app = new_app("why")


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
    """Explain an answer: the scores, memories, rules and commits it rested on, as a tree."""
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


def tree(reason: Reason, indent: str = "", branch: str = "") -> list[str]:
    """The lines of an explanation, causes below what they caused."""
    place = f"  [{reason.position}]" if reason.position is not None else ""
    lines = [f"{indent}{branch}{safe(reason.title, 160)}{place}"]
    inner = indent + ("" if not branch else "   " if branch.startswith("└") else "│  ")
    if reason.detail:
        mark = "│  " if reason.because else "   "
        lines.append(f"{inner}{mark}{compact(reason.detail, 140)}")
    for place_in_list, cause in enumerate(reason.because, start=1):
        last = place_in_list == len(reason.because)
        lines += tree(cause, inner, "└─ " if last else "├─ ")
    return lines
