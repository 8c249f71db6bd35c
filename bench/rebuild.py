"""How fast all read models are rebuilt from the log, and whether ten times the log takes ten times as long.

    python -m bench.rebuild [--commits 100000] [--npcs 1000] [--json]

Fills a scratch server with a made-up history (relaxed fsync: filling is not what is measured), then rebuilds from
nothing at N and at 10 N commits in a process of its own, as `lorestream projections rebuild` would. Afterwards state
queries are timed through the same reader the gateways use.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import uvloop

from adapters.nats.bootstrap import ensure_streams
from adapters.nats.connection import connect
from adapters.nats.log import JetStreamLog
from adapters.nats.server import EmbeddedServer
from adapters.settings import NatsSettings, Settings
from adapters.sql.companion import launch
from adapters.sql.engine import open_database
from adapters.sql.migrate import migrate
from adapters.sql.read_models import read_models
from adapters.sql.reader import Reader
from bench.history import History
from events.codec import encode
from events.subjects import log_subject
from projections import npcs
from projections.rebuild import rebuild

WINDOW = 4000
QUERIES = 2000


@dataclass(frozen=True, slots=True)
class Measured:
    """One rebuild. Rates in commits per second, times in microseconds where so named.

    `memory_mb` is the most that the larger of its processes held, `cpu_us_per_commit` the time of all of them.
    """

    commits: int
    npcs: int
    seconds: float
    rate: float
    cpu_us_per_commit: float
    memory_mb: float
    state_query_us: float


@dataclass(frozen=True, slots=True)
class Report:
    """`growth` is how many times as long ten times the log took."""

    small: Measured
    large: Measured
    growth: float


_PROCESSES = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def _processor_seconds() -> float:
    """Of this process and of those it started and waited for."""
    used = [resource.getrusage(who) for who in _PROCESSES]
    return sum(each.ru_utime + each.ru_stime for each in used)


async def fill(settings: Settings, history: History, count: int) -> None:
    """Append `count` commits of `history` to the log, as fast as the server takes them."""
    client = await connect(settings, name="bench fill", role="administrator")
    await ensure_streams(client)
    jetstream = client.jetstream(publish_async_max_pending=WINDOW)
    waiting = []
    for commit in history.commits(count):
        waiting.append(
            await jetstream.publish_async(log_subject(settings.realm, commit.stream), encode(commit))
        )
        if len(waiting) >= WINDOW:
            await asyncio.gather(*waiting)
            waiting.clear()
    await asyncio.gather(*waiting)
    await client.close()


async def measure(settings: Settings, commits: int, residents: int) -> Measured:
    """Rebuild everything in the log into an empty database, then ask for states."""
    await asyncio.to_thread(migrate, settings.database_url)
    client = await connect(settings, name="bench rebuild")
    log, database = JetStreamLog(client, settings.realm), open_database(settings.database_url)
    before, started = _processor_seconds(), time.perf_counter()
    result = await rebuild(log, database, read_models(), launch=launch)
    seconds, cpu = time.perf_counter() - started, _processor_seconds() - before
    memory = max(resource.getrusage(who).ru_maxrss for who in _PROCESSES) / 1024
    database.close()
    await client.close()
    async with Reader(settings.database_url) as reader:
        await reader.run(npcs.state, "warm up")
        asked = time.perf_counter()
        for number in range(QUERIES):
            await reader.run(npcs.state, f"Resident {number * 7919 % residents:06d}")
        query = (time.perf_counter() - asked) / QUERIES
    return Measured(
        result.commits, residents, seconds, result.commits / seconds, cpu / commits * 1e6, memory, query * 1e6
    )


async def run(commits: int, residents: int, *, large: bool = True) -> Report:
    """Fill a scratch server and measure at `commits` and ten times as many."""
    with tempfile.TemporaryDirectory(prefix="lorestream-bench-") as place:
        state = Path(place)
        settings = Settings(state=state, nats=NatsSettings(durability="balanced"))
        server = EmbeddedServer(settings)
        await server.start()
        try:
            history = History(settings.realm, npcs=residents)
            await fill(settings, history, commits)
            small = await _in_child(settings, commits, residents)
            if not large:
                return Report(small, small, 1.0)
            await fill(settings, history, 9 * commits)
            big = await _in_child(settings, 10 * commits, residents)
        finally:
            await server.stop()
    return Report(small, big, big.seconds / small.seconds)


async def _in_child(settings: Settings, commits: int, residents: int) -> Measured:
    """Measure in a fresh process: its memory and its caches are then those of a rebuild."""
    for file in settings.state.glob("lorestream.sqlite3*"):
        file.unlink()
    arguments = ["-m", "bench.rebuild", "--state", str(settings.state)]
    arguments += ["--commits", str(commits), "--npcs", str(residents)]
    child = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    output, _ = await child.communicate()
    if child.returncode:
        raise SystemExit(f"the measuring process ended with {child.returncode}")
    return Measured(**json.loads(output))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--commits", type=int, default=100_000)
    parser.add_argument("--npcs", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--small-only", action="store_true", help="leave out the tenfold log")
    parser.add_argument("--state", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.state is not None:
        settings = Settings(state=given.state)
        print(json.dumps(asdict(uvloop.run(measure(settings, given.commits, given.npcs)))))
        return
    report = uvloop.run(run(given.commits, given.npcs, large=not given.small_only))
    if given.json:
        print(json.dumps(asdict(report)))
        return
    for measured in (report.small, report.large):
        print(
            f"{measured.commits:>9,} commits, {measured.npcs:,} NPCs: {measured.seconds:7.2f} s"
            f"  {measured.rate:8,.0f}/s  {measured.cpu_us_per_commit:5.1f} µs CPU"
            f"  {measured.memory_mb:5.0f} MB  state query {measured.state_query_us:5.0f} µs"
        )
    print(f"ten times the log takes {report.growth:.1f} times as long")


if __name__ == "__main__":
    main()
