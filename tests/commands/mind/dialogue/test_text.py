"""Text on its way to a game client."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.mind.dialogue.text import clean, clip, distance_within


@pytest.mark.parametrize(
    ("raw", "harmless"),
    [
        ("^FF0000red^000000", "red"),
        ('say "hi" \\ {player}', "say hi player"),
        ("two\nlines\tand\x00zero", "two lines and zero"),
        ("<NAVI>x</NAVI>", "x"),
        ("\u202eevil\u202c", "evil"),
        ("it’s “fine”", "it's fine"),
    ],
)
def test_what_a_client_could_interpret_is_removed(raw: str, harmless: str) -> None:
    assert clean(raw, 100) == harmless


@given(st.text(max_size=500), st.integers(1, 80))
def test_clean_text_is_printable_bounded_and_stays_as_it_is(raw: str, limit: int) -> None:
    text = clean(raw, limit)
    assert len(text) <= limit
    assert text.isprintable()
    assert clean(text, limit) == text


@given(st.text(max_size=300), st.integers(4, 120))
def test_a_clipped_text_fits_and_is_whole_characters(raw: str, limit: int) -> None:
    text = clip(raw, limit)
    assert len(text.encode("utf-8")) <= limit


def test_a_text_is_cut_between_words() -> None:
    assert clip("the quick brown fox jumps", 18) == "the quick brown..."


@given(st.text("abc", max_size=6), st.text("abc", max_size=6), st.integers(0, 3))
def test_distance_is_symmetric_and_grows(left: str, right: str, limit: int) -> None:
    near = distance_within(left, right, limit)
    assert near == distance_within(right, left, limit)
    assert not near or distance_within(left, right, limit + 1)
    assert distance_within(left, left, 0)
