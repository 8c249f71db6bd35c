"""Small memories for tests."""

from __future__ import annotations

from typing import Any

from commands.mind.memory.record import Memory
from commands.mind.memory.store import InMemoryStore

HOUR = 3_600_000_000
DAY = 24 * HOUR


def memory(position: int, content: str, **more: Any) -> Memory:
    """A memory of Anna at an hour per position, with anything else as given."""
    given = {"owner": "Anna", "index": 0, "at": position * HOUR, "kind": "said", **more}
    return Memory(position=position, content=content, **given)


def remembering(*contents: str, **more: Any) -> InMemoryStore:
    """A store in which Anna remembers these sentences, at positions 1, 2, 3 …"""
    return InMemoryStore(memory(number, content, **more) for number, content in enumerate(contents, 1))
