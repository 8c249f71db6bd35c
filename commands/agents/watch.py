"""What sets the world in motion between two looks at it: many deeds on one map, a standing that fell. Pure.

A `Watch` is folded from the log, so whoever reads on from a stored one sees the same triggers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from commands.agents.deeds import deeds
from commands.worldbook import Trigger, WorldBook
from events.commit import Recorded
from events.faction import FactionStandingChanged

AGENT = "world_evolution"
MAX_MAPS = 256
MAX_PAUSES = 1024


@dataclass(frozen=True, slots=True)
class Firing:
    """A trigger that was pulled: `name` is the trigger's, `map` or `faction` and `other` say where."""

    name: str
    map: str = ""
    faction: str = ""
    other: str = ""


@dataclass(frozen=True, slots=True)
class Watch:
    """`times` says when (µs) the deeds of a trigger happened on a map (`trigger/map`), `pauses` until when a trigger
    rests. Both are bounded; what was touched longest ago is forgotten first."""

    times: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    pauses: Mapping[str, int] = field(default_factory=dict)


def watched(watch: Watch, recorded: Recorded, book: WorldBook) -> tuple[Watch, tuple[Firing, ...]]:
    """The watch after one more commit, and the triggers it pulled. What agents do themselves pulls none."""
    commit = recorded.commit
    if commit.actor.kind == "agent":
        return watch, ()
    firings: list[Firing] = []
    for deed in deeds(commit):
        for trigger in book.triggers:
            if deed.map and deed.kind in trigger.deeds and deed.agent in {"", AGENT}:
                watch, fired = _counted(watch, trigger, deed.map, commit.at)
                firings += [Firing(trigger.key, map=deed.map)] * fired
    rule = book.faction_trigger
    for event in commit.events:
        if rule is not None and isinstance(event, FactionStandingChanged) and event.standing <= rule.below:
            name = f"standing/{commit.entity}/{event.other}"
            if watch.pauses.get(name, 0) <= commit.at:
                watch = _resting(watch, name, commit.at + rule.pause)
                firings.append(Firing("standing", faction=commit.entity, other=event.other))
    return watch, tuple(firings)


def _counted(watch: Watch, trigger: Trigger, map_name: str, at: int) -> tuple[Watch, bool]:
    name = f"{trigger.key}/{map_name}"
    if watch.pauses.get(name, 0) > at:
        return watch, False
    times = dict(watch.times)
    recent = (*(when for when in times.pop(name, ()) if when > at - trigger.within), at)
    if len(recent) >= trigger.count:
        return _resting(replace(watch, times=times), name, at + trigger.pause), True
    times[name] = recent
    while len(times) > MAX_MAPS:
        del times[next(iter(times))]
    return replace(watch, times=times), False


def _resting(watch: Watch, name: str, until: int) -> Watch:
    pauses = {known: end for known, end in watch.pauses.items() if known != name}
    pauses[name] = until
    while len(pauses) > MAX_PAUSES:
        del pauses[next(iter(pauses))]
    return replace(watch, pauses=pauses)
