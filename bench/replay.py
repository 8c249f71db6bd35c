"""How many recorded decisions a second does a replay prove, and does it find none of them changed?"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import uvloop

from adapters import rulebooks
from adapters.audit.replay import Slice, replay, templates
from adapters.llm import prompts
from adapters.nats.bootstrap import ensure_streams
from adapters.nats.connection import connect
from adapters.nats.log import JetStreamLog
from adapters.nats.server import EmbeddedServer
from adapters.roles.agents import read_library
from adapters.settings import NatsSettings, Settings
from bench.conversations import Conversations
from bench.measure import Figure, Result
from bench.options import DEFAULT, QUICK, Options
from commands.agents.purposes import PURPOSES
from commands.agents.rejudging import Court
from events.codec import encode
from events.subjects import log_subject

DECISIONS = 10_000
FEW = 1000
WINDOW = 2000


@dataclass(frozen=True, slots=True)
class Measured:
    """One replay: what it went through, how long it took, and what it held of memory."""

    decisions: int
    commits: int
    refusals: int
    differences: int
    seconds: float
    processor_seconds: float
    memory_mb: float


def run(options: Options = DEFAULT) -> Result:
    """Conversations made by the production purpose and deciders, kept in a real log, replayed from it."""
    found = uvloop.run(_run(FEW if options == QUICK else DECISIONS))
    rate, pure = found.decisions / found.seconds, found.decisions / found.processor_seconds
    notes = f"{found.commits:,} commits and {found.refusals:,} refusals decided again, {found.differences} differences"
    return Result(
        "replay",
        (
            Figure(f"replay of {found.decisions:,} decisions", rate, "/s", at_least=2000),
            Figure("the same by processor time", pure, "/s"),
            Figure("differences found", found.differences, "", at_most=0),
            Figure("memory of the replay", found.memory_mb, "MB"),
        ),
        (notes,),
    )


async def _run(decisions: int) -> Measured:
    with tempfile.TemporaryDirectory(prefix="lorestream-bench-") as place:
        settings = Settings(state=Path(place), nats=NatsSettings(durability="balanced"))
        server = EmbeddedServer(settings)
        await server.start()
        try:
            await _fill(settings, decisions)
            # In a process of its own: the memory is then that of a replay.
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bench.replay", place, stdout=asyncio.subprocess.PIPE
            )
            output, _ = await child.communicate()
        finally:
            await server.stop()
    if child.returncode:
        raise SystemExit(f"the measuring process ended with {child.returncode}")
    return Measured(**json.loads(output))


async def _fill(settings: Settings, decisions: int) -> None:
    client = await connect(settings, name="bench fill", role="administrator")
    await ensure_streams(client)
    jetstream = client.jetstream(publish_async_max_pending=WINDOW)
    template = prompts.load().of("npc_intelligence", "dialogue")
    told = Conversations(settings.realm, Court(rulebooks.load()), read_library(), template)
    waiting = []
    for commit in told.commits(decisions):
        subject = log_subject(settings.realm, commit.stream)
        waiting.append(await jetstream.publish_async(subject, encode(commit)))
        if len(waiting) >= WINDOW:
            await asyncio.gather(*waiting)
            waiting.clear()
    await asyncio.gather(*waiting)
    await client.close()


async def _measure(settings: Settings) -> Measured:
    court = Court(rulebooks.load())
    known = templates(one for versions in prompts.load().templates.values() for one in versions.values())
    client = await connect(settings, name="bench replay")
    log = JetStreamLog(client, settings.realm)
    began, used = time.perf_counter(), time.process_time()
    found = await replay(log, PURPOSES, court, Slice(), template=known)
    seconds, processor = time.perf_counter() - began, time.process_time() - used
    await log.close()
    await client.close()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    tally = found.tally
    differences = len(found.differences) + len(found.unreadable)
    return Measured(tally.decisions, tally.commits, tally.refusals, differences, seconds, processor, memory)


def main() -> None:
    print(json.dumps(asdict(uvloop.run(_measure(Settings(state=Path(sys.argv[1])))))))


if __name__ == "__main__":
    main()
