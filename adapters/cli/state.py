"""`lorestream state`: a stream folded into its state, now or at any time, and what changed in between."""

from __future__ import annotations

import json as json_text
from itertools import zip_longest
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from adapters.cli.command import AsJson, new_app, on_platform, open_log
from adapters.cli.commits import clock
from adapters.cli.output import compact, emit, safe, say
from adapters.cli.places import position_of
from adapters.cli.status import NotFound
from adapters.settings import Settings
from adapters.streams import Version, as_of, category_of, differences

app = new_app("state")

PREVIOUS = "previous"


class _StateCommand(TyperCommand):
    """Lets `--diff` stand alone: every place in the log begins with a digit, a stream or an option does not."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        complete: list[str] = []
        for argument, following in zip_longest(args, args[1:], fillvalue=""):
            complete.append(argument)
            if argument == "--diff" and not following[:1].isdecimal():
                complete.append(PREVIOUS)
        return super().parse_args(ctx, complete)


@app.command(cls=_StateCommand, no_args_is_help=True)
@on_platform
async def state(
    stream: Annotated[str, typer.Argument(metavar="STREAM", help="category/id, e.g. npc/Merchant_John_01.")],
    settings: Settings,
    at: Annotated[
        str | None,
        typer.Option(metavar="SEQ|TIME", help="As it was at a position, a time, or so long ago (15m)."),
    ] = None,
    diff: Annotated[
        str | None,
        typer.Option(
            metavar="[OTHER]",
            help="What changed since another position, time or age; without one: by the last commit.",
        ),
    ] = None,
    json: AsJson = False,
) -> None:
    """Fold a stream into its state, now or at any time in the past.

    The fold is the decider's own `evolve`, so this is what the next command on the stream would see.
    """
    category_of(stream)
    async with open_log(settings) as log:
        up_to = await position_of(log, at) if at is not None else (await log.head()).position
        before = None if diff in (None, PREVIOUS) else await position_of(log, str(diff))
        found = await as_of(log, stream, *([] if before is None else [min(before, up_to)]), up_to)
        last = found[-1]
        if not last.version:
            raise NotFound(
                f"{stream} has no commits{' there' if at else ''}. `lorestream tail` shows streams."
            )
        if diff == PREVIOUS:
            found = await as_of(log, stream, last.position - 1, last.position)
    if diff is not None:
        _print_difference(found[0], last, json)
    elif json:
        emit({"stream": stream, "version": last.version, "position": last.position, "state": last.state})
    else:
        assert last.at is not None
        say(f"{stream} v{last.version} at position {last.position}, {clock(last.at)}")
        for line in json_text.dumps(last.state, ensure_ascii=False, indent=2).splitlines():
            typer.echo(safe(line))


def _print_difference(earlier: Version, last: Version, json: bool) -> None:
    stream, changes = last.stream, differences(earlier.state, last.state)
    if json:
        emit({"stream": stream, "from": earlier.position, "to": last.position, "changes": changes})
        return
    say(
        f"{stream} from v{earlier.version} (position {earlier.position}) "
        f"to v{last.version} (position {last.position})"
    )
    for change in changes:
        if "before" not in change:
            typer.echo(f"+ {safe(change['path'])}: {compact(change['after'])}")
        elif "after" not in change:
            typer.echo(f"- {safe(change['path'])}: {compact(change['before'])}")
        else:
            typer.echo(f"~ {safe(change['path'])}: {compact(change['before'])} → {compact(change['after'])}")
    if not changes:
        say("nothing changed")
