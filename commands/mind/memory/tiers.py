"""The three tiers of memory of the companion engine (companion-engine.md §7), as a view of one list."""

from __future__ import annotations

from commands.mind.memory.record import Memory, Source, Tier

SHORT_COUNT = 100
SHORT_US = 3_600_000_000
LONG_IMPORTANCE = 700_000


def tiers_of(memory: Memory, *, newer: int, now: int) -> frozenset[Tier]:
    """The tiers a memory is in, none or several.

    `newer` is how many memories the NPC has made since, `now` the time of asking (µs). Short-term: among the
    last 100 and not older than an hour. Long-term: importance above .7. Semantic: stated facts and
    reflections.
    """
    found = set()
    if newer < SHORT_COUNT and now - memory.at <= SHORT_US:
        found.add(Tier.SHORT)
    if memory.importance > LONG_IMPORTANCE:
        found.add(Tier.LONG)
    if memory.is_fact or memory.source is Source.REFLECTION:
        found.add(Tier.SEMANTIC)
    return frozenset(found)
