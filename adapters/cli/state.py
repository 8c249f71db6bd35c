"""`lorestream state`: a stream folded into its state, now or at any time, and what changed in between."""

from __future__ import annotations

import json as json_text
from itertools import zip_longest
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter
from typer.core import TyperCommand

from adapters.cli.command import AsJson, new_app, on_platform, open_log
from adapters.cli.commits import clock
from adapters.cli.output import compact, emit, safe, say
from adapters.cli.places import position_of
from adapters.cli.status import NotFound
from adapters.settings import Settings
from commands.registry import DECIDERS
from events.commit import Recorded
from events.errors import InvalidStreamName
from events.log import Log
from events.subjects import split_stream

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
    category, _ = split_stream(stream)
    if category not in DECIDERS:
        raise InvalidStreamName(f"{category!r} is not a category. There are {', '.join(sorted(DECIDERS))}.")
    async with open_log(settings) as log:
        up_to = await position_of(log, at) if at is not None else (await log.head()).position
        commits = [one async for one in log.read(stream, up_to=up_to)]
        if not commits:
            raise NotFound(
                f"{stream} has no commits{' there' if at else ''}. `lorestream tail` shows streams."
            )
        before = await _other(log, diff, commits) if diff is not None else None
    plain = _folded(category, commits)
    last = commits[-1]
    if before is not None:
        earlier = [one for one in commits if one.position <= before]
        _print_difference(stream, earlier, last, differences(_folded(category, earlier), plain), json)
    elif json:
        emit({"stream": stream, "version": last.commit.version, "position": last.position, "state": plain})
    else:
        say(f"{stream} v{last.commit.version} at position {last.position}, {clock(last.commit.time)}")
        for line in json_text.dumps(plain, ensure_ascii=False, indent=2).splitlines():
            typer.echo(safe(line))


def differences(before: Any, after: Any, path: str = "") -> list[dict[str, Any]]:
    """What must change in one JSON value to get the other: `path`, `before`, `after` (absent: not there)."""
    if isinstance(before, dict) and isinstance(after, dict):
        return [
            change
            for key in [*before, *(key for key in after if key not in before)]
            for change in _at(f"{path}.{key}" if path else str(key), before, after, key)
        ]
    if isinstance(before, list) and isinstance(after, list):
        earlier, later = dict(enumerate(before)), dict(enumerate(after))
        return [
            change
            for index in range(max(len(before), len(after)))
            for change in _at(f"{path}[{index}]", earlier, later, index)
        ]
    return [] if before == after else [{"path": path, "before": before, "after": after}]


def _at(path: str, before: dict[Any, Any], after: dict[Any, Any], key: Any) -> list[dict[str, Any]]:
    if key not in after:
        return [{"path": path, "before": before[key]}]
    if key not in before:
        return [{"path": path, "after": after[key]}]
    return differences(before[key], after[key], path)


async def _other(log: Log, diff: str, commits: list[Recorded]) -> int:
    return commits[-1].position - 1 if diff == PREVIOUS else await position_of(log, diff)


def _folded(category: str, commits: list[Recorded]) -> Any:
    decider = DECIDERS[category]
    folded = decider.initial
    for one in commits:
        folded = decider.fold(folded, one)
    return TypeAdapter(decider.state).dump_python(folded, mode="json")


def _print_difference(
    stream: str, earlier: list[Recorded], last: Recorded, changes: list[dict[str, Any]], json: bool
) -> None:
    began = earlier[-1].position if earlier else 0
    if json:
        emit({"stream": stream, "from": began, "to": last.position, "changes": changes})
        return
    version = earlier[-1].commit.version if earlier else 0
    say(f"{stream} from v{version} (position {began}) to v{last.commit.version} (position {last.position})")
    for change in changes:
        if "before" not in change:
            typer.echo(f"+ {safe(change['path'])}: {compact(change['after'])}")
        elif "after" not in change:
            typer.echo(f"- {safe(change['path'])}: {compact(change['before'])}")
        else:
            typer.echo(f"~ {safe(change['path'])}: {compact(change['before'])} → {compact(change['after'])}")
    if not changes:
        say("nothing changed")
