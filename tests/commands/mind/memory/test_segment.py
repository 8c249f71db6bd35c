"""Segments: the same index whether open or sealed, whole or in pieces."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands.mind.memory.index import Index
from commands.mind.memory.record import Memory
from commands.mind.memory.search import search
from commands.mind.memory.segment import OpenSegment, SealedSegment, actor_term, player_term
from commands.mind.memory.store import runs
from commands.mind.memory.text import key
from tests.commands.mind.memory.lives import memory

WORDS = [
    "dragon",
    "dragons",
    "sword",
    "market",
    "king",
    "stole",
    "steal",
    "bread",
    "7",
    "剣と魔法",
    "меч",
    "мечом",
]
SENTENCES = st.lists(st.sampled_from(WORDS), min_size=0, max_size=8).map(" ".join)
LIVES = st.lists(
    st.tuples(SENTENCES, st.sampled_from(["", "s1", "s2", "s3"]), st.integers(0, 30)), min_size=1, max_size=30
)


def life(parts: list[tuple[str, str, int]]) -> list[Memory]:
    return [
        memory(number, text, scene=scene, causes=(cause,) if 0 < cause < number else (), actor="King Tom")
        for number, (text, scene, cause) in enumerate(parts, 1)
    ]


def pieces(memories: list[Memory], cuts: list[int], *, sealed: bool) -> Index:
    segments: list[OpenSegment] = [OpenSegment()]
    for number, one in enumerate(memories):
        if number in cuts and len(segments[-1]):
            segments.append(OpenSegment(number))
        segments[-1].add(one)
    return Index([SealedSegment(one.seal()) if sealed else one for one in segments])


@settings(max_examples=60, deadline=None)
@given(LIVES, st.lists(st.integers(0, 30)), SENTENCES)
def test_a_ranking_does_not_depend_on_how_the_index_is_cut_or_sealed(
    parts: list[tuple[str, str, int]], cuts: list[int], question: str
) -> None:
    memories = life(parts)
    whole = search(pieces(memories, [], sealed=False), question, limit=30)
    assert search(pieces(memories, cuts, sealed=True), question, limit=30) == whole
    assert search(pieces(memories, cuts, sealed=False), question, limit=30) == whole


@settings(max_examples=60, deadline=None)
@given(LIVES, st.integers(0, 30), SENTENCES)
def test_an_index_cut_at_a_moment_answers_as_it_did_then(
    parts: list[tuple[str, str, int]], size: int, question: str
) -> None:
    memories = life(parts)
    now = pieces(memories, [3, 17], sealed=True)
    then = pieces(memories[:size], [], sealed=False)
    assert search(Index(now.segments, size), question, limit=30) == search(then, question, limit=30)


def test_the_same_memories_are_sealed_to_the_same_bytes() -> None:
    memories = [memory(number, f"word{number} dragon") for number in range(1, 40)]
    one, other = OpenSegment(), OpenSegment()
    for each in memories:
        one.add(each)
        other.add(each)
    assert one.seal() == other.seal()


def test_a_sealed_segment_knows_players_and_actors() -> None:
    segment = OpenSegment()
    segment.add(memory(1, "hello", players=("P1",), actor="Merchant_John_01"))
    segment.add(memory(2, "bye", players=("P2",)))
    sealed = SealedSegment(segment.seal())
    assert list(sealed.postings(key(player_term("P2")))[0]) == [1]
    assert list(sealed.postings(key(actor_term("john")))[0]) == [0]
    assert list(sealed.postings(key(player_term("P3")))[0]) == []


@pytest.mark.parametrize("damage", [b"", b"LSM", b"x" * 400])
def test_a_damaged_block_is_refused(damage: bytes) -> None:
    with pytest.raises(ValueError, match="rebuild it from the memories"):
        SealedSegment(damage)


def test_a_block_cut_short_is_refused() -> None:
    segment = OpenSegment()
    segment.add(memory(1, "hello dragon"))
    block = segment.seal()
    for end in range(32, len(block)):
        with pytest.raises(ValueError, match="rebuild it from the memories"):
            SealedSegment(block[:end])


@given(st.integers(0, 20_000), st.integers(0, 40_000))
def test_runs_cover_a_list_in_order_and_leave_less_than_the_smallest_level(first: int, count: int) -> None:
    first -= first % 1_024
    end = first
    for start, size in runs(first, count):
        assert start == end
        assert start % size == 0
        end = start + size
    assert end == first if count < first else count - end < 1_024
