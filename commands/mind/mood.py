"""Mood: a point in pleasure-arousal-dominance that emotions move and time leads back to its rest.

The rest point follows from the Big Five, the pull and push from ALMA (Gebhard 2005). Mood is never advanced
by a clock: it is stored as it was at the last event and evaluated in closed form when somebody reads it.
"""

from __future__ import annotations

from typing import NamedTuple

from commands.mind.emotion import NOWHERE, PAD, Emotion, Pad
from commands.mind.fixed import ONE, clamp, faded_by, half_power, scaled
from commands.mind.personality import BigFive

SWAY = 300_000
"""How far an emotion of full intensity moves the mood towards its centre: 0.3 of the way."""


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


def stirred(stir: Stir, emotion: Emotion, intensity: int) -> Stir:
    """``stir`` with one more emotion of this instant."""
    p, a, d = PAD[emotion]
    return Stir(
        stir.weight + intensity,
        stir.pleasure + p * intensity,
        stir.arousal + a * intensity,
        stir.dominance + d * intensity,
    )


def swayed(mood: Pad, stir: Stir) -> Pad:
    """``mood`` after the emotions of one instant.

    The emotions are replaced by their weighted centre. A mood short of the centre is pulled towards it; one
    that already lies beyond it in the same direction is pushed further, as in ALMA. The step grows with the
    summed intensity up to `SWAY`, and the result stays within ±1.
    """
    weight = stir.weight
    if weight <= 0:
        return mood
    centre = (stir.pleasure // weight, stir.arousal // weight, stir.dominance // weight)
    step = scaled(min(weight, ONE), SWAY)
    along = sum(m * c for m, c in zip(mood, centre, strict=True))
    if along > sum(c * c for c in centre):
        return Pad(*(clamp(m + c * step // ONE, -ONE, ONE) for m, c in zip(mood, centre, strict=True)))
    return Pad(*(clamp(m + (c - m) * step // ONE, -ONE, ONE) for m, c in zip(mood, centre, strict=True)))


def calmed(mood: Pad, rest: Pad, elapsed: int, half_life: int) -> Pad:
    """``mood`` after ``elapsed`` microseconds without emotion: ``rest + (mood - rest) ·
    2^(-elapsed/half_life)``.
    """
    if mood == rest:
        return rest
    power = half_power(elapsed, half_life)
    return Pad(*(r + faded_by(m - r, power) for m, r in zip(mood, rest, strict=True)))


def octant(mood: Pad, around: Pad = NOWHERE) -> str:
    """Mehrabian's name for the octant ``mood`` lies in, seen from ``around``."""
    names = ("bored", "disdainful", "anxious", "hostile", "docile", "relaxed", "dependent", "exuberant")
    p, a, d = (m >= r for m, r in zip(mood, around, strict=True))
    return names[4 * p + 2 * a + d]
