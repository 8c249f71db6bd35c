"""Stated facts: subject, predicate, value, with two time axes. A newer statement supersedes an older one;
both stay.

`valid_from` says since when it holds in the world, the memory's position when the NPC came to know. A
statement replaces what the NPC believed when it is about the same or a later time and not much less reliable;
otherwise both stand and `contradictions` lists them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from commands.mind.memory.record import Memory
from commands.mind.memory.render import clean

DOUBT = 2
"""A statement less reliable than the believed one divided by this does not replace it."""

MAX_NAME = 80


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two statements that cannot both hold: the one the NPC believes and the one it did not accept."""

    believed: Memory
    disputed: Memory


def stated(data: Mapping[str, Any]) -> tuple[str, str, str, int | None] | None:
    """(subject, predicate, value, valid_from) of event data with a `fact` object, or None.

    `fact` holds `subject`, `predicate`, `value` (text or number) and optionally `valid_from` (µs). A
    malformed one states nothing: the event itself is still remembered.
    """
    fact = data.get("fact")
    if not isinstance(fact, Mapping):
        return None
    subject, predicate, value = (fact.get(field) for field in ("subject", "predicate", "value"))
    if (
        not isinstance(subject, str)
        or not isinstance(predicate, str)
        or not isinstance(value, str | int | float)
    ):
        return None
    if not clean(subject) or not clean(predicate) or (isinstance(value, int) and value.bit_length() > 256):
        return None
    since = fact.get("valid_from")
    valid_from = (
        since if isinstance(since, int) and not isinstance(since, bool) and abs(since) < 2**62 else None
    )
    return clean(subject, MAX_NAME), clean(predicate, MAX_NAME), clean(str(value)), valid_from


def since(memory: Memory) -> int:
    """When a statement began to hold, µs."""
    return memory.at if memory.valid_from is None else memory.valid_from


def replaces(new: Memory, old: Memory) -> bool:
    """True if an NPC that believes `old` gives it up for the later heard `new`."""
    return since(new) >= since(old) and new.reliability * DOUBT >= old.reliability


def with_history(memories: Iterable[Memory]) -> list[Memory]:
    """The same memories in log order, `superseded_by` set on every statement that a later one replaced."""
    kept = list(memories)
    believed: dict[tuple[str, str], int] = {}
    for number, memory in enumerate(kept):
        if not memory.is_fact:
            continue
        about = memory.subject, memory.predicate
        old = believed.get(about)
        if old is None or replaces(memory, kept[old]):
            if old is not None:
                kept[old] = replace(kept[old], superseded_by=memory.position)
            believed[about] = number
    return kept


def supersessions(memories: Iterable[Memory]) -> dict[tuple[int, int], int]:
    """By statement (position, index), given in log order: the position of the one that replaced it."""
    return {
        memory.id: memory.superseded_by
        for memory in with_history(memories)
        if memory.superseded_by is not None
    }


def current(
    memories: Iterable[Memory],
    subject: str,
    predicate: str,
    *,
    as_of: int | None = None,
    valid_at: int | None = None,
) -> Memory | None:
    """The statement an NPC believes, or None.

    `as_of`: only what it knew at this log position. `valid_at`: what it believes held at this time (µs),
    instead of now.
    """
    found: Memory | None = None
    for memory in history(memories, subject, predicate):
        known = as_of is None or memory.position <= as_of
        holds = valid_at is None or since(memory) <= valid_at
        if known and holds and (found is None or replaces(memory, found)):
            found = memory
    return found


def history(memories: Iterable[Memory], subject: str, predicate: str) -> list[Memory]:
    """Every statement about a subject's predicate, in the order the NPC came to know them."""
    found = [memory for memory in memories if (memory.subject, memory.predicate) == (subject, predicate)]
    return sorted(found, key=lambda memory: memory.id)


def contradictions(memories: Iterable[Memory], *, as_of: int | None = None) -> list[Contradiction]:
    """Statements that stand against what the NPC believes: same subject and predicate, another value, not
    replaced."""
    by_subject: dict[tuple[str, str], list[Memory]] = {}
    for memory in memories:
        if memory.is_fact and (as_of is None or memory.position <= as_of):
            by_subject.setdefault((memory.subject, memory.predicate), []).append(memory)
    found = []
    for statements in by_subject.values():
        marked = with_history(sorted(statements, key=lambda memory: memory.id))
        believed = current(marked, marked[0].subject, marked[0].predicate)
        found += [
            Contradiction(believed, memory)
            for memory in marked
            if believed and memory.superseded_by is None and memory.value != believed.value
            and since(memory) <= since(believed) + CLOSE_US
            and since(memory) + CLOSE_US >= since(believed)
        ]  # fmt: skip
    return found


CLOSE_US = 30 * 86_400_000_000
"""Statements about times further apart than this are two states of the world, not a contradiction."""
