"""Where recall reads from: a small port, and its implementation in memory.

A store keeps, per NPC, an append-only list of memories in log order and an index of it as segments. How the
segments come about is the store's business: a ranking does not depend on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from commands.mind.memory.facts import replaces
from commands.mind.memory.record import Memory
from commands.mind.memory.segment import OpenSegment, SealedSegment, Segment

LEVELS = (8_192, 1_024)
"""Sizes of sealed segments, the largest first: every 8 of the smaller become one of the larger. Few segments
make questions fast: 10,000 memories are 3."""


class MemoryStore(Protocol):
    """Read access to the memories of NPCs. Reading never changes what is remembered."""

    def segments(self, owner: str) -> Sequence[Segment]:
        """The index of all of an NPC's memories, in order and without gaps; empty for an unknown NPC."""
        ...

    def memories(self, owner: str, events: Sequence[tuple[int, int]]) -> Sequence[Memory]:
        """The NPC's memories made by these events (position, index), in the same order; unknown ones are left
        out."""
        ...

    def superseded(self, owner: str) -> Mapping[tuple[int, int], int]:
        """By memory (position, index): the position of the statement that superseded it."""
        ...


def runs(first: int, count: int) -> Iterable[tuple[int, int]]:
    """How a list of `count` memories, of which `first` are sealed, is cut into runs to seal: (start, size),
    in order.

    What is left over is less than the smallest level.
    """
    while count - first >= LEVELS[-1]:
        size = next(level for level in LEVELS if first % level == 0 and count - first >= level)
        yield first, size
        first += size


class InMemoryStore:
    """A `MemoryStore` for tests and benchmarks, and for small worlds."""

    def __init__(self, memories: Iterable[Memory] = ()) -> None:
        self._lists: dict[str, list[Memory]] = {}
        self._places: dict[str, dict[tuple[int, int], int]] = {}
        self._sealed: dict[str, list[SealedSegment]] = {}
        self._open: dict[str, OpenSegment] = {}
        self._believed: dict[tuple[str, str, str], Memory] = {}
        self._superseded: dict[str, dict[tuple[int, int], int]] = {}
        for memory in memories:
            self.add(memory)

    def add(self, memory: Memory) -> None:
        """Append an NPC's next memory. Raises `ValueError` if it is not later in the log than the last."""
        owner, kept = memory.owner, self._lists.setdefault(memory.owner, [])
        if kept and memory.id <= kept[-1].id:
            raise ValueError(
                f"memory {memory.id} of {owner!r} comes after {kept[-1].id}: append in log order"
            )
        self._places.setdefault(owner, {})[memory.id] = len(kept)
        kept.append(memory)
        if memory.is_fact:
            about = owner, memory.subject, memory.predicate
            old = self._believed.get(about)
            if old is None or replaces(memory, old):
                if old is not None:
                    self._superseded.setdefault(owner, {})[old.id] = memory.position
                self._believed[about] = memory
        self._open.setdefault(owner, OpenSegment()).add(memory)
        if len(self._open[owner]) == LEVELS[-1]:
            self._seal(owner)

    def segments(self, owner: str) -> Sequence[Segment]:
        tail = self._open.get(owner)
        return [*self._sealed.get(owner, ()), *([tail] if tail else ())]

    def memories(self, owner: str, events: Sequence[tuple[int, int]]) -> Sequence[Memory]:
        places, kept = self._places.get(owner, {}), self._lists.get(owner, [])
        return [kept[places[event]] for event in events if event in places]

    def superseded(self, owner: str) -> Mapping[tuple[int, int], int]:
        return self._superseded.get(owner, {})

    @property
    def owners(self) -> Sequence[str]:
        """The NPCs that remember anything, in the order of their first memory."""
        return list(self._lists)

    def all(self, owner: str) -> Sequence[Memory]:
        """Every memory of an NPC, in log order."""
        return self._lists.get(owner, [])

    def _seal(self, owner: str) -> None:
        sealed, kept = self._sealed.setdefault(owner, []), self._lists[owner]
        sealed.append(SealedSegment(self._open[owner].seal()))
        for level in reversed(LEVELS[:-1]):
            if len(kept) % level == 0:
                first = len(kept) - level
                merged = OpenSegment(first)
                for memory in kept[first:]:
                    merged.add(memory)
                while sealed and sealed[-1].first >= first:
                    sealed.pop()
                sealed.append(SealedSegment(merged.seal()))
        self._open[owner] = OpenSegment(len(kept))
