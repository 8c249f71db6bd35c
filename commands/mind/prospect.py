"""Hope and fear, and how they end: what a change of likelihood means for somebody who cares about an
outcome.
"""

from __future__ import annotations

from typing import Final

from commands.mind.emotion import Emotion
from commands.mind.fixed import ONE

NEVER: Final = 10_000
SURELY: Final = ONE - NEVER
"""At a likelihood of 0.99 an outcome counts as settled, at 0.01 as ruled out."""


def prospected(utility: int, before: int, now: int) -> tuple[tuple[Emotion, int], ...]:
    """The emotions of somebody to whom an outcome of ``utility`` (±ONE) went from likelihood ``before`` to
    ``now``.

    - No change, or settled the same way before: nothing.
    - Still open: hope when things look better than before, fear when worse; intensity ``|u · Δp|``.
    - Settled well: joy, with satisfaction when that was to be expected and relief when it was not.
    - Settled badly: distress, with fears confirmed when that was to be expected and disappointment when not.
      Intensity ``|u| · min(1, 2 |Δp|)``: certainty counts double, and a surprise of one half is a full one.

    Every pair of likelihoods in 0 … ONE falls in one of these. "To be expected" is a likelihood of at least
    one half for what happened.
    """
    change = now - before
    if change == 0 or utility == 0:
        return ()
    weight = abs(utility)
    if NEVER < now < SURELY:
        size = weight * abs(change) // ONE
        return (("hope" if (utility > 0) == (change > 0) else "fear", size),)
    came = now >= SURELY
    if (came and before >= SURELY) or (not came and before <= NEVER):
        return ()
    size = weight * min(ONE, 2 * abs(change)) // ONE
    foreseen = (before if came else ONE - before) * 2 >= ONE
    if (utility > 0) == came:
        return (("satisfaction" if foreseen else "relief", size), ("joy", size))
    return (("fears_confirmed" if foreseen else "disappointment", size), ("distress", size))
