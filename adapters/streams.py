"""Streams as of then: folded by the decider's own `evolve`, and what differs between two states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from commands.registry import DECIDERS
from events.errors import InvalidStreamName
from events.log import Log
from events.subjects import split_stream


@dataclass(frozen=True, slots=True)
class Version:
    """A stream after one of its commits: what the next command on it would have seen, as plain JSON."""

    stream: str
    version: int
    position: int
    at: datetime | None
    state: Any


class TooLong(ValueError):
    """The stream has more commits than may be folded for one question."""


def category_of(stream: str) -> str:
    """The category of a stream that can be folded. Raises `InvalidStreamName` naming those there are."""
    category, _ = split_stream(stream)
    if category not in DECIDERS:
        raise InvalidStreamName(
            f"{category[:40]!r} is not a category. There are {', '.join(sorted(DECIDERS))}."
        )
    return category


async def as_of(log: Log, stream: str, *places: int, most: int | None = None) -> list[Version]:
    """The stream at each of these positions, which grow; version 0 before its first commit.

    It is read once. Raises `InvalidStreamName`, `TooLong` beyond `most` commits, `LogError`, `CodecError`.
    """
    decider = DECIDERS[category_of(stream)]
    plain = TypeAdapter(decider.state)
    found, waiting = list[Version](), list(places)
    state, last, count = decider.initial, Version(stream, 0, 0, None, None), 0
    async for recorded in log.read(stream, up_to=waiting[-1]):
        while waiting and recorded.position > waiting[0]:
            found.append(
                Version(stream, last.version, last.position, last.at, plain.dump_python(state, mode="json"))
            )
            waiting.pop(0)
        state, count = decider.fold(state, recorded), count + 1
        last = Version(stream, recorded.commit.version, recorded.position, recorded.commit.time, None)
        if most is not None and count > most:
            raise TooLong(f"{stream[:100]} has more than {most:,} commits; use `lorestream state`")
    now = Version(stream, last.version, last.position, last.at, plain.dump_python(state, mode="json"))
    return [*found, *(now for _ in waiting)]


def differences(before: Any, after: Any, path: str = "") -> list[dict[str, Any]]:
    """What must change in one JSON value to get the other: `path`, `before`, `after` (absent: not there)."""
    if isinstance(before, dict) and isinstance(after, dict):
        return [
            change
            for key in [*before, *(key for key in after if key not in before)]
            for change in _at(f"{path}.{key}" if path else str(key), before, after, key)
        ]
    if isinstance(before, list) and isinstance(after, list):
        earlier, later = dict(enumerate(before)), dict(enumerate(after))
        return [
            change
            for index in range(max(len(before), len(after)))
            for change in _at(f"{path}[{index}]", earlier, later, index)
        ]
    return [] if before == after else [{"path": path, "before": before, "after": after}]


def _at(path: str, before: dict[Any, Any], after: dict[Any, Any], key: Any) -> list[dict[str, Any]]:
    if key not in after:
        return [{"path": path, "before": before[key]}]
    if key not in before:
        return [{"path": path, "after": after[key]}]
    return differences(before[key], after[key], path)
