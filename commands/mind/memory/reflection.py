"""Reflections: now and then an NPC looks back, and what it makes of it is a memory that cites its sources.

Deterministic and without a model: a reflection is due whenever the importance of what was lived through since
the last one adds up to `DUE`. It is derived from the memories alone, so a rebuilt log reflects the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from commands.mind.memory.record import DOUBT, Memory, Source
from commands.mind.memory.render import MAX_CONTENT, clean

DUE = 5_000_000
"""Importance, in millionths, that must add up."""
MAX_CITED = 100
INDEX = 1_000_000
"""Event index of a reflection at the position of the last memory it cites; no commit holds as many events."""
HIGHLIGHTS = 3


@dataclass(frozen=True, slots=True)
class Pending:
    """What has been lived through since the last reflection: the fold's state."""

    total: int = 0
    memories: tuple[Memory, ...] = ()


def lived(pending: Pending, memory: Memory) -> tuple[Pending, Memory | None]:
    """Take in an NPC's next memory; the second value is the reflection it completes, if it does.

    Of more than `MAX_CITED` pending memories the most important are kept.
    """
    if memory.source is Source.REFLECTION:
        return pending, None
    total, memories = pending.total + memory.importance, (*pending.memories, memory)
    if total >= DUE:
        return Pending(), reflect(memories)
    if len(memories) > MAX_CITED:
        least = min(memories, key=lambda kept: (kept.importance, kept.id))
        memories = tuple(kept for kept in memories if kept is not least)
    return Pending(total, memories), None


def reflections(memories: Iterable[Memory]) -> list[Memory]:
    """All reflections of one NPC's memories, given in log order."""
    pending, found = Pending(), []
    for memory in memories:
        pending, reflection = lived(pending, memory)
        if reflection:
            found.append(reflection)
    return found


def reflect(memories: tuple[Memory, ...]) -> Memory:
    """One reflection of an NPC's memories (at least one, in log order): who was met, how it felt, what stands
    out."""
    last = memories[-1]
    met = Counter(
        name
        for memory in memories
        for name in dict.fromkeys((memory.actor, *memory.players))
        if name and name != memory.owner
    )
    felt = Counter(memory.emotion for memory in memories if memory.emotion != "neutral")
    best = sorted(memories, key=lambda memory: (-memory.importance, memory.id))[:HIGHLIGHTS]
    parts = [f"Looking back on {len(memories)} things"]
    if met:
        parts.append(
            "mostly with " + " and ".join(f"{clean(name, 40)} ({count})" for name, count in _most(met))
        )
    if felt:
        parts.append(f"mostly feeling {_most(felt)[0][0]}")
    told = "; ".join(clean(memory.content, 110) for memory in sorted(best, key=lambda memory: memory.id))
    return Memory(
        owner=last.owner,
        position=last.position,
        index=INDEX,
        at=last.at,
        content=clean(f"{', '.join(parts)}. What stays: {told}", MAX_CONTENT),
        kind="reflection",
        importance=max(memory.importance for memory in memories),
        emotion=_most(felt)[0][0] if felt else "neutral",
        actor=last.owner,
        players=tuple(dict.fromkeys(player for memory in best for player in memory.players)),
        source=Source.REFLECTION,
        reliability=min(memory.reliability for memory in best),
        cites=tuple(memory.position for memory in memories),
        author=max((memory.author for memory in best), key=DOUBT.index),
    )


def _most(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:2]
