"""Text as the index sees it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.mind.memory.text import MAX_CHARS, MAX_WORD_CHARS, MAX_WORDS, grams, key, stem, terms, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("promises", "promised"),
        ("stories", "story"),
        ("trading", "trade"),
        ("adoption", "adopt"),
        ("happily", "happy"),
        ("running", "runs"),
        ("fought", "fights"),
        ("thieves", "thief"),
    ],
)
def test_forms_of_one_english_word_share_a_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_stop_words_and_endings_leave_nothing_behind() -> None:
    assert terms("It wasn't the king's, I'm sure you've got it") == [stem("king"), stem("sure")]


def test_diacritics_and_compatibility_forms_fold_together() -> None:
    assert terms("Café ＤＲＡＧＯＮ") == terms("cafe dragon")


def test_scripts_without_spaces_become_overlapping_pairs() -> None:
    assert terms("魔法の剣") == ["魔法", "法の", "の剣"]


def test_an_indic_word_stays_one_word() -> None:
    assert words("तलवार कहाँ है") == ["तलवार", "कहाँ", "है"]


def test_the_key_of_a_term_is_the_same_in_every_process() -> None:
    assert key("dragon") == 147_353_222_985_629_922


@given(st.text(max_size=5_000))
def test_any_text_is_read_within_bounds(text: str) -> None:
    found = words(text)
    assert len(found) <= MAX_WORDS
    assert all(0 < len(word) <= MAX_WORD_CHARS for word in found)
    for term in terms(text):
        assert grams(term)


def test_text_beyond_the_bound_is_not_read() -> None:
    assert "needle" not in words("a" * MAX_CHARS + " needle")
