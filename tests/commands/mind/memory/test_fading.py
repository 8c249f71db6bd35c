"""Importance, forgetting, tiers and reflections."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.mind.memory.forgetting import FORGOTTEN, half_life, lasts, strength
from commands.mind.memory.importance import weigh
from commands.mind.memory.record import Memory, Source, Tier
from commands.mind.memory.reflection import DUE, MAX_CITED, reflections
from commands.mind.memory.render import MAX_CONTENT
from commands.mind.memory.segment import OpenSegment, SealedSegment
from commands.mind.memory.tiers import tiers_of
from tests.commands.mind.memory.lives import HOUR, memory

IMPORTANCE = st.integers(0, 1_000_000)
AGE = st.integers(0, 10**15)


@given(IMPORTANCE, AGE, AGE)
def test_a_memory_only_ever_fades(importance: int, age: int, more: int) -> None:
    assert 0 <= strength(importance, age + more) <= strength(importance, age) <= importance


@given(IMPORTANCE, IMPORTANCE, AGE)
def test_a_more_important_memory_is_never_weaker(one: int, other: int, age: int) -> None:
    assert strength(max(one, other), age) >= strength(min(one, other), age)


@given(st.integers(1_000, 1_000_000))
def test_a_half_life_leaves_half(importance: int) -> None:
    assert strength(importance, half_life(importance)) == importance // 2


@given(IMPORTANCE)
def test_the_age_of_forgetting_is_exact(importance: int) -> None:
    age = lasts(importance)
    assert strength(importance, age) < FORGOTTEN
    assert age == 0 or strength(importance, age - 1) >= FORGOTTEN


@given(st.lists(st.tuples(IMPORTANCE, AGE), min_size=1, max_size=20))
def test_a_segment_knows_until_when_all_its_memories_are_there(made: list[tuple[int, int]]) -> None:
    segment = OpenSegment()
    for number, (importance, at) in enumerate(made):
        segment.add(Memory("John", number + 1, 0, at, "A bell.", "heard_sound", importance))
    until = SealedSegment(segment.seal()).intact_until
    assert all(strength(importance, until - 1 - at) >= FORGOTTEN for importance, at in made if until > at)
    assert until <= min(at + lasts(importance) for importance, at in made)


def test_what_happens_to_oneself_for_the_first_time_and_hurts_weighs_more() -> None:
    plain = weigh("attacked", {})
    assert plain < weigh("attacked", {}, first=True) < weigh("attacked", {}, first=True, involved=True)
    assert weigh("attacked", {}, intensity=500_000) == plain + 100_000
    assert weigh("killed", {}, intensity=10**9, first=True, involved=True) == 1_000_000


@pytest.mark.parametrize(("stated", "weight"), [(0, 0), (0.25, 250_000), (1, 1_000_000)])
def test_a_stated_importance_is_believed(stated: float, weight: int) -> None:
    assert weigh("weather_change", {"importance": stated}, first=True) == weight


@pytest.mark.parametrize("wrong", [True, -1, 2, "high", None, float("nan"), float("inf")])
def test_a_senseless_stated_importance_is_ignored(wrong: object) -> None:
    assert weigh("trade", {"importance": wrong}) == weigh("trade", {})


def test_tiers_follow_the_companion_specification() -> None:
    fresh = memory(1, "hello", importance=700_000)
    assert tiers_of(fresh, newer=99, now=fresh.at + HOUR) == {Tier.SHORT}
    assert tiers_of(fresh, newer=100, now=fresh.at) == frozenset()
    assert tiers_of(fresh, newer=0, now=fresh.at + HOUR + 1) == frozenset()
    grave = memory(1, "hello", importance=700_001, subject="king", predicate="is", value="dead")
    assert tiers_of(grave, newer=500, now=grave.at + 99 * HOUR) == {Tier.LONG, Tier.SEMANTIC}
    thought = memory(1, "hello", source=Source.REFLECTION)
    assert tiers_of(thought, newer=500, now=10**17) == {Tier.SEMANTIC}


@given(st.lists(IMPORTANCE, max_size=60))
def test_a_reflection_comes_whenever_enough_importance_added_up_and_cites_it(weights: list[int]) -> None:
    lived = [memory(n, f"event {n}", importance=weight) for n, weight in enumerate(weights, 1)]
    found = reflections(lived)
    cited = [position for one in found for position in one.cites]
    assert cited == list(range(1, len(cited) + 1))
    for one in found:
        assert sum(lived[position - 1].importance for position in one.cites) >= DUE
        assert one.position == one.cites[-1]
        assert one.source is Source.REFLECTION
        assert one.id > lived[one.position - 1].id
    assert sum(weights[len(cited) :]) < DUE


def test_a_reflection_says_whom_what_and_how() -> None:
    lived = [
        memory(n, f"Tom stole bread {n}", importance=900_000, actor="Tom", emotion="anger")
        for n in range(1, 7)
    ]
    (found,) = reflections(lived)
    assert "Tom (6)" in found.content
    assert "anger" in found.content
    assert "Tom stole bread 1" in found.content
    assert len(found.content) <= MAX_CONTENT


def test_a_dull_life_keeps_a_bounded_memory_of_what_to_reflect_on() -> None:
    dull = [memory(n, "rain", importance=0) for n in range(1, 400)]
    (found,) = reflections([*dull, *(memory(n, "war", importance=1_000_000) for n in range(400, 405))])
    assert len(found.cites) <= MAX_CITED + 1
    assert set(range(400, 405)) <= set(found.cites)
