"""`lorestream llm replay`: decisions lived through again with their recorded answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.cli import selection as options
from adapters.cli.command import AsJson, on_platform, open_log
from adapters.cli.output import compact, emit, progress, safe, say
from adapters.cli.places import position_of
from adapters.cli.status import Status
from adapters.settings import Settings

if TYPE_CHECKING:
    from commands.agents.replay_findings import Difference, Tally

SHOWN = 50


@on_platform
async def replay(
    settings: Settings,
    agent: options.Agent = None,
    purpose: options.PurposeName = None,
    npc: options.Npc = None,
    since: options.Since = None,
    until: options.Until = None,
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", min=1, help="At most so many decisions.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Live through decisions again with their recorded answers, and prove that the very same commits follow.

    No model is asked. Questions, answers, proposals, commands, events, refusals and verdicts are derived anew from the
    record and compared with the log; exit code 1 says that something in it does not follow.
    """
    from adapters import rulebooks
    from adapters.audit.replay import Slice, templates
    from adapters.audit.replay import replay as run
    from adapters.llm import prompts
    from commands.agents.purposes import PURPOSES
    from commands.agents.rejudging import Court
    from commands.npc import IDENTICAL_REREGISTRATION

    switches = {IDENTICAL_REREGISTRATION} if settings.commands.identical_reregistration_succeeds else set()
    court = Court(rulebooks.load(), frozenset(switches))
    book = prompts.load(settings.llm.directory)
    known = templates(one for versions in book.templates.values() for one in versions.values())
    async with open_log(settings) as log:
        first = 1 if since is None else await position_of(log, since) + (0 if since.isdecimal() else 1)
        last = None if until is None else await position_of(log, until)
        chosen = Slice(max(first, 1), last, agent, purpose, npc, limit)
        total = limit or await _how_many(settings, chosen)
        with progress("replaying", total) as update:

            def on_progress(now: Tally) -> None:
                update(now.decisions)

            found = await run(log, PURPOSES, court, chosen, template=known, on_progress=on_progress)
    if json:
        emit(_as_json(found))
    else:
        _print(found)
    if not found.faithful:
        raise typer.Exit(Status.PROBLEM)


async def _how_many(settings: Settings, chosen: Any) -> int:
    """For the progress bar: how many decisions the read model knows; 0 where it cannot be asked."""
    from adapters.sql.reader import Reader
    from events.errors import ProjectionError
    from projections import spending

    selection = {"first": chosen.first, "last": chosen.last, "agent": chosen.agent, "purpose": chosen.purpose}
    try:
        async with Reader(settings.database_url) as reader:
            found = await reader.run(spending.cost, (), npc_id=chosen.npc, **selection)
    except ProjectionError:
        return 0
    return int(found["total"]["decisions"])


def _as_json(found: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "faithful": found.faithful,
        "head": found.head,
        **asdict(found.tally),
        "differences": [_difference(each) for each in found.differences],
        "unreadable": [{"position": position, "problem": problem} for position, problem in found.unreadable],
    }


def _difference(each: Difference) -> dict[str, Any]:
    from commands.agents.divergence import NOTHING

    return {
        "position": each.position,
        "decision_id": each.decision_id,
        "what": each.what,
        "path": each.path,
        "expected": None if each.expected is NOTHING else each.expected,
        "found": None if each.found is NOTHING else each.found,
    }


def _print(found: Any) -> None:
    tally = found.tally
    for each in found.differences[:SHOWN]:
        typer.echo(
            f"{each.position:>8}  {safe(each.decision_id)}  {each.what}{': ' if each.path else ''}{safe(each.path)}"
        )
        typer.echo(f"          expected  {_shown(each.expected)}")
        typer.echo(f"          found     {_shown(each.found)}")
    if len(found.differences) > SHOWN:
        typer.echo(f"… and {len(found.differences) - SHOWN:,} more; --json prints them all")
    for position, problem in found.unreadable[:SHOWN]:
        typer.echo(f"{position:>8}  cannot be read: {safe(problem)}")
    typer.echo(
        f"{tally.decisions:,} decisions: {tally.commits:,} commits and {tally.refusals:,} refusals decided again, "
        f"{len(found.differences):,} differences"
    )
    for count, told in (
        (tally.unfinished, "nobody carried out (yet)"),
        (tally.unlinked, "no commit of the log set in motion"),
        (tally.unproven, "rest on facts that the log does not hold"),
        (tally.reworded, "asked by a prompt that is not among the templates here: not rendered again"),
        (tally.foreign, "for a purpose this release does not know: only the question was checked"),
    ):
        if count:
            say(f"{count:,} {told}")


def _shown(value: Any) -> str:
    return safe(value, 200) if isinstance(value, str) else compact(value, 200)
