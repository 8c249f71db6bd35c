"""`lorestream llm ls|show|cost|stats`: decisions of models as rows, in full, and as sums."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from adapters.cli import selection as options
from adapters.cli.command import AsJson, on_platform, open_log
from adapters.cli.decision_text import dollars, show_decision
from adapters.cli.output import columns, emit, safe, say
from adapters.cli.status import NotFound, UsageError
from adapters.settings import Settings

PAGE = 500
QUERY_SECONDS = 30.0
"""An operator waits longer for a sum over years than a game server for a state."""

_ROW = ("POSITION", "TIME", "AGENT", "PURPOSE", "NPC", "PLAYER", "ROUTE", "MODEL", "CODE", "TOKENS", "COST", "MS",
        "VERDICT", "ID")  # fmt: skip


@on_platform
async def ls(
    settings: Settings,
    agent: options.Agent = None,
    purpose: options.PurposeName = None,
    npc: options.Npc = None,
    player: options.Player = None,
    model: options.Model = None,
    provider: options.Provider = None,
    route: options.Route = None,
    code: options.CodeIs = None,
    failed: options.Failed = False,
    since: options.Since = None,
    until: options.Until = None,
    min_cost: options.MinCost = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many.")] = 50,
    json: AsJson = False,
) -> None:
    """List decisions, newest first; --json prints one object per line."""
    from adapters.sql.reader import Reader
    from projections import decisions

    chosen = options.selected(
        agent=agent, purpose=purpose, npc=npc, player=player, model=model, provider=provider, route=route,
        code=code, failed=failed, since=since, until=until, min_cost=min_cost,
    )  # fmt: skip
    rows: list[dict[str, Any]] = []
    async with Reader(settings.database_url) as reader:
        cursor: str | None = None
        left = limit
        while left:
            page = await reader.run(
                decisions.decisions, cursor=cursor, limit=min(left, PAGE), timeout=QUERY_SECONDS, **chosen
            )
            left -= len(page["decisions"])
            if json:
                for row in page["decisions"]:
                    emit(row)
            else:
                rows += page["decisions"]
            cursor = page["next"]
            if cursor is None:
                break
    if not json:
        columns([_row(row) for row in rows], _ROW)
        if cursor is not None:
            say(
                f"there are more; --limit {limit * 10} shows them, or --until {int(cursor) - 1} the earlier ones"
            )


@on_platform
async def show(
    which: Annotated[
        str,
        typer.Argument(
            metavar="ID|POSITION|REQUEST",
            help="A decision, a position in the log that belongs to it, or the request that led to it.",
        ),
    ],
    settings: Settings,
    json: AsJson = False,
) -> None:
    """Show a decision in full: the question part by part, the answer, what it cost, what became of it."""
    from adapters.audit import record
    from adapters.sql.reader import Reader

    async with open_log(settings) as log, Reader(settings.database_url) as reader:
        ids = await record.named(log, reader, which)
        found = [each for each in [await record.read(log, one) for one in ids] if each is not None]
    if not found:
        raise NotFound(f"no decision belongs to {which[:64]!r}. `lorestream llm ls` shows decisions.")
    for each in found:
        if json:
            emit(each)
        else:
            show_decision(each)


@on_platform
async def cost(
    settings: Settings,
    by: Annotated[
        str,
        typer.Option(
            "--by", metavar="LIST", help="Any of day,agent,purpose,npc,player,provider,model,route."
        ),
    ] = "model",
    agent: options.Agent = None,
    npc: options.Npc = None,
    model: options.Model = None,
    since: options.Since = None,
    until: options.Until = None,
    json: AsJson = False,
) -> None:
    """Sum up cost and tokens by model, agent, NPC or day, dearest first; below them what is left of each budget."""
    from adapters.sql.reader import Reader
    from projections import spending

    groups = [spending.ALIASES.get(name.strip(), name.strip()) for name in by.split(",") if name.strip()]
    chosen = options.selected(agent=agent, npc=npc, model=model, since=since, until=until)
    async with Reader(settings.database_url) as reader:
        try:
            found = await reader.run(spending.cost, groups, timeout=QUERY_SECONDS, **chosen)
        except ValueError as error:
            raise UsageError(f"--by: {error}") from None
        budgets = await reader.run(spending.budgets, limit=20)
    if json:
        emit(found | {"budgets": budgets})
        return
    total = dict.fromkeys(groups, "") | {groups[0]: "total"} if groups else {}
    columns(
        [
            [
                *(row[group] or "-" for group in groups),
                *(row[key] for key in ("decisions", "failed", "cached", "tokens_in", "tokens_out")),
                dollars(row["cost"]),
            ]
            for row in [*found["groups"], total | found["total"]]
        ],
        [*(group.upper() for group in groups), "DECISIONS", "FAILED", "CACHED", "TOKENS IN", "OUT", "COST"],
    )
    if found["more"]:
        say("there are more groups; name fewer with --since, --agent or --npc")
    if found["total"]["rerun_cost"]:
        say(f"reruns cost another {dollars(found['total']['rerun_cost'])}")
    if budgets:
        typer.echo("")
        columns(
            [
                (b["day"], b["agent"], dollars(b["spent"]), dollars(b["reserved"]), b["calls"])
                for b in budgets
            ],
            ["DAY", "AGENT", "SPENT", "RESERVED", "CALLS"],
        )


@on_platform
async def stats(
    settings: Settings,
    agent: options.Agent = None,
    purpose: options.PurposeName = None,
    npc: options.Npc = None,
    model: options.Model = None,
    provider: options.Provider = None,
    since: options.Since = None,
    until: options.Until = None,
    json: AsJson = False,
) -> None:
    """Calls, share of templates, cache hits, failures by kind, latency percentiles and tokens."""
    from adapters.sql.reader import Reader
    from projections import spending

    chosen = options.selected(
        agent=agent, purpose=purpose, npc=npc, model=model, provider=provider, since=since, until=until
    )
    async with Reader(settings.database_url) as reader:
        found = await reader.run(spending.stats, timeout=QUERY_SECONDS, **chosen)
    if json:
        emit(found)
        return
    ratio = found["template_ratio"]
    lines = {
        "decisions": f"{found['decisions']:,}, {found['failed']:,} failed",
        "by route": _pairs(found["routes"]),
        "by code": _pairs(found["codes"]),
        "verdicts": _pairs(found["verdicts"]),
        "tokens": f"{found['tokens_in']:,} in ({found['tokens_cached']:,} cached), {found['tokens_out']:,} out",
        "cost": dollars(found["cost"]),
        "latency": _pairs({name: f"{us / 1000:,.1f} ms" for name, us in found["latency_us"].items()}),
        "answers": _pairs(found["answers"]),
        "templates": "-" if ratio is None else f"{ratio:.1%} of what NPCs said",
    }
    for name, value in lines.items():
        typer.echo(f"{name:<11}{safe(value) or '-'}")
    for failure in found["failures"]:
        status = f" {failure['status']}" if failure["status"] else ""
        what = f"{failure['provider']} {failure['outcome']}{status}: {failure['error']}"
        typer.echo(f"{failure['count']:>9,}  {safe(what)}")


def _row(row: dict[str, Any]) -> tuple[object, ...]:
    return (
        row["position"],
        row["at"][:19].replace("T", " "),
        row["agent"],
        row["purpose"],
        row["npc_id"] or "-",
        row["player_id"] or "-",
        row["route"],
        row["model"] or "-",
        row["code"],
        row["tokens_in"] + row["tokens_out"],
        dollars(row["cost"]),
        f"{row['latency'] / 1000:.0f}",
        row["verdict"] or "-",
        row["decision_id"],
    )


def _pairs(counts: dict[Any, Any]) -> str:
    return ", ".join(
        f"{name} {value:,}" if isinstance(value, int) else f"{name} {value}" for name, value in counts.items()
    )
