"""The mood an NPC is in when it is registered as "angry" or "happy": a word of its profile as a push of the mood."""

from __future__ import annotations

from typing import Final

from commands.mind.affect import AffectState, mood_at
from commands.mind.emotion import Emotion
from commands.mind.fixed import ONE
from commands.mind.mood import CALM, stirred, swayed
from commands.mind.wire import COMPANION, LABELS

_WORDS: Final[dict[str, Emotion]] = {
    **{word: emotion for emotion, word in reversed(COMPANION.items())},
    **{word: emotion for emotion, word in LABELS.items()},
    **{emotion: emotion for emotion in LABELS},
}


def in_mood(state: AffectState, word: str | None, at: int) -> AffectState:
    """`state` from `at` on in the mood `word` names, as one full emotion of that name would leave it.

    The push fades like every mood; nothing is felt in particular. A word that names no emotion changes nothing
    (the disposition behind words such as "friendly" is a matter of traits: `personality.traits_of`).
    """
    emotion = _WORDS.get(word.casefold().strip()) if word else None
    if emotion is None:
        return state
    now = max(at, state.at)
    mood = swayed(mood_at(state, now), stirred(CALM, [(emotion, ONE)]))
    return AffectState(state.rest, mood, now, CALM, state.feelings, state.beliefs, state.beliefs)
