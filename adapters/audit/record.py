"""One decision in full, from the log: the question part by part, the answer, what it cost and what became of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from adapters.sql.reader import Reader
from commands.agents.context import tokens
from events import codec
from events.commit import Json, Recorded
from events.decision import DecisionJudged, DecisionMade, DecisionRerun
from events.errors import CodecError, InvalidStreamName
from events.log import Log
from projections import feed


async def named(log: Log, reader: Reader, which: str) -> list[str]:
    """Ids of the decisions meant by `which`: a decision's id, the id of a request that asked for it, the position of
    one of its commits or of any commit that shares its correlation id. Empty when there is none.
    """
    if which.isascii() and which.isdecimal() and len(which) <= 18:
        stored = await log.at(int(which))
        if stored is None:
            return []
        try:
            commit = codec.decode(stored.body)
        except CodecError:
            return []
        if commit.category == "decision":
            return [commit.entity]
        return await _of(reader, commit.correlation_id)
    try:
        if any([True async for _ in log.read(f"decision/{which}")]):
            return [which]
        async for recorded in log.read(f"request/{which}"):
            return await _of(reader, recorded.commit.correlation_id)
    except InvalidStreamName:
        return []
    return []


async def read(log: Log, decision_id: str) -> Json | None:
    """The whole record of a decision as plain JSON, None when there is none. Raises `LogError`, `CodecError`."""
    commits = [recorded async for recorded in log.read(f"decision/{decision_id}")]
    return whole(commits) if commits else None


def whole(commits: list[Recorded]) -> Json | None:
    """`read`, of the commits of one decision's stream."""
    shown: Json | None = None
    for recorded in commits:
        for event in recorded.commit.events:
            if isinstance(event, DecisionMade):
                shown = _made(event, recorded)
            elif shown is None:
                continue
            elif isinstance(event, DecisionJudged):
                shown["verdicts"].append({"at_position": recorded.position, **asdict(event)})
            elif isinstance(event, DecisionRerun):
                at = recorded.commit.time.isoformat()
                shown["reruns"].append({"at_position": recorded.position, "at": at, **asdict(event)})
    return shown


def _made(event: DecisionMade, recorded: Recorded) -> Json:
    commit = recorded.commit
    plain = asdict(event)
    ask: Any = plain.pop("ask")
    messages = [message for message in ask.get("messages", []) if isinstance(message, dict)]
    return {
        "decision_id": commit.entity,
        "position": recorded.position,
        "at": commit.time.isoformat(),
        "correlation_id": commit.correlation_id,
        "causation_id": commit.causation_id,
        **plain,
        "parameters": ask.get("parameters"),
        "schema": ask.get("schema"),
        "tools": ask.get("tools"),
        "tool_choice": ask.get("tool_choice"),
        "messages": [{**message, "tokens": tokens(str(message.get("content", "")))} for message in messages],
        "verdicts": [],
        "reruns": [],
    }


async def _of(reader: Reader, correlation_id: str) -> list[str]:
    rows = await reader.run(feed.trace, correlation_id)
    streams = (row["stream"] for row in rows if row["type"] == "decision.made")
    return list(dict.fromkeys(stream.partition("/")[2] for stream in streams))
