"""The mood word of a profile."""

from __future__ import annotations

import pytest

from commands.mind.affect import at_rest, mood_at, read
from commands.mind.emotion import NOWHERE
from commands.mind.mood import octant
from commands.mind.temper import in_mood
from tests.commands.mind.conftest import DAY, NOON


@pytest.mark.parametrize(
    ("word", "where"),
    [("angry", "hostile"), ("Happy", "exuberant"), ("afraid", "anxious"), ("joy", "exuberant")],
)
def test_a_word_for_an_emotion_pushes_the_mood_there_and_time_takes_it_back(word: str, where: str) -> None:
    state = in_mood(at_rest(NOWHERE, NOON), word, NOON)
    assert octant(mood_at(state, NOON)) == where
    assert read(state, NOON).felt == ()
    assert max(map(abs, mood_at(state, NOON + 10 * DAY))) == 0


@pytest.mark.parametrize("word", [None, "", "friendly", "no such mood"])
def test_a_word_that_names_no_emotion_changes_nothing(word: str | None) -> None:
    state = at_rest(NOWHERE, NOON)
    assert in_mood(state, word, NOON) is state
