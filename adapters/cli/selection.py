"""The options that select decisions, shared by every command that looks at some of them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from adapters.cli.places import time_of
from adapters.cli.status import UsageError

NANO = 1_000_000_000
SAFE_INTEGER = 2**53 - 1

Agent = Annotated[str | None, typer.Option("--agent", metavar="NAME", help="Decisions of this agent.")]
PurposeName = Annotated[str | None, typer.Option("--purpose", metavar="NAME", help="… for this purpose.")]
Npc = Annotated[str | None, typer.Option("--npc", metavar="ID", help="… about this NPC.")]
Player = Annotated[str | None, typer.Option("--player", metavar="ID", help="… for this player.")]
Model = Annotated[str | None, typer.Option("--model", metavar="NAME", help="… answered by this model.")]
Provider = Annotated[str | None, typer.Option("--provider", metavar="NAME", help="… of this provider.")]
Route = Annotated[
    str | None, typer.Option("--route", metavar="ROUTE", help="… by model, cache, fallback or none.")
]
CodeIs = Annotated[int | None, typer.Option("--code", metavar="N", help="… that ended with this code.")]
Failed = Annotated[bool, typer.Option("--failed", help="Only those that failed.")]
Since = Annotated[
    str | None, typer.Option("--since", metavar="SEQ|TIME", help="From a position, a time or an age (2h) on.")
]
Until = Annotated[
    str | None, typer.Option("--until", metavar="SEQ|TIME", help="Up to a position, a time or an age.")
]
MinCost = Annotated[float | None, typer.Option("--min-cost", metavar="DOLLARS", help="Only dearer ones.")]


def selected(
    *,
    since: str | None = None,
    until: str | None = None,
    npc: str | None = None,
    player: str | None = None,
    min_cost: float | None = None,
    **same: Any,
) -> dict[str, Any]:
    """The selection of `projections.decisions.chosen` that the options mean. Raises `UsageError`."""
    if min_cost is not None and not 0 <= min_cost < 1e6:
        raise UsageError("--min-cost is a number of dollars, e.g. 0.01")
    chosen = {**same, "npc_id": npc, "player_id": player}
    if min_cost is not None:
        chosen["min_cost"] = round(min_cost * NANO)
    for name, position, place in (("since", "first", since), ("until", "last", until)):
        if place is not None:
            if place.isdecimal():
                chosen[position] = min(int(place), SAFE_INTEGER)
            else:
                chosen[name] = time_of(place)
    return chosen
