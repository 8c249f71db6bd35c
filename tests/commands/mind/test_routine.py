from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.mind.routine import (
    MAX_POINTS,
    Point,
    Shift,
    away_from,
    beside,
    distance,
    minute_of,
    next_on_patrol,
    routine_of,
    stroll,
)
from events.npc import Location, Profile
from tests.commands.mind.village import json_values, seeds

cells = st.builds(Point, st.integers(0, 400), st.integers(0, 400))


def test_a_schedule_of_hours_covers_the_whole_day() -> None:
    routine = routine_of(Profile(schedule={"06:00": "work", "20:00": "rest"}))
    assert [routine.shift_at(hour * 60) for hour in (7, 21, 3)] == [
        Shift(360, 1200, "work", None),
        Shift(1200, 360, "rest", None),
        Shift(1200, 360, "rest", None),
    ]


def test_a_shift_may_pass_midnight_and_name_a_place() -> None:
    night = {"from": "22:00", "to": "06:00", "activity": "Patrol", "x": 5, "y": 6}
    routine = routine_of(Profile(schedule={"shifts": [night], "patrol": [[1, 2]]}))
    assert routine.shift_at(60) == Shift(1320, 360, "patrol", Point(5, 6))
    assert routine.shift_at(720) is routine.shift_at(None) is None
    assert routine.patrol == (Point(1, 2),)


def test_the_location_is_home_unless_the_profile_names_one() -> None:
    assert routine_of(Profile(location=Location("prontera", 1, 2))).home == Point(1, 2)
    assert routine_of(
        Profile(location=Location("prontera", 1, 2), extra={"home": {"x": 7, "y": 8}})
    ).home == Point(7, 8)


@given(json_values, json_values)
def test_any_profile_has_a_routine(patrol: Any, schedule: Any) -> None:
    schedule = schedule if isinstance(schedule, dict) else {"shifts": schedule}
    routine = routine_of(Profile(schedule=schedule, extra={"patrol": patrol}))
    assert len(routine.patrol) <= MAX_POINTS


@given(cells, cells, seeds, st.integers(2, 5))
def test_every_place_to_go_to_can_be_walked_on_and_is_another_one(
    home: Point, foe: Point, seed: str, step: int
) -> None:
    def open_ground(x: int, y: int) -> bool:
        return (x + y) % step == 0

    routine = routine_of(Profile(location=Location("m", *home)))
    places = [
        next_on_patrol(routine, home, seed, open_ground),
        stroll(home, home, seed, open_ground),
        away_from(foe, home, open_ground),
        beside(foe, home, open_ground),
    ]
    for place in places:
        assert place is None or open_ground(*place)
    assert home not in places[:3]


@given(st.builds(Point, st.integers(20, 400), st.integers(20, 400)), cells)
def test_on_open_ground_fleeing_leads_away(here: Point, foe: Point) -> None:
    place = away_from(foe, here, None)
    assert place is not None
    assert distance(place, foe) > distance(here, foe)


@pytest.mark.parametrize(
    ("text", "minute"),
    [
        ("14:30", 870),
        ("7:05:59", 425),
        (23, 1380),
        ("24:00", None),
        ("7:61", None),
        ("soon", None),
        (None, None),
        ("²:00", None),
    ],
)
def test_times_of_day(text: Any, minute: int | None) -> None:
    assert minute_of(text) == minute
