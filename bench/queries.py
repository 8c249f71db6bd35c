"""How fast is a state query over ZeroMQ, and how soon does a reader see what it has just written?"""

from __future__ import annotations

from bench.commands import IN_FLIGHT, NPCS, notes, prepare
from bench.load import Outcome, Plan, drive, finish, start
from bench.measure import Figure, Result, latencies
from bench.options import DEFAULT, Options
from bench.platform import Platform, running, wait_for_position

BACKGROUND = 250.0
"""Commands per second of somebody else while a reader reads what it wrote."""


def run(options: Options = DEFAULT) -> Result:
    """State of 1,000 NPCs; then command and read in turn, alone and beside other commands."""
    with running() as platform:
        endpoint = platform.endpoints.zmq
        prepare(endpoint, NPCS)
        wait_for_position(platform, NPCS)
        alone, most = state_queries(platform, NPCS, options.seconds / 2)
        pairs = {"seconds": options.seconds / 2, "warm_up": 1.0, "pairs": True}
        own = drive(Plan(endpoint, "commands", "p", NPCS, **pairs))  # type: ignore[arg-type]
        others = start(
            Plan(endpoint, "commands", "b", NPCS, rate=BACKGROUND, seconds=options.seconds / 2 + 2, seed=2)
        )
        beside = drive(Plan(endpoint, "commands", "q", NPCS, **pairs))  # type: ignore[arg-type]
        finish(others)
    return Result(
        "queries",
        (
            *latencies("state query, 1 in flight", alone.latencies, p50=1.5, p99=None),
            Figure(f"state queries, {IN_FLIGHT} in flight", most.per_second, "/s", at_least=3000),
            *latencies(f"state query, {IN_FLIGHT} in flight", most.latencies, p50=None, p99=None),
            *latencies("read your writes, alone", own.latencies, p50=None, p99=50.0),
            *latencies(f"read your writes, beside {BACKGROUND:.0f}/s", beside.latencies, p50=None, p99=50.0),
        ),
        notes(alone, most, own, beside),
    )


def state_queries(platform: Platform, npcs: int, seconds: float) -> tuple[Outcome, Outcome]:
    """`get_state` of random ones of `npcs` NPCs with one and with many in flight."""
    endpoint = platform.endpoints.zmq
    alone = drive(Plan(endpoint, "state", "a", npcs, in_flight=1, seconds=seconds, warm_up=1.0))
    most = drive(Plan(endpoint, "state", "m", npcs, in_flight=IN_FLIGHT, seconds=seconds, warm_up=1.0))
    return alone, most
