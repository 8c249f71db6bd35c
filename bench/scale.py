"""Does size matter? 100,000 NPCs and 1,000,000 commits beside 1,000 NPCs."""

from __future__ import annotations

import tempfile
from pathlib import Path
from time import perf_counter

from bench.commands import IN_FLIGHT, NPCS, notes
from bench.fill import fill
from bench.load import Plan, drive
from bench.measure import Figure, Result, percentile
from bench.options import DEFAULT, Options
from bench.platform import Platform, running, wait_for_position
from bench.queries import state_queries

MEGABYTES = 300.0
PER_NPC = 10
CATCH_UP_SECONDS = 900.0
ROUNDS = 3


def run(options: Options = DEFAULT) -> Result:
    """The same queries against a small and a large realm, one after the other; then memory under load."""
    small = _Realm(NPCS, NPCS * PER_NPC, options)
    large = _Realm(options.npcs, options.commits, options)
    return Result(
        "scale",
        (
            Figure("commits", large.commits, ""),
            Figure("NPCs", large.npcs, ""),
            Figure("filling the log", large.commits / large.filling, "/s"),
            Figure("read models catch up at start", large.commits / large.catching_up, "/s"),
            Figure(f"state query, {small.npcs:,} NPCs, p50", small.p50, "ms"),
            Figure(f"state query, {large.npcs:,} NPCs, p50", large.p50, "ms"),
            Figure("state query p50, large : small", large.p50 / small.p50, "x", at_most=1.2),
            Figure(f"state queries, {IN_FLIGHT} in flight, small", small.per_second, "/s"),
            Figure(f"state queries, {IN_FLIGHT} in flight, large", large.per_second, "/s"),
            *(
                Figure(f"resident memory, {role}", megabytes, "MB", at_most=MEGABYTES)
                for role, megabytes in large.memory.items()
            ),
        ),
        large.notes,
    )


class _Realm:
    """One realm, filled, started, queried."""

    def __init__(self, npcs: int, commits: int, options: Options) -> None:
        self.npcs, self.commits = npcs, commits
        with tempfile.TemporaryDirectory(prefix="lorestream-") as folder:
            state = Path(folder) / "state"
            began = perf_counter()
            fill(state, npcs=npcs, commits=commits)
            self.filling = perf_counter() - began
            with running(state) as platform:
                began = perf_counter() - platform.started_in
                if not wait_for_position(platform, commits, seconds=CATCH_UP_SECONDS):
                    raise RuntimeError("the read models did not reach the end of the log")
                self.catching_up = perf_counter() - began
                self._query(platform, options)

    def _query(self, platform: Platform, options: Options) -> None:
        medians, rates = [], []
        outcomes = []
        for _ in range(ROUNDS):
            alone, most = state_queries(platform, self.npcs, options.seconds / 4)
            medians.append(percentile(sorted(alone.latencies), 0.5))
            rates.append(most.per_second)
            outcomes += [alone, most]
        # Commands on many NPCs fill the workers' caches: memory is measured when they are warm.
        outcomes.append(
            drive(
                Plan(platform.endpoints.zmq, "commands", "c", self.npcs, rate=300.0, seconds=options.seconds)
            )
        )
        self.p50, self.per_second = sorted(medians)[ROUNDS // 2], sorted(rates)[ROUNDS // 2]
        self.memory = platform.resident_megabytes()
        self.notes = notes(*outcomes)
