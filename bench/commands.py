"""How fast is a durable command over ZeroMQ? Latency at a steady rate, and throughput with 64 in flight."""

from __future__ import annotations

from collections import Counter

from bench.load import Outcome, Plan, drive
from bench.measure import Figure, Result, latencies
from bench.options import DEFAULT, Options
from bench.platform import Platform, running

RATE = 500.0
IN_FLIGHT = 64
NPCS = 1000


def run(options: Options = DEFAULT) -> Result:
    """Events and interactions on 1,000 NPCs, every tenth command a registration; acknowledged means flushed."""
    with running() as platform:
        prepare(platform.endpoints.zmq, NPCS)
        steady = drive(
            Plan(
                platform.endpoints.zmq,
                "commands",
                "s",
                NPCS,
                rate=RATE,
                seconds=options.seconds,
                warm_up=1.0,
            )
        )
        before = platform.processor_seconds()
        most = drive(
            Plan(
                platform.endpoints.zmq,
                "commands",
                "t",
                NPCS,
                in_flight=IN_FLIGHT,
                seconds=options.seconds,
                warm_up=1.0,
            )
        )
        spent = _spent(platform, before, most)
    return Result(
        "commands",
        (
            *latencies(f"durable command at {RATE:.0f}/s", steady.latencies, p50=2.0, p99=10.0),
            Figure(f"durable commands, {IN_FLIGHT} in flight", most.per_second, "/s", at_least=1500),
            *latencies(f"durable command, {IN_FLIGHT} in flight", most.latencies, p50=None, p99=None),
            *spent,
        ),
        notes(steady, most),
    )


def prepare(endpoint: str, npcs: int) -> None:
    """Register the NPCs. Raises `RuntimeError` when the service refuses them."""
    made = drive(Plan(endpoint, "register", "r", npcs, seconds=600.0))
    if made.answered != npcs:
        raise RuntimeError(
            f"registered {made.answered} of {npcs} NPCs: {dict(made.refused)}, {made.lost} lost"
        )


def notes(*outcomes: Outcome) -> tuple[str, ...]:
    """What went wrong, if anything, by error code."""
    refused = sum((outcome.refused for outcome in outcomes), Counter[str]())
    lost = sum(outcome.lost for outcome in outcomes)
    codes = ", ".join(f"{count} with {code}" for code, count in refused.most_common())
    return (f"refused: {codes or 'none'}; {lost} without an answer",) if refused or lost else ()


def _spent(platform: Platform, before: dict[str, float], outcome: Outcome) -> list[Figure]:
    # The warm-up is a part of the time but not of the answers: both are counted here by rate.
    commands = outcome.per_second * (outcome.seconds + 1.0)
    return [
        Figure(f"processor time per command, {role}", (after - before[role]) / commands * 1e6, "us")
        for role, after in platform.processor_seconds().items()
        if role in before and commands
    ]
