"""Where an NPC belongs and what its day looks like: home, patrol points, shifts; and concrete places to
walk to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from commands.mind.fields import MAX_COORDINATE, find, integer_or_none, text
from commands.mind.utility import draw
from events.npc import Profile

DAY = 24 * 60
MAX_POINTS = 64
STROLL = 7
"""Cells an NPC without a patrol route strays from home; half of what one walk order may cover (AREA_SIZE
14).
"""

Walkable = Callable[[int, int], bool]


class Point(NamedTuple):
    """A cell of the NPC's map."""

    x: int
    y: int


class Shift(NamedTuple):
    """A part of the day, minutes since midnight, `until` excluded (and before `since` when it passes
    midnight).
    """

    since: int
    until: int
    activity: str
    place: Point | None


@dataclass(frozen=True, slots=True)
class Routine:
    """Home cell, patrol points in walking order, shifts of the day."""

    home: Point | None = None
    patrol: tuple[Point, ...] = ()
    shifts: tuple[Shift, ...] = ()

    def shift_at(self, minute: int | None) -> Shift | None:
        """The first shift that covers the minute of the day; None outside all of them or when the time is
        unknown.
        """
        if minute is None:
            return None
        for shift in self.shifts:
            if shift.since <= minute < shift.until:
                return shift
            if shift.until <= shift.since and (minute >= shift.since or minute < shift.until):
                return shift
        return None


NOWHERE = Routine()


def routine_of(profile: Profile) -> Routine:
    """The routine of a profile: its location is home (unless it names a `home`), `patrol` are the points, and
    `schedule` is {"08:00": "work", …} or {"shifts": [{"from": "08:00", "to": "18:00", "activity", "x", "y"}],
    "patrol": […]}.

    What cannot be read is left out: at most `MAX_POINTS` points and shifts are kept.
    """
    schedule = profile.schedule
    where = profile.location
    home = point_of(profile.extra.get("home")) or point_of({"x": where.x, "y": where.y})
    patrol = profile.extra.get("patrol") or find(schedule, "patrol", "patrol_points")
    return Routine(home, _points(patrol), _shifts(find(schedule, "shifts", "entries") or schedule))


def point_of(value: Any) -> Point | None:
    """A point from {"x", "y"} or [x, y]; None when it is neither or lies outside the game's coordinates."""
    if isinstance(value, Mapping):
        x, y = _whole(value.get("x")), _whole(value.get("y"))
    elif isinstance(value, list | tuple) and len(value) == 2:
        x, y = _whole(value[0]), _whole(value[1])
    else:
        return None
    return None if x is None or y is None else Point(x, y)


def minute_of(value: Any) -> int | None:
    """Minutes since midnight from "14:30", "14:30:59" or an hour 0..23; None otherwise."""
    hour, _, rest = text(value, 16).partition(":")
    minute = rest.partition(":")[0] or "0"
    if not (hour.isascii() and hour.isdigit() and minute.isascii() and minute.isdigit()):
        return None
    return int(hour) * 60 + int(minute) if int(hour) < 24 and int(minute) < 60 else None


def next_on_patrol(
    routine: Routine, here: Point | None, seed: str, walkable: Walkable | None
) -> Point | None:
    """The patrol point after the one nearest to `here` (a drawn one when the place is unknown) that can be
    walked on.

    Without patrol points, a cell around home; None when the NPC has neither or none of it is walkable.
    """
    points = routine.patrol
    if not points:
        return stroll(routine.home or here, here, seed, walkable)
    if here is None:
        start = draw(seed, "patrol") % len(points)
    else:
        start = min(range(len(points)), key=lambda i: (distance(points[i], here), i)) + 1
    return _first((points[(start + step) % len(points)] for step in range(len(points))), here, walkable)


def stroll(centre: Point | None, here: Point | None, seed: str, walkable: Walkable | None) -> Point | None:
    """A drawn cell within `STROLL` cells of `centre` that can be walked on and is not `here`; None if 32
    draws fail.
    """
    if centre is None:
        return None
    side = 2 * STROLL + 1
    drawn = (draw(seed, "stroll", str(turn)) % (side * side) for turn in range(32))
    return _first((_moved(centre, n % side - STROLL, n // side - STROLL) for n in drawn), here, walkable)


def away_from(danger: Point, here: Point, walkable: Walkable | None) -> Point | None:
    """A cell up to 10 away from `here`, on the side turned from `danger`, that can be walked on."""
    dx, dy = here.x - danger.x, here.y - danger.y
    reach = max(abs(dx), abs(dy)) or 1
    east, north = (dx * 10 // reach, dy * 10 // reach) if (dx or dy) else (10, 0)
    ways = ((east, north), (north, east), (-north, east), (east, -north), (east // 2, north // 2))
    return _first((_moved(here, *way) for way in ways), here, walkable)


def beside(goal: Point, here: Point | None, walkable: Walkable | None) -> Point | None:
    """The cell next to `goal` nearest to `here` that can be walked on; None when there is none."""
    near = here or goal
    around = [_moved(goal, dx, dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1) if dx or dy]
    around.sort(key=lambda point: (distance(point, near), point))
    return _first(around, None, walkable)


def distance(a: Point, b: Point) -> int:
    """Distance in cells, diagonals counting one, as the game counts range."""
    return max(abs(a.x - b.x), abs(a.y - b.y))


def _first(points: Iterable[Point], here: Point | None, walkable: Walkable | None) -> Point | None:
    return next((p for p in points if p != here and (walkable is None or walkable(p.x, p.y))), None)


def _moved(point: Point, dx: int, dy: int) -> Point:
    return Point(min(max(point.x + dx, 0), MAX_COORDINATE), min(max(point.y + dy, 0), MAX_COORDINATE))


def _whole(value: Any) -> int | None:
    number = integer_or_none(value, -1, MAX_COORDINATE + 1)
    return number if number is not None and 0 <= number <= MAX_COORDINATE else None


def _points(value: Any) -> tuple[Point, ...]:
    if not isinstance(value, list | tuple):
        return ()
    return tuple(point for point in map(point_of, value[:MAX_POINTS]) if point is not None)


def _shifts(value: Any) -> tuple[Shift, ...]:
    if isinstance(value, Mapping):
        starts = sorted(
            (minute, text(activity, 64).lower())
            for minute, activity in ((minute_of(k), v) for k, v in list(value.items())[:MAX_POINTS])
            if minute is not None and isinstance(activity, str)
        )
        ends = [minute for minute, _ in starts[1:]] + [minute for minute, _ in starts[:1]]
        return tuple(
            Shift(since, until, activity, None) for (since, activity), until in zip(starts, ends, strict=True)
        )
    if not isinstance(value, list | tuple):
        return ()
    shifts = []
    for entry in value[:MAX_POINTS]:
        if not isinstance(entry, Mapping):
            continue
        since, until = (
            minute_of(find(entry, "from", "start", "time")),
            minute_of(find(entry, "to", "until", "end")),
        )
        activity = text(find(entry, "activity", "action", "duty"), 64).lower()
        if since is not None and activity:
            shifts.append(Shift(since, DAY if until is None else until, activity, point_of(entry)))
    return tuple(shifts)
