"""The lexical hybrid: what is found, and what comes first."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.mind.memory.hints import civil, closeness, days, hints_of
from commands.mind.memory.recall import Query, recall
from commands.mind.memory.store import InMemoryStore
from commands.mind.memory.sums import logarithm
from tests.commands.mind.memory.lives import DAY, memory, remembering


def found(store: InMemoryStore, question: str, **more: object) -> list[int]:
    query = Query("Anna", "search", question, **more)  # type: ignore[arg-type]
    return [one.memory.position for one in recall(store, query)]


def test_the_memory_that_shares_the_rarer_word_comes_first() -> None:
    store = remembering(
        "the market is open", "a dragon burned the market", "the market sells bread", "market day"
    )
    assert found(store, "what about the dragon at the market")[0] == 2


def test_another_form_of_the_word_is_found_by_its_characters() -> None:
    assert found(remembering("the blacksmithing guild meets", "rain again"), "blacksmiths")[0] == 1


def test_inflected_words_of_other_scripts_are_found() -> None:
    assert found(remembering("рыцарь с мечом", "дождь идёт"), "рыцари")[0] == 1
    assert found(remembering("魔法の剣を見つけた", "雨が降る"), "剣を見る")[0] == 1


def test_a_related_word_is_found_but_ranks_below_the_word_itself() -> None:
    store = remembering("a thief came by night", "someone stole the crown", "the crown is gold")
    assert found(store, "who stole")[:2] == [2, 1]


def test_an_answer_is_found_next_to_the_question_it_follows() -> None:
    store = InMemoryStore(
        [
            memory(1, "Where did you hide the amulet?", scene="a"),
            memory(2, "Under the old oak, near the mill.", scene="a"),
            memory(3, "Nice weather for the harvest.", scene="b"),
        ]
    )
    assert set(found(store, "amulet")) == {1, 2}


def test_a_cause_inherits_from_its_effect() -> None:
    store = InMemoryStore(
        [memory(1, "Tom insulted the guard."), memory(2, "Rain."), memory(3, "A duel began.", causes=(1,))]
    )
    assert set(found(store, "duel")) == {1, 3}


def test_the_named_actor_comes_before_others_who_said_the_same() -> None:
    store = InMemoryStore(
        [
            memory(1, "I will repay the debt", actor="Mira", scene="a"),
            memory(2, "I will repay the debt", actor="Tom", scene="b"),
            memory(3, "I will repay the debt", actor="Ada", scene="c"),
        ]
    )
    assert found(store, "What did Tom say about the debt?")[0] == 2


def test_a_date_in_the_question_prefers_what_was_told_then() -> None:
    may = days(2023, 5, 7) * DAY
    store = InMemoryStore(
        [
            memory(1, "we fought wolves", at=may - 60 * DAY, scene="a"),
            memory(2, "we fought wolves", at=may + DAY, scene="b"),
            memory(3, "we fought wolves", at=may + 200 * DAY, scene="c"),
        ]
    )
    assert found(store, "What did we fight on 7 May 2023?")[0] == 2


def test_ties_go_to_the_more_important_then_to_the_later_memory() -> None:
    store = InMemoryStore(
        [
            memory(1, "wolves", importance=900_000, scene="a"),
            memory(2, "wolves", importance=100_000, scene="b"),
            memory(3, "wolves", importance=100_000, scene="c"),
        ]
    )
    scores = recall(store, Query("Anna", "search", "wolves"))
    assert {one.arms["words"][1] for one in scores} == {scores[0].arms["words"][1]}


def test_nothing_in_common_finds_nothing() -> None:
    assert found(remembering("the market is open"), "zyx?") == []
    assert found(remembering("the market is open"), "what was it") == []


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_question_about_any_memory_is_answered(content: str, question: str) -> None:
    if question.strip():
        assert len(found(remembering(content, "dragon"), question)) <= 2


@pytest.mark.parametrize("ratio", [(3, 2), (10, 1), (20_001, 3), (123_457, 11)])
def test_the_integer_logarithm_is_right_to_a_thousandth(ratio: tuple[int, int]) -> None:
    assert abs(logarithm(*ratio) - 1_000 * math.log(ratio[0] / ratio[1])) < 1.5


@given(st.integers(-60_000, 60_000))
def test_a_civil_date_and_its_day_number_are_inverse(day: int) -> None:
    assert days(*civil(day * DAY)) == day


def test_dates_are_read_in_the_usual_ways() -> None:
    assert hints_of("on 7 may, 2023").dates == ((2023, 5, 7),)
    assert hints_of("on may 7th").dates == ((None, 5, 7),)
    assert hints_of("in june 2023").dates == ((2023, 6, None),)
    assert hints_of("2023-05-07").dates == ((2023, 5, 7),)
    assert hints_of("may i march on?").dates == ()
    assert hints_of("on 99 may 2023").dates == ()
    assert closeness(hints_of("on 31 december"), days(2024, 1, 2) * DAY) == 1_000


def test_a_word_that_every_memory_holds_is_still_found() -> None:
    store = InMemoryStore(memory(n, "rain rain rain") for n in range(1, 300))
    assert found(store, "rain", limit=3) == [299, 298, 297]


def test_invented_words_and_endless_repetition_do_not_hide_the_answer() -> None:
    hostile = [memory(n, " ".join(f"x{j}y{n}zzz" for j in range(60))) for n in range(1, 400)]
    store = InMemoryStore([*hostile, memory(400, "the crown is under the mill")])
    question = "where is the crown " + " ".join(f"x{j}y{j}zzz" for j in range(200))
    assert 400 in found(store, question, limit=20)
