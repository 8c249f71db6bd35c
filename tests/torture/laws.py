"""The laws, proved from the log alone: exactly once, no gaps, one outcome per request, equal read models."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.nats.log import JetStreamLog
from adapters.sql.engine import open_database
from adapters.sql.migrate import migrate
from adapters.sql.read_models import read_models
from events import codec
from events.commit import Recorded
from events.log import Log
from events.request import OUTCOMES, RequestOpened
from projections.verify import verify_read_models
from tests.torture.journal import Journal, Json, Sent, essence


@dataclass(frozen=True, slots=True)
class Request:
    """One request's stream as the log has it."""

    opened: int
    outcomes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class History:
    """The log, read once and sorted by what the laws are about."""

    commits: Sequence[Recorded]
    by_command: Mapping[str, Sequence[Recorded]]
    requests: Mapping[str, Request]

    @property
    def open_requests(self) -> list[str]:
        return [stream for stream, request in self.requests.items() if not request.outcomes]


async def read_history(log: Log) -> History:
    """Read and decode everything. Raises `CodecError` for a commit that cannot be read, `LogUnavailable`."""
    commits = [
        Recorded(message.position, codec.decode(message.body))
        async for page in log.read_all()
        for message in page
    ]
    by_command: dict[str, list[Recorded]] = defaultdict(list)
    opened: dict[str, int] = defaultdict(int)
    outcomes: dict[str, list[str]] = defaultdict(list)
    for recorded in commits:
        commit = recorded.commit
        by_command[commit.command.id].append(recorded)
        if commit.category == "request":
            opened[commit.stream] += sum(isinstance(event, RequestOpened) for event in commit.events)
            outcomes[commit.stream] += [event.type for event in commit.events if isinstance(event, OUTCOMES)]
    requests = {stream: Request(count, tuple(outcomes[stream])) for stream, count in opened.items()}
    return History(commits, by_command, requests)


async def settled(log: JetStreamLog, *, seconds: float) -> History:
    """The log once every opened request has ended, or after `seconds` as it is then."""
    give_up = time.monotonic() + seconds
    while True:
        history = await read_history(log)
        if not history.open_requests or time.monotonic() > give_up:
            return history
        await asyncio.sleep(0.5)


def broken(history: History, journal: Journal) -> list[str]:
    """Every breach of the laws as a sentence; empty when all hold."""
    return [
        *_acknowledged_once(history, journal.commands),
        *_no_command_twice(history),
        *_versions_without_gaps(history),
        *_one_outcome(history),
        *_equal_answers(journal.commands),
        *_refused_are_absent(history, journal.commands),
        *_truthful_callbacks(history, [message for _, message in journal.pushed]),
    ]


async def differing_read_models(log: Log, url: str) -> list[str]:
    """Compare each read model with a fresh fold of the whole log."""
    head = (await log.head()).position
    stored = open_database(url)
    problems = []
    try:
        with tempfile.TemporaryDirectory(prefix="lorestream-") as folder:
            fresh_url = f"sqlite:///{Path(folder) / 'fresh.sqlite3'}"
            migrate(fresh_url)
            fresh = open_database(fresh_url)
            for verdict in await verify_read_models(log, stored, fresh, read_models()):
                if verdict.position < head:
                    problems.append(f"{verdict.projection} stopped at {verdict.position} of {head}")
                if not verdict.equal:
                    problems.append(
                        f"{verdict.projection} differs from a fresh fold at position {verdict.position} "
                        f"({verdict.waiting} dead letters)"
                    )
            fresh.close()
    finally:
        stored.close()
    return problems


def _acknowledged_once(history: History, commands: Sequence[Sent]) -> list[str]:
    problems = []
    for sent in commands:
        if not sent.acknowledged or sent.answer is None:
            continue
        found, position = history.by_command.get(sent.command_id, ()), sent.answer.get("position")
        if [recorded.position for recorded in found] != [position]:
            problems.append(
                f"{sent.operation} {sent.command_id} was acknowledged at {position}, "
                f"the log has it at {[recorded.position for recorded in found]}"
            )
        elif sent.stream and found[0].commit.stream != sent.stream:
            problems.append(f"{sent.command_id} belongs to {sent.stream}, not {found[0].commit.stream}")
    return problems


def _no_command_twice(history: History) -> list[str]:
    return [
        f"command {command} is in the log {len(found)} times, at {[r.position for r in found]}"
        for command, found in history.by_command.items()
        if len(found) > 1
    ]


def _versions_without_gaps(history: History) -> list[str]:
    versions: dict[str, int] = defaultdict(int)
    problems = []
    for recorded in history.commits:
        commit = recorded.commit
        versions[commit.stream] += 1
        if commit.version != versions[commit.stream]:
            problems.append(
                f"{commit.stream} has version {commit.version} where {versions[commit.stream]} belongs"
            )
            versions[commit.stream] = commit.version
    return problems


def _one_outcome(history: History) -> list[str]:
    return [
        f"{stream} was opened {request.opened} times and ended {len(request.outcomes)} times {request.outcomes}"
        for stream, request in history.requests.items()
        if request.opened != 1 or len(request.outcomes) != 1
    ]


def _equal_answers(commands: Sequence[Sent]) -> list[str]:
    return [
        f"{sent.operation} {sent.command_id} was answered {essence(sent.answer)} and then {essence(again)}"
        for sent in commands
        if sent.acknowledged and sent.answer is not None
        for again in sent.repeated
        # A late "ask again" to an attempt that lost is no answer about the command.
        if again["success"] and essence(again) != essence(sent.answer)
    ]


def _refused_are_absent(history: History, commands: Sequence[Sent]) -> list[str]:
    return [
        f"{sent.operation} {sent.command_id} was refused ({sent.answer['error_code']}), yet it is in the log"
        for sent in commands
        if sent.refused and sent.answer is not None and sent.command_id in history.by_command
    ]


def _truthful_callbacks(history: History, pushed: Sequence[Json]) -> list[str]:
    statuses = {
        "request.completed": "complete",
        "request.failed": "error",
        "request.cancelled": "cancelled",
        "request.timed_out": "timeout",
    }
    problems = []
    for message in pushed:
        request = history.requests.get(f"request/{message['request_id']}")
        told = message["data"]["status"]
        if request is None or [statuses[outcome] for outcome in request.outcomes] != [told]:
            problems.append(f"{message['request_id']} was reported as {told}, the log says {request}")
    return problems
