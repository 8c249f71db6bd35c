"""What do NPCs know, and what not? The memory suite of our own, generated from a seed; scores from 0 to 1."""

from __future__ import annotations

from bench.measure import Figure, Result
from bench.npc_memory_suite import run as examine
from bench.options import DEFAULT, Options

EVENTS_PER_SECOND = 12_500
"""Events for each second a load would last: 100,000 unless told otherwise."""
PROVEN = ("boundary", "gossip", "changed_fact", "as_of", "contradiction", "forgetting")
"""Parts in which a single wrong answer is a fault; the others are a matter of degree."""


def run(options: Options = DEFAULT) -> Result:
    """One world from seed 1."""
    report = examine(events=max(5_000, round(options.seconds * EVENTS_PER_SECOND)))
    scores = [
        Figure(
            f"{name}, share of {part.asked} answered right",
            part.score,
            "",
            at_least=1.0 if name in PROVEN else None,
        )
        for name, part in report.parts.items()
    ]
    times = (Figure("query, p50", report.p50_ms, "ms"), Figure("query, p95", report.p95_ms, "ms"))
    told = f"seed {report.seed}, {report.events:,} events, {report.memories:,} memories of NPCs"
    return Result("npc-memory", (*scores, *times), (told,))
