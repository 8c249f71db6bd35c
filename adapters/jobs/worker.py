"""The process that does long work for a gateway, as the command line would: it reports on its standard output.

    python -m adapters.jobs.worker

is not for people: the gateway writes `{"settings", "action", …}` as one line to its standard input. Each line it
answers with is progress (`{"phase", "done", "total", …}`), and the last one `{"result"}` or `{"failed"}`. SIGTERM ends
it in order; what a rebuild did until then is kept.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from typing import Any

import uvloop

from adapters import configuration, logging, rulebooks
from adapters.audit.replay import Slice, replay, templates
from adapters.llm import prompts
from adapters.nats.connection import connect
from adapters.nats.log import JetStreamLog
from adapters.settings import Settings
from adapters.sql.companion import launch
from adapters.sql.engine import open_database
from adapters.sql.read_models import read_models
from adapters.sql.temporary import temporary_database
from commands.agents.divergence import NOTHING
from commands.agents.purposes import PURPOSES
from commands.agents.rejudging import Court
from commands.npc import IDENTICAL_REREGISTRATION
from events.commit import Json
from events.errors import LorestreamError
from events.log import Log
from projections.projection import Projection
from projections.rebuild import Progress, rebuild
from projections.verify import verify_log, verify_read_models

REACH_SECONDS = 10.0
REPORT_SECONDS = 0.2
MAX_SHOWN = 50


class _Reporter:
    """Says how far the work is, a few times a second."""

    def __init__(self) -> None:
        self._said = 0.0

    def progress(self, phase: str, done: int, total: int, **more: Any) -> None:
        now = time.monotonic()
        if now - self._said >= REPORT_SECONDS or done >= total:
            self._said = now
            say({"phase": phase, "done": done, "total": total, **more})


def say(report: Json) -> None:
    sys.stdout.write(json.dumps(report) + "\n")
    sys.stdout.flush()


async def _rebuild(settings: Settings, log: Log, asked: Json, stop: asyncio.Event) -> Json:
    reporter, database = _Reporter(), open_database(settings.database_url)

    def on_progress(now: Progress) -> None:
        reporter.progress(now.phase, now.done, now.total, rate=now.rate, eta=now.eta)

    try:
        done = await rebuild(
            log,
            database,
            _chosen(asked["names"]),
            on_progress=on_progress,
            stop=stop,
            launch=launch,
            afresh=bool(asked.get("afresh")),
        )
    finally:
        database.close()
    return {**asdict(done), "projections": list(done.projections)}


async def _verify(settings: Settings, log: Log, asked: Json, _stop: asyncio.Event) -> Json:
    reporter, stored = _Reporter(), open_database(settings.database_url)
    try:
        of_log = await verify_log(
            log, on_progress=lambda done, total: reporter.progress("reading", done, total)
        )
        with temporary_database() as fresh:
            verdicts = await verify_read_models(
                log,
                stored,
                fresh,
                _chosen(asked["names"]),
                on_progress=lambda done, total: reporter.progress("folding", done, total),
            )
    finally:
        stored.close()
    sound = not of_log.problems and all(verdict.equal for verdict in verdicts)
    return {
        "ok": sound,
        "log": asdict(of_log),
        "read_models": [asdict(verdict) | {"equal": verdict.equal} for verdict in verdicts],
    }


async def _replay(settings: Settings, log: Log, asked: Json, _stop: asyncio.Event) -> Json:
    """One decision lived through again with its recorded answers; see `lorestream llm replay`."""
    switches = {IDENTICAL_REREGISTRATION} if settings.commands.identical_reregistration_succeeds else set()
    book = prompts.load(settings.llm.directory)
    known = templates(one for versions in book.templates.values() for one in versions.values())
    position = int(asked["position"])
    court = Court(rulebooks.load(), frozenset(switches))
    found = await replay(log, PURPOSES, court, Slice(position, position), template=known)
    return {
        "faithful": found.faithful,
        "head": found.head,
        **asdict(found.tally),
        "differences": [
            {
                "position": each.position,
                "decision_id": each.decision_id,
                "what": each.what,
                "path": each.path,
                "expected": None if each.expected is NOTHING else each.expected,
                "found": None if each.found is NOTHING else each.found,
            }
            for each in found.differences[:MAX_SHOWN]
        ],
        "unreadable": [
            {"position": place, "problem": problem} for place, problem in found.unreadable[:MAX_SHOWN]
        ],
    }


ACTIONS: dict[str, Callable[[Settings, Log, Json, asyncio.Event], Awaitable[Json]]] = {
    "rebuild": _rebuild,
    "verify": _verify,
    "replay": _replay,
}


def _chosen(names: Sequence[str]) -> list[Projection]:
    return [projection for projection in read_models() if projection.name in names]


async def _work(asked: Json) -> Json:
    settings = configuration.from_wire(asked["settings"])
    # What a fresh fold cannot digest is the log's problem, told once, not a dead letter of anybody.
    logging.configure("CRITICAL" if asked["action"] == "verify" else settings.log.level, role="job")
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    client = await connect(settings, name=f"job {asked['action']}", patience=REACH_SECONDS)
    log = JetStreamLog(client, settings.realm)
    work = asyncio.ensure_future(ACTIONS[asked["action"]](settings, log, asked, stop))
    stopped = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((work, stopped), return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set() and asked["action"] != "rebuild":
            work.cancel()
        return await work
    finally:
        stopped.cancel()
        await log.close()
        await client.close()


def main() -> int:
    """Do what the line on the standard input asks for; 0 when it was done, 1 when it failed."""
    # Ctrl-C reaches the whole group; the gateway that started this one decides when it ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asked = json.loads(sys.stdin.readline())
    try:
        say({"result": uvloop.run(_work(asked))})
    except asyncio.CancelledError:
        return 1
    except LorestreamError as error:
        say({"failed": str(error)})
        return 1
    except Exception as error:  # whatever it is, it is what became of the job
        say({"failed": f"{type(error).__name__}: {error}"})
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
