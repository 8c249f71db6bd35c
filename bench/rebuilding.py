"""How fast are all read models rebuilt, and does ten times the log take ten times as long?"""

from __future__ import annotations

import uvloop

from bench import rebuild
from bench.measure import Figure, Result
from bench.options import DEFAULT, Options

NPCS = 1000


def run(options: Options = DEFAULT) -> Result:
    """`bench.rebuild` at a tenth of the commits and at all of them."""
    report = uvloop.run(rebuild.run(options.commits // 10, NPCS))
    small, large = report.small, report.large
    return Result(
        "rebuild",
        (
            Figure(f"rebuild of {small.commits:,} commits", small.rate, "/s", at_least=25_000),
            Figure(f"rebuild of {large.commits:,} commits", large.rate, "/s", at_least=25_000),
            Figure("ten times the log takes", report.growth, "x", at_most=12.0),
            Figure("memory of the rebuild", large.memory_mb, "MB"),
        ),
    )
