"""`lorestream events`: single commits, and what caused what."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any

import typer

from adapters.cli.command import AsJson, new_app, on_platform, open_log
from adapters.cli.commits import as_json, decode, lines
from adapters.cli.output import emit, progress, safe
from adapters.cli.status import NotFound
from adapters.places import MAX_DIGITS, last_stored_by
from adapters.settings import Settings
from events.commit import Recorded
from events.log import Log

app = new_app("events")

_CLOCK_SLACK_US = 60_000_000
"""How far a worker's clock may be from the server's when a commit is searched by the time in its id."""


@app.command("show")
@on_platform
async def show_commit(
    which: Annotated[
        str, typer.Argument(metavar="POSITION|ID", help="A log position or the id of a commit.")
    ],
    settings: Settings,
    json: AsJson = False,
) -> None:
    """Show one commit in full."""
    async with open_log(settings) as log:
        found = await _find(log, which)
    if json:
        emit(as_json(found))
        return
    plain = as_json(found)
    events = plain.pop("events")
    for name, value in plain.items():
        typer.echo(f"{name:<15}{_field(value)}")
    for event in events:
        typer.echo(f"\n{event['type']} v{event['v']}")
        for name, value in event["data"].items():
            typer.echo(f"  {name:<16} {_field(value)}")


@app.command("trace")
@on_platform
async def trace(
    correlation: Annotated[
        str,
        typer.Argument(
            metavar="CORRELATION", help="A correlation id, or the position of one of its commits."
        ),
    ],
    settings: Settings,
    json: AsJson = False,
) -> None:
    """Show everything one request set in motion, as a tree of causes."""
    async with open_log(settings) as log:
        if correlation.isdecimal():
            correlation = (await _find(log, correlation)).commit.correlation_id
        end = (await log.head()).position
        with progress("searching", end) as update:
            found = [one async for one in _containing(log, correlation, end, update) if _is(one, correlation)]
    if not found:
        raise NotFound(
            f"no commit has the correlation id {correlation!r}. `lorestream tail --json` shows ids."
        )
    roots, children = causes(found)
    if json:
        emit([_tree(root, children) for root in roots])
        return
    began = found[0].commit.at
    for root in roots:
        for indent, one in _walk(root, children, "", ""):
            first, *rest = lines(one)
            typer.echo(f"{(one.commit.at - began) / 1000:>9.1f} ms  {indent}{first.strip()}")
            for line in rest:
                typer.echo(f"{'':>12}  {indent}{line.strip()}")


def causes(found: list[Recorded]) -> tuple[list[Recorded], dict[str, list[Recorded]]]:
    """Roots (nothing in `found` caused them) and the commits each commit id caused, in log order."""
    ids = {one.commit.id for one in found}
    children: dict[str, list[Recorded]] = {}
    roots = []
    for one in found:
        cause = one.commit.causation_id
        if cause is not None and cause in ids and cause != one.commit.id:
            children.setdefault(cause, []).append(one)
        else:
            roots.append(one)
    return roots, children


def _is(one: Recorded, correlation: str) -> bool:
    return one.commit.correlation_id == correlation


def _tree(one: Recorded, children: dict[str, list[Recorded]]) -> dict[str, Any]:
    return as_json(one) | {"caused": [_tree(child, children) for child in children.get(one.commit.id, ())]}


def _walk(
    one: Recorded, children: dict[str, list[Recorded]], own: str, below: str
) -> Iterator[tuple[str, Recorded]]:
    yield own, one
    caused = children.get(one.commit.id, [])
    for index, child in enumerate(caused):
        last = index == len(caused) - 1
        yield from _walk(
            child, children, below + ("└─ " if last else "├─ "), below + ("   " if last else "│  ")
        )


async def _find(log: Log, which: str) -> Recorded:
    if which.isdecimal():
        message = await log.at(int(which)) if len(which) <= MAX_DIGITS else None
        found = decode(message) if message else None
        if found is None or found.commit.realm != log.realm:
            raise NotFound(f"there is no commit at position {which} of realm {log.realm}.")
        return found
    head = (await log.head()).position
    after, up_to = await _neighbourhood(log, which, head)
    for first, last in ((after, up_to), (0, head)):
        async for one in _containing(log, which, last, lambda _: None, after=first):
            if which in {one.commit.id, one.commit.command.id}:
                return one
    raise NotFound(f"no commit has the id {which!r}.")


async def _neighbourhood(log: Log, which: str, head: int) -> tuple[int, int]:
    """Where a commit id's own time says it should be; the id is a UUIDv7."""
    try:
        parsed = uuid.UUID(which)
    except ValueError:
        return head, head
    at = (parsed.int >> 80) * 1000
    return (
        max(await last_stored_by(log, at - _CLOCK_SLACK_US) - 1, 0),
        await last_stored_by(log, at + _CLOCK_SLACK_US),
    )


async def _containing(
    log: Log, text: str, up_to: int, update: Callable[[int], None], *, after: int = 0
) -> AsyncIterator[Recorded]:
    """Commits whose bytes contain `text`: decoding only these makes a search as fast as reading."""
    from pydantic_core import to_json

    needle = to_json(text)[1:-1]
    async for page in log.read_all(after=after, up_to=up_to):
        for message in page:
            if needle in message.body:
                found = decode(message)
                if found is not None:
                    yield found
        update(page[-1].position)


def _field(value: Any) -> str:
    import json

    return safe(value) if isinstance(value, str) else safe(json.dumps(value, ensure_ascii=False, default=str))
