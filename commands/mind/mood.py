"""Mood: a point in pleasure-arousal-dominance that emotions move and time leads back to its rest.

The rest point follows from the Big Five, the pull and push from ALMA (Gebhard 2005). Mood is never advanced
by a clock: it is stored as it was at the last event and evaluated in closed form when somebody reads it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from commands.mind.emotion import NOWHERE, PAD, Emotion, Pad
from commands.mind.fixed import ONE, clamp, half_power
from commands.mind.personality import BigFive

SWAY = 300_000
"""How far an emotion of full intensity moves the mood towards its centre: 0.3 of the way."""
_new: Final = tuple.__new__
"""As in `affect`."""


class Stir(NamedTuple):
    """The emotions of one instant, summed, so that their order cannot matter.

    ``weight`` is the sum of intensities, the others sums of intensity times coordinate (millionths squared).
    """

    weight: int
    pleasure: int
    arousal: int
    dominance: int


CALM = Stir(0, 0, 0, 0)


def rest_of(traits: BigFive) -> Pad:
    """The mood a person returns to, from the Big Five (0 … 1 in millionths).

    Coefficients after Mehrabian 1996 as used by ALMA. They are stated for emotional *stability*; neuroticism
    enters with its sign turned, which several public implementations get wrong.
    """
    o, c, e, a, n = (2 * trait - ONE for trait in traits)
    s = -n
    pleasure = 210_000 * e + 590_000 * a + 190_000 * s
    arousal = 150_000 * o + 300_000 * a - 570_000 * s
    dominance = 250_000 * o + 170_000 * c + 600_000 * e - 320_000 * a
    return Pad(*(clamp(axis // ONE, -ONE, ONE) for axis in (pleasure, arousal, dominance)))


def stirred(stir: Stir, emotions: Iterable[tuple[Emotion, int]]) -> Stir:
    """``stir`` with more emotions (kind, intensity) of this instant."""
    weight, pleasure, arousal, dominance = stir
    for emotion, intensity in emotions:
        p, a, d = PAD[emotion]
        weight += intensity
        pleasure += p * intensity
        arousal += a * intensity
        dominance += d * intensity
    return _new(Stir, (weight, pleasure, arousal, dominance))


def swayed(mood: Pad, stir: Stir) -> Pad:
    """``mood`` after the emotions of one instant.

    The emotions are replaced by their weighted centre. A mood short of the centre is pulled towards it; one
    that already lies beyond it in the same direction is pushed further, as in ALMA. The step grows with the
    summed intensity up to `SWAY`, and the result stays within ±1.
    """
    weight, pleasure, arousal, dominance = stir
    if weight <= 0:
        return mood
    p, a, d = mood
    to_p, to_a, to_d = pleasure // weight, arousal // weight, dominance // weight
    step = weight * SWAY // ONE if weight < ONE else SWAY
    if p * to_p + a * to_a + d * to_d > to_p * to_p + to_a * to_a + to_d * to_d:
        p, a, d = p + to_p * step // ONE, a + to_a * step // ONE, d + to_d * step // ONE
        return Pad(clamp(p, -ONE, ONE), clamp(a, -ONE, ONE), clamp(d, -ONE, ONE))
    # Between two points of the cube: no need to clamp.
    return _new(
        Pad, (p + (to_p - p) * step // ONE, a + (to_a - a) * step // ONE, d + (to_d - d) * step // ONE)
    )


def calmed(mood: Pad, rest: Pad, elapsed: int, half_life: int) -> Pad:
    """``mood`` after ``elapsed`` microseconds without emotion.

    ``rest + (mood - rest) · 2^(-elapsed/half_life)``, each axis rounded towards the rest.
    """
    if elapsed <= 0 or mood == rest:
        return mood
    mantissa, shift = half_power(elapsed, half_life)
    p, a, d = mood
    rest_p, rest_a, rest_d = rest
    # Three times `faded_by`, written out: most of what a fold computes for an event is this.
    p, a, d = p - rest_p, a - rest_a, d - rest_d
    p = p * mantissa >> shift if p >= 0 else -(-p * mantissa >> shift)
    a = a * mantissa >> shift if a >= 0 else -(-a * mantissa >> shift)
    d = d * mantissa >> shift if d >= 0 else -(-d * mantissa >> shift)
    return _new(Pad, (rest_p + p, rest_a + a, rest_d + d))


def octant(mood: Pad, around: Pad = NOWHERE) -> str:
    """Mehrabian's name for the octant ``mood`` lies in, seen from ``around``."""
    names = ("bored", "disdainful", "anxious", "hostile", "docile", "relaxed", "dependent", "exuberant")
    p, a, d = (m >= r for m, r in zip(mood, around, strict=True))
    return names[4 * p + 2 * a + d]
