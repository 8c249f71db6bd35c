"""How soon does an NPC with 10,000 memories recall something, by the platform's own read model?"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from bench.measure import Figure, Result
from bench.options import DEFAULT, Options
from bench.recollection import run as recollect

NPCS, MEMORIES = 20, 10_000
QUERIES_PER_SECOND = 50


def run(options: Options = DEFAULT) -> Result:
    """Searches with the index in RAM and without anything in RAM; a short run makes do with fewer memories."""
    memories = MEMORIES if options.seconds >= DEFAULT.seconds else MEMORIES // 10
    queries = max(50, round(options.seconds * QUERIES_PER_SECOND))
    with TemporaryDirectory(prefix="lorestream-bench-") as folder:
        found = recollect(Path(folder), npcs=NPCS, memories=memories, queries=queries)
    return Result(
        "recall",
        (
            Figure("search, index in RAM, p50", found.warm_p50, "ms"),
            Figure("search, index in RAM, p95", found.warm_p95, "ms", at_most=5),
            Figure("search, nothing in RAM, p50", found.cold_p50, "ms"),
            Figure("search, nothing in RAM, p95", found.cold_p95, "ms"),
            Figure("folding a commit into memories", found.fold_us, "µs"),
            Figure("indexing a memory, when idle", found.seal_us, "µs"),
        ),
        (f"{found.npcs} NPCs with {found.memories:,} memories each",),
    )
