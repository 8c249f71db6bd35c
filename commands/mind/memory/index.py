"""One NPC's memories as a question may see them: segments, cut at a moment and filtered."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from commands.mind.memory.segment import Segment
from commands.mind.memory.text import key

Found: TypeAlias = tuple[Segment, Sequence[int], Sequence[int]]
"""A segment, the memories in it that hold a term, and how often each does."""


class Index:
    """One NPC's memories as of a moment: its segments, cut after the last memory that counts, and what is
    hidden.

    `segments` must be in order and without gaps. `size` is the number of memories that count (the rest is the
    future of an as-of question). `allowed`, if given, holds one truth value per memory: the others do not
    exist for this question.
    """

    def __init__(
        self, segments: Sequence[Segment], size: int | None = None, allowed: Sequence[int] | None = None
    ) -> None:
        whole = sum(len(segment) for segment in segments)
        self.size = whole if size is None else min(size, whole)
        self.segments = [segment for segment in segments if segment.first < self.size]
        self.allowed = allowed
        self._firsts = [segment.first for segment in self.segments]

    def at(self, ordinal: int) -> tuple[Segment, int]:
        """The segment of a memory and its number in it."""
        segment = self.segments[bisect_right(self._firsts, ordinal) - 1]
        return segment, ordinal - segment.first

    def scene(self, ordinal: int) -> int:
        """The key of a memory's scene."""
        segment, number = self.at(ordinal)
        return segment.scene[number]

    def postings(self, term_key: int) -> Iterable[Found]:
        """Per segment, the memories that count and hold a term, and how often; hidden ones are still among
        them."""
        for segment in self.segments:
            memories, counts = segment.postings(term_key)
            if memories:
                end = self.size - segment.first
                if end < len(segment):
                    memories = memories[: bisect_left(memories, end)]
                    counts = counts[: len(memories)]
                if memories:
                    yield segment, memories, counts

    def holding(self, term: str) -> list[int]:
        """Ordinals of the memories that count and hold a (filter) term, ascending."""
        return [
            segment.first + number
            for segment, memories, _ in self.postings(key(term))
            for number in memories
            if self.allowed is None or self.allowed[segment.first + number]
        ]

    def ordinal(self, event: tuple[int, int]) -> int | None:
        """The ordinal of the memory made by an event (position, index), or None if it does not count or is
        hidden."""
        for segment in self.segments:
            if segment.position[0] <= event[0] <= segment.position[-1]:
                number = bisect_left(segment.position, event[0])
                while number < len(segment) and segment.position[number] == event[0]:
                    if segment.event[number] == event[1]:
                        ordinal = segment.first + number
                        hidden = self.allowed is not None and not self.allowed[ordinal]
                        return None if ordinal >= self.size or hidden else ordinal
                    number += 1
        return None

    def mean_length(self) -> int:
        """Mean number of terms per memory, in thousandths, to one decimal, at least one tenth."""
        total = 0
        for segment in self.segments:
            end = self.size - segment.first
            total += segment.terms if end >= len(segment) else sum(segment.length[:end])
        return max(1, total * 10 // max(1, self.size)) * 100
