"""How fast does an NPC decide over ZeroMQ? Actions, evaluations, offers and quests, each a durable commit."""

from __future__ import annotations

from bench.commands import notes, prepare
from bench.load import Plan, drive
from bench.measure import Figure, Result, latencies
from bench.options import DEFAULT, Options
from bench.platform import running

RATE = 200.0
IN_FLIGHT = 32
NPCS = 1000


def run(options: Options = DEFAULT) -> Result:
    """A quarter each of `decide_action`, `evaluate_situation`, `trade` and `quest_offer` on 1,000 NPCs."""
    with running() as platform:
        endpoint = platform.endpoints.zmq
        prepare(endpoint, NPCS)
        steady = drive(
            Plan(endpoint, "decisions", "s", NPCS, rate=RATE, seconds=options.seconds, warm_up=1.0)
        )
        most = drive(
            Plan(endpoint, "decisions", "t", NPCS, in_flight=IN_FLIGHT, seconds=options.seconds, warm_up=1.0)
        )
    return Result(
        "decisions",
        (
            *latencies(f"decision at {RATE:.0f}/s", steady.latencies, p50=4.0, p99=20.0),
            Figure(f"decisions, {IN_FLIGHT} in flight", most.per_second, "/s", at_least=800),
            *latencies(f"decision, {IN_FLIGHT} in flight", most.latencies, p50=None, p99=None),
        ),
        notes(steady, most),
    )
