"""Hope and fear, and how they end: what a change of likelihood means for somebody who cares about an
outcome.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from commands.mind.affect import AffectState, Belief, expected
from commands.mind.emotion import Emotion
from commands.mind.fixed import ONE, clamp, faded, millionths, scaled
from commands.mind.happening import GOAL, GameEvent, named
from commands.mind.outlook import Goal
from commands.mind.rules import EventRule, Outcome

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


class News(NamedTuple):
    """What an event says about an outcome: emotions, the new belief, and what the change is worth (±ONE)."""

    emotions: tuple[tuple[Emotion, int], ...]
    beliefs: tuple[Belief, ...]
    utility: int


_NO_NEWS: Final = News((), (), 0)


def outcome_news(
    outcomes: Mapping[str, Outcome], name: str, shift: int, affect: AffectState, at: int
) -> News:
    """An event at ``at`` that makes the general outcome ``name`` likelier or, with ``shift`` < 0, less likely.

    The shift (±ONE) takes its share of the room left, so that only a full one settles the outcome.
    """
    outcome = outcomes[name]
    held = expected(affect, name, at)
    before = outcome.likelihood
    if held is not None:
        before += faded(held.likelihood - before, at - held.at, outcome.half_life)
    return _changed(
        name, outcome.utility, before, before + scaled(shift, ONE - before if shift > 0 else before), at
    )


def goal_news(rule: EventRule, goals: Mapping[str, Goal], affect: AffectState, event: GameEvent) -> News:
    """News of the goal, or of the outcome with a utility of its own, that the data of ``event`` name."""
    data = event.data
    name = named(data, GOAL)
    if not name:
        return _NO_NEWS
    goal = goals.get(name)
    if rule.scope == "forecast":
        weight = millionths(data.get("utility"), goal.weight if goal else 0, ONE)
    else:
        weight = goal.weight if goal else ONE // 4
    held = expected(affect, "goal/" + name, event.at)
    before = held.likelihood if held else _hoped(goal.progress if goal else 0)
    return _changed("goal/" + name, weight, before, _likelihood(rule, data, before), event.at)


def _changed(name: str, utility: int, before: int, now: int, at: int) -> News:
    if now == before:
        return _NO_NEWS
    return News(prospected(utility, before, now), (Belief(at, name, now),), scaled(utility, now - before))


def _hoped(progress: int) -> int:
    # From one half at the start to 0.8 just before the end: the last step is never a matter of course.
    return ONE // 2 + progress * 3 // 10


def _likelihood(rule: EventRule, data: Mapping[str, object], before: int) -> int:
    stated = data.get("likelihood")
    if stated is not None:
        return clamp(millionths(stated, before), 0, ONE)
    if rule.goal == "done":
        return ONE
    if rule.goal == "failed":
        return 0
    if rule.goal == "progress" and "progress" in data:
        progress = clamp(millionths(data["progress"]), 0, ONE)
        return ONE if progress == ONE else _hoped(progress)
    if rule.goal == "threatened":
        return before - before * 3 // 10
    if rule.goal in ("helped", "progress"):
        return before + (ONE - before) * 3 // 10
    return before
