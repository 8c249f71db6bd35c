"""The inverted index of a run of one NPC's memories, in two forms with one reading interface.

`OpenSegment` takes memories one by one. `seal` turns it into one block of bytes; `SealedSegment` reads such a
block in place, without parsing it: every table is a typed view into the bytes, terms are found by bisection
over their sorted keys, and a query touches only the postings of its own terms. A ranking never depends on
where segments begin.
"""

from __future__ import annotations

import struct
import sys
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from itertools import chain
from typing import Protocol, TypeAlias

from commands.mind.memory.forgetting import NEVER, lasts
from commands.mind.memory.record import Memory, Source
from commands.mind.memory.text import grams, has_number, is_question, key, terms_of, words

ASKS = 1
"""Flag of a memory that only asks."""
NUMBER = 2
"""Flag of a memory that holds a number."""
LASTING = 4
"""Flag of a memory that does not fade: a stated fact or a reflection."""
MAX_MEMORIES = 32_768
COMMON_GRAM = 3_000
"""A trigram found in more words of a segment than this tells no word from another and is not looked up.

Natural vocabularies stay below; without a bound, invented words that share a trigram make questions slow."""

_MAGIC = b"LSM1" if sys.byteorder == "little" else b"MSL1"
_HEADER = struct.Struct("=4s7I")
_COLUMNS = (
    ("at", "q"), ("position", "q"), ("cause", "q"), ("scene", "q"), ("event", "I"), ("importance", "I"),
    ("length", "B"), ("words", "B"), ("flags", "B"),
)  # fmt: skip

Ints: TypeAlias = Sequence[int]


def player_term(player: str) -> str:
    """The filter term of memories a player takes part in."""
    return f"\x01p:{player}"


def kind_term(kind: str) -> str:
    """The filter term of memories of one event type."""
    return f"\x01e:{kind}"


FACT_TERM = "\x01f"
"""The filter term of memories that state a fact."""


def actor_term(word: str) -> str:
    """The term of memories whose actor's name holds a (folded) word."""
    return f"\x01a:{word}"


class Segment(Protocol):
    """A run of one NPC's memories, in log order; every sequence has one entry per memory."""

    first: int
    """Ordinal of the first memory in its owner's list."""
    terms: int
    """Sum of `length`."""

    @property
    def at(self) -> Ints: ...
    @property
    def position(self) -> Ints: ...
    @property
    def cause(self) -> Ints: ...
    @property
    def scene(self) -> Ints: ...
    @property
    def event(self) -> Ints: ...
    @property
    def importance(self) -> Ints: ...
    @property
    def length(self) -> Ints: ...
    @property
    def words(self) -> Ints: ...
    @property
    def flags(self) -> Ints: ...

    def __len__(self) -> int: ...

    def postings(self, term_key: int) -> tuple[Ints, Ints]:
        """(memories that hold the term, ascending and relative to `first`; how often each holds it, at most
        255)."""
        ...

    def similar(self, wanted: Ints, least: int) -> Iterable[tuple[int, Ints]]:
        """(Dice similarity in thousandths, memories) of every word that shares at least `least` with these
        trigrams."""
        ...


class OpenSegment:
    """A segment that still grows. `add` costs a few µs per word."""

    def __init__(self, first: int = 0) -> None:
        self.first = first
        self.terms = 0
        self._count = 0
        self.at, self.position, self.cause, self.scene = (array("q") for _ in range(4))
        self.event, self.importance = array("I"), array("I")
        self.length, self.words, self.flags = (array("B") for _ in range(3))
        self._postings: dict[int, tuple[array[int], array[int]]] = {}
        self._sizes: dict[int, int] = {}
        self._words: dict[int, list[int]] = {}

    def __len__(self) -> int:
        return self._count

    def add(self, memory: Memory) -> None:
        """Append the owner's next memory. Raises `OverflowError` beyond `MAX_MEMORIES`."""
        number = self._count
        if number >= MAX_MEMORIES:
            raise OverflowError(f"a segment holds at most {MAX_MEMORIES} memories: seal it and open another")
        found = words(memory.content)
        counts = Counter(chain.from_iterable(map(terms_of, found)))
        self._add_columns(memory, found, counts.total())
        postings = self._postings
        for term, count in counts.items():
            term_key = key(term)
            entry = postings.get(term_key) or self._new(term_key, term)
            entry[0].append(number)
            entry[1].append(count if count < 256 else 255)
        for term in filter_terms(memory):
            term_key = key(term)
            entry = postings.get(term_key) or self._new(term_key, "")
            entry[0].append(number)
            entry[1].append(1)
        # Last of all: another thread that is reading counts the memory only when it is complete.
        self._count += 1

    def _add_columns(self, memory: Memory, found: list[str], length: int) -> None:
        self.at.append(memory.at)
        self.position.append(memory.position)
        self.cause.append(memory.causes[0] if memory.causes else 0)
        # A memory outside any scene is alone in one: a negative number can be no scene's key.
        self.scene.append(key(memory.scene) if memory.scene else -1 - self.first - self._count)
        self.event.append(memory.index)
        self.importance.append(memory.importance)
        self.length.append(min(length, 255))
        self.terms += min(length, 255)
        self.words.append(min(len(found), 255))
        self.flags.append(
            ASKS * is_question(memory.content)
            | NUMBER * has_number(memory.content, found)
            | LASTING * (memory.is_fact or memory.source is Source.REFLECTION)
        )

    def _new(self, term_key: int, spelling: str) -> tuple[array[int], array[int]]:
        entry = self._postings[term_key] = (array("H"), array("B"))
        if spelling:
            spelled = grams(spelling)
            self._sizes[term_key] = len(spelled)
            for gram in spelled:
                self._words.setdefault(gram, []).append(term_key)
        return entry

    def postings(self, term_key: int) -> tuple[Ints, Ints]:
        return self._postings.get(term_key, ((), ()))

    def similar(self, wanted: Ints, least: int) -> Iterable[tuple[int, Ints]]:
        lists = (self._words.get(gram, ()) for gram in wanted)
        shared = Counter(chain.from_iterable(words for words in lists if len(words) <= COMMON_GRAM))
        enough = _enough(len(wanted), least)
        for term_key, count in shared.items():
            if count < enough:
                continue
            dice = 2_000 * count // (len(wanted) + self._sizes[term_key])
            if dice >= least:
                yield dice, self._postings[term_key][0]

    def seal(self) -> bytes:
        """The segment as one block of bytes for `SealedSegment`; the same memories give the same bytes."""
        keys = array("q", sorted(self._postings))
        number_of = {term_key: number for number, term_key in enumerate(keys)}
        starts, memories, counts = array("I", [0]), array("H"), array("B")
        for term_key in keys:
            memories.extend(self._postings[term_key][0])
            counts.extend(self._postings[term_key][1])
            starts.append(len(memories))
        gram_keys = array("I", sorted(self._words))
        gram_starts, gram_words = array("I", [0]), array(_width(len(keys)))
        for gram in gram_keys:
            gram_words.extend(sorted(number_of[term_key] for term_key in self._words[gram]))
            gram_starts.append(len(gram_words))
        sizes = array("B", (self._sizes.get(term_key, 0) for term_key in keys))
        header = _HEADER.pack(
            _MAGIC,
            self.first,
            len(self),
            self.terms,
            len(keys),
            len(memories),
            len(gram_keys),
            len(gram_words),
        )
        columns = [getattr(self, name) for name, _ in _COLUMNS]
        tables = (*columns, keys, starts, memories, counts, sizes, gram_keys, gram_starts, gram_words)
        return header + b"".join(table.tobytes() for table in tables)


class SealedSegment:
    """A segment read in place from the bytes of `OpenSegment.seal`."""

    at: memoryview[int]
    position: memoryview[int]
    cause: memoryview[int]
    scene: memoryview[int]
    event: memoryview[int]
    importance: memoryview[int]
    length: memoryview[int]
    words: memoryview[int]
    flags: memoryview[int]

    def __init__(self, block: bytes) -> None:
        """Raises `ValueError` if the block is damaged or was written by a machine of the other byte order."""
        if len(block) < _HEADER.size or block[:4] != _MAGIC:
            raise ValueError(
                "not a memory segment of this version and byte order: rebuild it from the memories"
            )
        _, self.first, size, self.terms, terms, postings, gram_count, gram_words = _HEADER.unpack_from(block)
        self.block, self.bytes = block, len(block)
        view, offset = memoryview(block), _HEADER.size

        def table(count: int, code: str) -> memoryview[int]:
            nonlocal offset
            end = offset + count * struct.calcsize("=" + code)
            part = view[offset:end]
            offset = end
            return part.cast(code)  # type: ignore[call-overload, no-any-return]

        try:
            for name, code in _COLUMNS:
                setattr(self, name, table(size, code))
            self._keys, self._starts = table(terms, "q"), table(terms + 1, "I")
            self._memories, self._counts = table(postings, "H"), table(postings, "B")
            self._sizes = table(terms, "B")
            self._gram_keys, self._gram_starts = table(gram_count, "I"), table(gram_count + 1, "I")
            self._gram_words = table(gram_words, _width(terms))
        except (TypeError, ValueError) as error:
            raise ValueError("a memory segment is cut short: rebuild it from the memories") from error
        if offset != len(block):
            raise ValueError("a memory segment has the wrong length: rebuild it from the memories")

    def __len__(self) -> int:
        return len(self.at)

    @cached_property
    def intact_until(self) -> int:
        """A moment (µs) before which none of its memories has faded away: the least important fade first."""
        return min(self.at, default=NEVER) + lasts(min(self.importance, default=0))

    def postings(self, term_key: int) -> tuple[Ints, Ints]:
        number = bisect_left(self._keys, term_key)
        if number == len(self._keys) or self._keys[number] != term_key:
            return (), ()
        start, end = self._starts[number], self._starts[number + 1]
        return self._memories[start:end], self._counts[start:end]

    def similar(self, wanted: Ints, least: int) -> Iterable[tuple[int, Ints]]:
        shared: Counter[int] = Counter()
        for gram in wanted:
            number = bisect_left(self._gram_keys, gram)
            if number < len(self._gram_keys) and self._gram_keys[number] == gram:
                start, end = self._gram_starts[number], self._gram_starts[number + 1]
                if end - start <= COMMON_GRAM:
                    shared.update(self._gram_words[start:end])
        enough = _enough(len(wanted), least)
        for number in [number for number, count in shared.items() if count >= enough]:
            count = shared[number]
            dice = 2_000 * count // (len(wanted) + self._sizes[number])
            if dice >= least:
                yield dice, self._memories[self._starts[number] : self._starts[number + 1]]


def _width(terms: int) -> str:
    """The type code of a term's number: two bytes as long as they suffice."""
    return "H" if terms <= 0xFFFF else "I"


def _enough(wanted: int, least: int) -> int:
    """Trigrams two words must share at least, since a word has no fewer than it shares."""
    return -(-least * wanted // (2_000 - least))


def filter_terms(memory: Memory) -> list[str]:
    """The terms a memory is filtered by: its type, its players, and the words of its actor's name."""
    found = [kind_term(memory.kind)]
    found += [player_term(player) for player in dict.fromkeys(memory.players)]
    found += _actor_terms(memory.actor)
    if memory.is_fact:
        found.append(FACT_TERM)
    return found


@lru_cache(maxsize=16_384)
def _actor_terms(actor: str) -> tuple[str, ...]:
    return tuple(actor_term(word) for word in dict.fromkeys(words(actor)) if not word.isdigit())
