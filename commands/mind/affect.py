"""What one NPC feels: the folded affective state and how it is read at a moment.

The state is shaped so that the order of events of the same instant cannot matter: everything before the
instant is settled, the emotions of the instant are only collected (a sum for the mood, a bounded set for
the feelings). Between events nothing is computed; reading evaluates closed forms from the last event on.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final, NamedTuple

from commands.mind.emotion import Emotion, Felt, Pad
from commands.mind.fixed import ONE, clamp, faded, halvings, scaled
from commands.mind.mood import CALM, Stir, calmed, stirred, swayed

EMOTION_HALF_LIFE: Final = 5 * 60 * 1_000_000
_STEP: Final = EMOTION_HALF_LIFE // 64
MOOD_HALF_LIFE: Final = 2 * 60 * 60 * 1_000_000
LEAST: Final = 50_000
"""An emotion weaker than 0.05 is not felt."""
MOST_FEELINGS: Final = 16
MOST_OF_A_KIND: Final = 3
MOST_BELIEFS: Final = 8
_new: Final = tuple.__new__
"""What a NamedTuple's own constructor calls in the end, in half the time: a fold makes dozens of them."""


class Feeling(NamedTuple):
    """A remembered emotion. ``ends`` is when it will have faded to a millionth; the tuple order is the
    order of survival when there are too many, and it is the same at every moment because all fade alike."""

    ends: int
    intensity: int
    position: int
    emotion: Emotion
    at: int
    event: str
    target: str


_emotion: Final = itemgetter(Feeling._fields.index("emotion"))


class Belief(NamedTuple):
    """How likely the NPC thought an outcome (0 … 1 in millionths) since ``at``."""

    at: int
    outcome: str
    likelihood: int


class AffectState(NamedTuple):
    """The affective state of one NPC; serialisable by pydantic, a few hundred bytes, bounded.

    ``mood`` is the mood just before the instant ``at`` and ``stir`` the emotions of that instant;
    ``beliefs_before`` are the beliefs just before it. ``feelings`` are sorted, first to fade first.
    """

    rest: Pad
    mood: Pad
    at: int = 0
    stir: Stir = CALM
    feelings: tuple[Feeling, ...] = ()
    beliefs: tuple[Belief, ...] = ()
    beliefs_before: tuple[Belief, ...] = ()


class Cause(NamedTuple):
    """Which commit made the NPC feel an emotion, and how much of it is left (millionths)."""

    position: int
    emotion: Emotion
    event: str
    intensity: int
    target: str


@dataclass(frozen=True, slots=True)
class AffectReading:
    """What an NPC feels at a moment. ``felt`` are (emotion, intensity in millionths), strongest first;
    ``causes`` the commits behind them, strongest first."""

    felt: tuple[tuple[Emotion, int], ...]
    mood: Pad
    rest: Pad
    causes: tuple[Cause, ...]

    @property
    def primary(self) -> Emotion | None:
        return self.felt[0][0] if self.felt else None

    @property
    def intensity(self) -> int:
        return self.felt[0][1] if self.felt else 0

    @property
    def secondary(self) -> tuple[Emotion, ...]:
        return tuple(emotion for emotion, _ in self.felt[1:])


def at_rest(rest: Pad, at: int = 0) -> AffectState:
    """The state of an NPC to which nothing has happened yet."""
    return AffectState(rest=rest, mood=rest, at=at)


def mood_at(state: AffectState, at: int) -> Pad:
    """The mood at ``at``; a moment before the last event reads as that event's."""
    return calmed(swayed(state.mood, state.stir), state.rest, at - state.at, MOOD_HALF_LIFE)


def feel(
    state: AffectState, emotions: Sequence[Felt], at: int, beliefs: Sequence[Belief] = ()
) -> AffectState:
    """``state`` after an event at ``at`` that caused ``emotions`` and changed ``beliefs``.

    Events of the same ``at`` may be given in any order. One that comes late (``at`` before the state's)
    keeps its own time among the feelings and moves the mood by what would be left of it now. No emotion and
    no belief leaves the state as it is.
    """
    if not emotions and not beliefs:
        return state
    rest, mood, now, stir, feelings, held, before = state
    if at > now:
        mood = calmed(swayed(mood, stir), rest, at - now, MOOD_HALF_LIFE)
        stir, now, before = CALM, at, held
    if emotions:
        late = now - at
        fresh, strengths = [], []
        for emotion, strength, position, event, target in emotions:
            intensity = strength if 0 <= strength <= ONE else clamp(strength, 0, ONE)
            ends = at + _STEP * halvings(intensity)
            fresh.append(_new(Feeling, (ends, intensity, position, emotion, at, event, target)))
            strengths.append((emotion, faded(intensity, late, EMOTION_HALF_LIFE) if late else intensity))
        feelings = _kept(feelings, fresh)
        stir = stirred(stir, strengths)
    if beliefs:
        held = _believed(held, before, beliefs, now)
    return _new(AffectState, (rest, mood, now, stir, feelings, held, before))


def with_rest(state: AffectState, rest: Pad, at: int) -> AffectState:
    """``state`` with another rest point from ``at`` on (the profile changed); mood and feelings are kept."""
    now = max(at, state.at)
    return AffectState(rest, mood_at(state, now), now, CALM, state.feelings, state.beliefs, state.beliefs)


def expected(state: AffectState, outcome: str, at: int) -> Belief | None:
    """What the NPC believed about ``outcome`` just before the instant ``at``."""
    beliefs = state.beliefs if at > state.at else state.beliefs_before
    for belief in beliefs:
        if belief.outcome == outcome:
            return belief
    return None


def read(state: AffectState, at: int) -> AffectReading:
    """What the NPC feels at ``at``. Reading changes nothing.

    Feelings of one kind add up like chances, ``1 - Π(1 - i)``, so the sum stays below one.
    """
    strength: dict[Emotion, int] = {}
    causes = []
    for feeling in reversed(state.feelings):
        left = faded(feeling.intensity, at - feeling.at, EMOTION_HALF_LIFE)
        if left < LEAST:
            continue
        causes.append(Cause(feeling.position, feeling.emotion, feeling.event, left, feeling.target))
        so_far = strength.get(feeling.emotion, 0)
        strength[feeling.emotion] = so_far + left - scaled(so_far, left)
    felt = sorted(strength.items(), key=lambda item: (-item[1], item[0]))
    causes.sort(key=lambda cause: (-cause.intensity, cause.position, cause.emotion, cause.target))
    return AffectReading(tuple(felt), mood_at(state, at), state.rest, tuple(causes))


def _kept(feelings: tuple[Feeling, ...], fresh: list[Feeling]) -> tuple[Feeling, ...]:
    # Dropping is final and depends only on the set: whoever has three longer-lasting of its kind, or sixteen
    # longer-lasting in all, still has them whatever comes later. So the order of arrival cannot matter.
    kept = list(feelings)
    for feeling in fresh:
        insort(kept, feeling)
    kinds = list(map(_emotion, kept))
    for feeling in fresh:
        emotion = feeling[3]
        if kinds.count(emotion) > MOST_OF_A_KIND:
            faintest = kinds.index(emotion)
            del kept[faintest], kinds[faintest]
    return tuple(kept[-MOST_FEELINGS:])


def kept(feelings: Sequence[Feeling]) -> tuple[Feeling, ...]:
    """Those of `feelings`, in their order, that are remembered: of each kind, and in all, the longest-lasting."""
    counts: dict[Emotion, int] = {}
    longest = []
    for feeling in reversed(feelings):
        counts[feeling.emotion] = counts.get(feeling.emotion, 0) + 1
        if counts[feeling.emotion] <= MOST_OF_A_KIND:
            longest.append(feeling)
    return tuple(reversed(longest[:MOST_FEELINGS]))


def _believed(
    held: tuple[Belief, ...], before: tuple[Belief, ...], news: Sequence[Belief], now: int
) -> tuple[Belief, ...]:
    if len(news) == 1 and (not held or held[0].at < now):
        # The usual case: the first word of its instant. They are sorted, latest first.
        [(_, outcome, likelihood)] = news
        others = [belief for belief in held if belief[1] != outcome]
        return (_new(Belief, (now, outcome, likelihood)), *others)[:MOST_BELIEFS]
    # Two events of one instant may say different things about one outcome: the greater surprise, measured
    # from the belief before the instant, stays; of two equal surprises the gloomier.
    merged = {belief.outcome: belief for belief in held}
    earlier = {belief.outcome: belief.likelihood for belief in before}
    for _, outcome, likelihood in news:
        known = merged.get(outcome)
        start = earlier.get(outcome, ONE // 2)
        if known is not None and known.at == now:
            likelihood = max((known.likelihood, likelihood), key=lambda p: (abs(p - start), -p))
        merged[outcome] = Belief(now, outcome, likelihood)
    return tuple(sorted(merged.values(), key=lambda belief: (-belief.at, belief.outcome))[:MOST_BELIEFS])
