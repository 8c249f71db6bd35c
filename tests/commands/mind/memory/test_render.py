"""The words of a memory: bounded, harmless, readable."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from commands.mind.memory.render import MAX_CONTENT, render

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.text(), st.dictionaries(st.text(), JSON, max_size=20), st.text(), st.text())
def test_any_event_becomes_one_bounded_line(
    kind: str, data: dict[str, object], actor: str, target: str
) -> None:
    line = render(kind, data, actor=actor, target=target)
    assert len(line) <= MAX_CONTENT
    assert "\n" not in line
    assert not any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp") for letter in line)


def test_a_known_event_becomes_a_sentence() -> None:
    assert render("gift", {"item": "Apple"}, actor="Mira", target="Tom") == "Mira gave Apple to Tom"
    assert render("stole", {}, actor="", target="Tom") == "someone stole something from Tom"


def test_speech_is_quoted_after_its_speaker() -> None:
    assert render("said", {"message": "Meet me\nat {noon}"}, actor="Mira") == "Mira: Meet me at {noon}"


def test_an_unknown_event_says_what_is_simple_enough_to_say() -> None:
    data = {"damage": 12, "weapon": "axe", "deep": {"a": 1}, "flag": True}
    assert render("trap_sprung", data) == "trap sprung: damage 12, weapon axe"


def test_braces_of_players_mean_nothing() -> None:
    assert (
        render("gift", {"item": "{actor.__class__}"}, actor="{0}", target="T")
        == "{0} gave {actor.__class__} to T"
    )


def test_a_huge_number_and_a_hidden_direction_mark_are_made_harmless() -> None:
    assert render("x", {"n": 10**6_000, "t": "a\u202eb"}) == "x: n a very large number, t ab"
