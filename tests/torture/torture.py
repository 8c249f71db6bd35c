"""The torture: a real platform, four game servers that do not give up, and a killer; then the laws.

`python -m tests.torture.long --minutes N --seed S`, or `just torture`.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zmq

from adapters.llm.book import load
from adapters.nats.connection import connect
from adapters.nats.log import JetStreamLog
from adapters.sql.engine import open_database
from bench.fake_models import FakeModelsProcess
from bench.measure import percentile
from bench.platform import Platform, running, wait_for_position
from projections import spending
from tests.torture import laws, model_laws
from tests.torture.caller import Caller
from tests.torture.game_server import GameServer
from tests.torture.journal import Journal
from tests.torture.killer import Beside, ExtraWorker, Killer
from tests.torture.models import change_moods, configure

SERVERS = (
    ("req-1", zmq.REQ, 1),
    ("req-2", zmq.REQ, 1),
    ("dealer-1", zmq.DEALER, 6),
    ("dealer-2", zmq.DEALER, 6),
)
"""Name, socket and requests at once of each game server."""

CALLERS = ("v1-1", "v1-2", "v1-3")
"""Who asks over `/v1/chat/completions`, one question at a time."""

NPCS = [f"Händler {number}. №" for number in range(12)]
"""Shared by all game servers, so that they meet on the same streams."""

ANSWER_SECONDS = 90.0
"""How long after the last kill everything that was begun may take to be answered."""
OUTCOME_SECONDS = 60.0
RESTART_SECONDS = 30.0


@dataclass(slots=True)
class Report:
    """The figures. `broken` names every breach of a law; `unknown` counts commands that were never answered."""

    seed: int
    seconds: float
    kills: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    attempts: int = 0
    acknowledged: int = 0
    refused: int = 0
    unknown: int = 0
    repeated: int = 0
    reads: int = 0
    callbacks: int = 0
    commits: int = 0
    requests: int = 0
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    longest_ms: float = 0.0
    recoveries: dict[str, list[float]] = field(default_factory=dict)
    questions: int = 0
    answered: int = 0
    models: dict[str, Any] = field(default_factory=dict)
    replayed: int = 0
    broken: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        kills = ", ".join(f"{role} {count}" for role, count in sorted(self.kills.items()))
        lines = [
            f"torture: seed {self.seed}, {self.seconds:.0f} s under fire",
            f"  kills          {self.kills.total()} ({kills})",
            f"  commands       {self.sent} sent in {self.attempts} attempts: {self.acknowledged} acknowledged, "
            f"{self.refused} refused, {self.unknown} without an answer",
            f"  latency        p50 {self.p50_ms:.1f} ms, p99 {self.p99_ms:.0f} ms, longest {self.longest_ms:.0f} ms",
            f"  repetitions    {self.repeated} further answers to acknowledged commands",
            f"  reads          {self.reads} that waited for what had been written",
            f"  log            {self.commits} commits, {self.requests} requests, {self.callbacks} callbacks",
            f"  /v1            {self.questions} questions, {self.answered} answered",
            *self._of_models(),
        ]
        for role, seconds in sorted(self.recoveries.items()):
            ordered = sorted(seconds)
            lines.append(
                f"  recovery       {role}: median {percentile(ordered, 0.5):.2f} s, longest {ordered[-1]:.2f} s"
            )
        verdict = f"{len(self.broken)} BREACHES" if self.broken else "all hold"
        return "\n".join(
            [*lines, f"  laws           {verdict}", *(f"    {each}" for each in self.broken[:50])]
        )

    def _of_models(self) -> list[str]:
        found = self.models
        routes, answers = _listed(found["routes"]), _listed(found["answers"])
        failures: Counter[str] = Counter()
        for each in found["failures"]:
            # The rest of a reason are figures.
            kind = each["status"] or re.split(r"[:(,\d]| again", each["error"])[0].strip() or each["outcome"]
            failures[str(kind)] += each["count"]
        ratio = "-" if found["template_ratio"] is None else f"{found['template_ratio']:.2f}"
        return [
            f"  decisions      {found['decisions']} ({routes}), {self.replayed} replayed, $ {found['cost'] / 1e9:.4f}",
            f"  verdicts       {_listed(found['verdicts'])}",
            f"  failed calls   {failures.total()} ({_listed(failures)})",
            f"  answers        {answers}; template ratio {ratio}",
        ]


def _listed(counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda one: -one[1])
    return ", ".join(f"{name} {count}" for name, count in ordered) or "none"


async def torture(
    seconds: float, *, seed: int, pause: tuple[float, float] = (0.3, 1.2), keep: Path | None = None
) -> Report:
    """Kill for `seconds`, with a random `pause` between two kills; then prove the laws.

    State and log of the platform stay in the directory `keep`, when given.

    Workload and kills are drawn from `seed`; how they interleave is up to the machine.
    """
    models = FakeModelsProcess()
    try:
        with tempfile.TemporaryDirectory(prefix="lorestream-") as scratch:
            variables = configure((keep or Path(scratch)) / "llm", models.url)
            state = keep / "state" if keep else None
            with running(state, variables=variables, http=True) as platform:
                extra = ExtraWorker(platform.state)
                extra.ensure()
                try:
                    beside: dict[str, Beside] = {"commands-2": extra, "models": models}
                    journal = await _suffer(platform, beside, models.url, seconds, seed, pause)
                    return await _examine(platform, journal, Report(seed, seconds), variables)
                finally:
                    extra.stop()
    finally:
        models.stop()


async def _suffer(
    platform: Platform,
    beside: Mapping[str, Beside],
    models_url: str,
    seconds: float,
    seed: int,
    pause: tuple[float, float],
) -> Journal:
    journal = Journal()
    servers = [
        GameServer(name, platform.endpoints.zmq, kind, players=players, npcs=NPCS, seed=seed, journal=journal)
        for name, kind, players in SERVERS
    ]
    callers = [
        Caller(name, platform.endpoints.http, npcs=NPCS, seed=seed, journal=journal) for name in CALLERS
    ]
    await servers[0].register()
    killer = Killer(platform.state, beside, seed=seed, pause=pause, journal=journal)
    peace, stop, give_up = asyncio.Event(), asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as tasks:
        playing = [tasks.create_task(server.play(stop, give_up)) for server in servers]
        playing += [tasks.create_task(caller.play(stop, give_up)) for caller in callers]
        killing = tasks.create_task(killer.work(peace))
        tasks.create_task(change_moods(models_url, seed, peace))
        await asyncio.sleep(seconds)
        peace.set()
        await killing
        # Play on for a moment: the last victims are to show that they recover, too.
        await asyncio.sleep(min(10.0, seconds / 4))
        stop.set()
        timer = loop.call_later(ANSWER_SECONDS, give_up.set)
        await asyncio.wait(playing)
        timer.cancel()
    return journal


async def _end_agents(platform: Platform) -> None:
    """End the agents in order, so that they settle what they have reserved; the platform starts others."""
    pid = platform.roles["agents"]
    os.kill(pid, signal.SIGTERM)
    async with asyncio.timeout(RESTART_SECONDS):
        while platform.roles.get("agents", pid) == pid:  # noqa: ASYNC110 (another process)
            await asyncio.sleep(0.2)


async def _examine(
    platform: Platform, journal: Journal, report: Report, variables: Mapping[str, str]
) -> Report:
    client = await connect(platform.settings, name="torture")
    log = JetStreamLog(client, platform.endpoints.realm)
    try:
        history = await laws.settled(log, seconds=OUTCOME_SECONDS)
        await _end_agents(platform)
        # Agents remember an answered dialogue after its outcome: let the log come to rest.
        position = 0
        while position != (position := (await log.head()).position):  # noqa: ASYNC110 (others write)
            await asyncio.sleep(1.0)
        history = await laws.read_history(log)
        await asyncio.to_thread(wait_for_position, platform, position, seconds=OUTCOME_SECONDS)
        report.broken = laws.broken(history, journal)
        report.broken += model_laws.broken(
            history, journal, load(Path(variables["LORESTREAM_LLM_DIRECTORY"]))
        )
        report.broken += await laws.differing_read_models(log, platform.endpoints.database)
        unfaithful, report.replayed = await model_laws.unfaithful(platform.state, variables)
        report.broken += unfaithful
    finally:
        await log.close()
        await client.close()
    _count(report, journal, history)
    report.models = _models(platform)
    return report


def _models(platform: Platform) -> dict[str, Any]:
    database = open_database(platform.endpoints.database)
    try:
        with database.reader.connect() as connection:
            return spending.stats(connection)
    finally:
        database.close()


def _count(report: Report, journal: Journal, history: laws.History) -> None:
    commands = journal.commands
    report.kills = Counter(kill.role for kill in journal.kills)
    report.sent, report.attempts = len(commands), sum(sent.attempts for sent in commands)
    report.acknowledged = sum(sent.acknowledged for sent in commands)
    report.refused = sum(sent.refused for sent in commands)
    report.unknown = len(commands) - report.acknowledged - report.refused
    report.repeated = sum(len(sent.repeated) for sent in commands if sent.acknowledged)
    report.reads = sum(sent.acknowledged for sent in journal.reads)
    report.callbacks, report.commits = len(journal.pushed), len(history.commits)
    report.requests = len(history.requests)
    report.questions = len(journal.questions)
    report.answered = sum(bool(asked.answers) for asked in journal.questions)
    taken = sorted(sent.milliseconds for sent in commands if sent.answer is not None)
    report.p50_ms, report.p99_ms = percentile(taken, 0.5), percentile(taken, 0.99)
    report.longest_ms = taken[-1] if taken else float("nan")
    for kill in journal.kills:
        seconds = journal.recovery(kill)
        if seconds is not None:
            report.recoveries.setdefault(kill.role, []).append(seconds)
