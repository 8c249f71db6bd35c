from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.mind.beings import MAX_BEINGS
from commands.mind.curves import UNIT
from commands.mind.routine import Point
from commands.mind.situation import read_situation
from commands.rejection import Rejected
from tests.commands.mind.village import json_values

KEYS = [
    key
    for line in (
        "location position x y time time_of_day weather health hp max_hp players nearbyPlayers monsters enemies",
        "threats threat_level in_combat available_actions events player_id attackers raw_context purpose distance",
    )
    for key in line.split()
]


@given(st.dictionaries(st.sampled_from(KEYS), json_values, max_size=8) | json_values)
def test_any_json_is_read_or_refused_with_a_named_field(value: Any) -> None:
    try:
        situation = read_situation(value)
    except Rejected as refused:
        assert str(refused.field).startswith("situation")
        assert refused.code in (-101, -102, -105)
    else:
        assert len(situation.beings) <= MAX_BEINGS
        assert 0 <= situation.danger <= UNIT
        json.dumps([situation.place, situation.signs, situation.available]).encode()


def test_the_guards_own_sample_is_understood() -> None:
    situation = read_situation('{"location":"prontera","time":"14:30"}')
    assert (situation.place, situation.minute, situation.notices) == ("prontera", 14 * 60 + 30, ())


def test_plain_words_are_read_for_signs_of_danger() -> None:
    situation = read_situation({"raw_context": "Two bandits attack the market"})
    assert situation.signs == ("attack", "bandits")
    assert situation.danger > read_situation("a quiet evening").danger == 0


def test_both_spellings_of_a_key_mean_the_same() -> None:
    snake = {"time_of_day": "night", "nearby_players": [{"player_id": "p"}], "in_combat": True}
    camel = {"timeOfDay": "night", "nearbyPlayers": [{"playerId": "p"}], "inCombat": True}
    assert read_situation(snake) == read_situation(camel)


def test_thousands_of_monsters_are_cut_to_the_closest_and_it_says_so() -> None:
    crowd = [{"id": f"m{n}", "distance": n} for n in range(10_000)]
    situation = read_situation({"monsters": crowd})
    assert [being.id for being in situation.beings[:3]] == ["m0", "m1", "m2"]
    assert len(situation.beings) == MAX_BEINGS
    assert any("10000 entries" in notice.message for notice in situation.notices)


@given(st.permutations([{"id": f"m{n}", "distance": n // 3} for n in range(90)]))
def test_which_beings_are_kept_does_not_depend_on_their_order(crowd: Any) -> None:
    ordered = sorted(crowd, key=lambda m: int(str(m["id"])[1:]))
    assert read_situation({"monsters": crowd}).beings == read_situation({"monsters": ordered}).beings


@pytest.mark.parametrize(
    ("value", "code", "field"),
    [
        (7, -101, "situation"),
        (["prontera"], -101, "situation"),
        ('{"location":', -102, "situation"),
        ("[" * 100_000, -102, "situation"),
        ({"x": -5, "y": 3}, -105, "situation.x"),
        ({"x": 3, "y": 10**30}, -105, "situation.y"),
        ({"x": "north", "y": 3}, -101, "situation.x"),
        ({"players": [{"id": "p", "x": 1e9, "y": 1}]}, -105, "situation.players[0].x"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(value: Any, code: Any, field: Any) -> None:
    with pytest.raises(Rejected) as refused:
        read_situation(value)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_an_odd_detail_is_left_out_and_named() -> None:
    situation = read_situation({"time": "soon", "health": "fine", "players": 1.5, "mood_ring": "blue"})
    assert {notice.field for notice in situation.notices} == {"time", "health", "situation.players"}
    assert situation.unknown == ("mood_ring",)


def test_distances_follow_from_places_and_health_from_points() -> None:
    situation = read_situation(
        {
            "position": {"map": "prontera", "x": 10, "y": 10},
            "hp": 30,
            "max_hp": 120,
            "monsters": [{"id": "m", "x": 13, "y": 6}],
        }
    )
    assert (situation.here, situation.health, situation.beings[0].distance) == (Point(10, 10), UNIT // 4, 4)


def test_an_attacker_that_was_also_listed_is_one_being() -> None:
    situation = read_situation({"players": [{"id": "p", "distance": 2}], "attackers": ["p"]})
    (being,) = situation.beings
    assert being.attacking
    assert being.distance == 2
    assert situation.fighting


def test_control_characters_and_lone_surrogates_never_reach_an_answer() -> None:
    situation = read_situation(
        json.loads('{"location": "pron\\u0000tera\\ud800", "players": ["a\\u001b[31m"]}')
    )
    assert situation.place == "pron tera"
    assert situation.beings[0].id == "a [31m"
