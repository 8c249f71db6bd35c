from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.mind.actions import parse_actions
from commands.mind.character import Character, Mood, Standing
from commands.mind.decide import Decision, decide
from commands.mind.evaluate import Evaluation, evaluate
from commands.mind.routine import Point, distance
from commands.mind.situation import read_situation
from commands.mind.tables import TableError
from commands.mind.threat import LEVELS, assess_threat
from commands.rejection import Rejected
from tests.commands.mind.village import (
    ACTIONS,
    GOALS,
    UNIT,
    archetypes,
    goal_names,
    json_values,
    moods,
    seeds,
    shares,
    standings,
    toml,
    villager,
)

RANKS = [name for _, name in LEVELS] + ["extreme"]
GUARD = villager("guard", "patrol_area", "protect_citizens", patrol=[{"x": 120, "y": 150}, [130, 160]])
MERCHANT = villager("merchant", "sell_items", "help_players")


def chosen(character: Character, situation: object, seed: str = "s", **more: object) -> Decision:
    return decide(character, read_situation(situation), ACTIONS, GOALS, seed, **more)  # type: ignore[arg-type]


def judged(character: Character, situation: object) -> Evaluation:
    return evaluate(character, read_situation(situation), ACTIONS, GOALS, "s")


def test_the_guard_of_the_specification_moves_along_its_patrol() -> None:
    answer = chosen(GUARD, {"location": "prontera", "time": "14:30"}).answer()
    assert answer["action"] == "move"
    assert answer["target"] == {"x": answer["target_x"], "y": answer["target_y"]}
    assert (answer["target_x"], answer["target_y"]) in {(120, 150), (130, 160)}
    assert "patrol" in answer["reason"]


def test_the_guard_goes_on_to_the_next_point_of_its_route() -> None:
    at_first = chosen(GUARD, {"position": {"x": 121, "y": 150}})
    at_second = chosen(GUARD, {"position": {"x": 130, "y": 160}})
    assert (at_first.target, at_second.target) == (Point(130, 160), Point(120, 150))


def test_a_guard_without_a_route_walks_within_reach_of_home() -> None:
    decision = chosen(villager("guard", "patrol_area"), {"location": "prontera"})
    assert decision.action == "move"
    assert decision.target is not None
    assert 0 < distance(decision.target, Point(150, 150)) <= 7


def test_nobody_is_sent_where_nobody_can_walk() -> None:
    decision = chosen(GUARD, {}, walkable=lambda x, y: (x, y) == (130, 160))
    assert decision.target == Point(130, 160)
    walled_in = chosen(GUARD, {}, walkable=lambda x, y: False)
    assert walled_in.target is None
    assert walled_in.action != "move"
    assert walled_in.ruled_out["patrol"] == "no place to go to is known"


def test_an_npc_without_any_place_still_decides() -> None:
    decision = chosen(Character("ghost"), {})
    assert decision.action == "idle" or decision.target is None


def test_a_merchant_trades_with_a_customer_and_calls_for_help_under_attack() -> None:
    assert chosen(MERCHANT, {"players": [{"id": "p1", "distance": 3}]}).action == "trade"
    attacked = chosen(MERCHANT, {"attackers": [{"id": "m", "level": 30, "distance": 1}]})
    assert attacked.action in {"call_help", "flee"}


def test_a_guard_stands_against_a_foe_and_a_dying_one_does_not() -> None:
    foe = {"monsters": [{"id": "m", "distance": 2, "attacking": True, "x": 151, "y": 151}]}
    assert chosen(GUARD, foe).action in {"attack", "defend"}
    assert chosen(GUARD, foe | {"health": 5}).action in {"flee", "call_help"}


def test_nobody_is_told_to_walk_to_the_cell_it_stands_on() -> None:
    close = {"x": 150, "y": 150, "players": [{"id": "p", "x": 151, "y": 151}]}
    decision = chosen(MERCHANT, close)
    assert (decision.target_id, decision.target) == ("p", None)
    apart = chosen(MERCHANT, {"x": 150, "y": 150, "players": [{"id": "p", "x": 155, "y": 150}]})
    assert apart.target == Point(154, 149)


def test_contradictory_goals_and_cut_crowds_are_told_in_the_answer() -> None:
    torn = villager("merchant", "sell_items", "give_away")
    crowd = {"players": [{"id": f"p{n}"} for n in range(100)]}
    assert chosen(torn, crowd).answer()["warnings"] == [
        "situation.players: 100 beings; the closest 64 were considered",
        "goals: give_away waits, because it contradicts sell_items",
    ]
    assert "warnings" not in chosen(MERCHANT, {}).answer()


def test_whoever_flees_ends_up_further_away() -> None:
    sage = villager("default", "survive")
    decision = chosen(
        sage, {"x": 150, "y": 150, "attackers": [{"id": "m", "x": 153, "y": 150, "level": 90}], "health": 20}
    )
    assert decision.activity == "flee"
    assert decision.target == Point(140, 150)


def test_an_enemy_among_the_players_is_turned_away_rather_than_greeted() -> None:
    player = {"players": [{"id": "thief", "distance": 2}]}
    hated = replace(MERCHANT, standings={"thief": Standing(trust=50_000, affection=50_000)})
    scores = {row.candidate: row.score for row in chosen(hated, player).ranking.rows}
    strangers = {row.candidate: row.score for row in chosen(MERCHANT, player).ranking.rows}
    assert scores["trade"] < strangers["trade"]
    assert scores["refuse"] > scores["greet"]


def test_the_person_the_situation_is_about_comes_first() -> None:
    decision = chosen(
        MERCHANT,
        {"player_id": "far", "players": [{"id": "near", "distance": 1}, {"id": "far", "distance": 9}]},
    )
    assert decision.target_id == "far"


def test_the_schedule_tells_what_to_do() -> None:
    shifts = [
        {"from": "22:00", "to": "06:00", "activity": "sleep"},
        {"from": "06:00", "to": "22:00", "activity": "work"},
    ]
    smith = villager("blacksmith", "craft", schedule={"shifts": shifts})
    assert chosen(smith, {"time": "10:00"}).activity == "work"
    assert chosen(smith, {"time": "23:30"}).activity == "rest"


def test_the_same_thing_twice_is_less_attractive() -> None:
    player = {"players": [{"id": "p", "distance": 2}]}
    fresh = chosen(MERCHANT, player)
    again = chosen(replace(MERCHANT, recent_actions=(fresh.activity,)), player)
    assert again.activity != fresh.activity


def test_only_offered_actions_are_chosen_and_in_the_scripts_spelling() -> None:
    decision = chosen(GUARD, {"available_actions": ["Dance", "Patrol", "sing"]})
    assert decision.action == "Patrol"
    assert decision.activity == "patrol"
    assert chosen(GUARD, {"availableActions": [{"name": "dance"}]}).action == "dance"


def test_mood_and_courage_decide_between_fighting_and_running() -> None:
    foe = {"monsters": [{"id": "m", "distance": 2}]}
    bold = replace(villager("default"), mood=Mood(dominance=UNIT))
    meek = replace(villager("default"), mood=Mood(dominance=-UNIT))

    def lead(character: Character) -> int:
        scores = {row.candidate: row.score for row in chosen(character, foe).ranking.rows}
        return scores["attack"] - scores["flee"]

    assert lead(bold) > lead(meek)


@given(
    archetypes,
    goal_names,
    moods,
    st.dictionaries(
        st.sampled_from(["players", "monsters", "time", "health", "available_actions", "x"]), json_values
    ),
    seeds,
)
def test_every_situation_gets_a_recordable_decision_or_a_named_refusal(
    archetype: Any, goals: Any, mood: Any, value: Any, seed: Any
) -> None:
    character = villager(archetype, *goals, mood=mood)
    try:
        decision = chosen(character, value, seed)
    except Rejected as refused:
        assert refused.field
        return

    def no_floats(text: str) -> float:
        raise AssertionError(text)

    json.loads(json.dumps(decision.record()), parse_float=no_floats)
    assert decision.answer()["action"]
    assert decision == chosen(character, value, seed)


beings = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.uuids().map(str),
            "distance": st.integers(0, 40),
            "level": st.integers(1, 200),
            "attacking": st.booleans(),
        }
    ),
    max_size=8,
)


@given(beings, beings, shares, shares, st.integers(0, 100), st.integers(0, 100))
def test_more_threat_never_lowers_the_threat_level(
    some: Any, more: Any, health_a: Any, health_b: Any, danger_a: Any, danger_b: Any
) -> None:
    worse_health, better_health = sorted((health_a, health_b))
    less, most = sorted((danger_a, danger_b))
    npc = villager("guard", level=50)
    calm = read_situation({"monsters": some, "danger": less / 100})
    wild = read_situation({"monsters": some + more, "danger": most / 100})
    before = assess_threat(replace(npc, health=better_health), calm)
    after = assess_threat(replace(npc, health=worse_health), wild)
    assert before.score <= after.score
    assert RANKS.index(before.level) <= RANKS.index(after.level)


def test_an_evaluation_has_the_shape_and_the_words_of_the_specification() -> None:
    answer = judged(villager("merchant", "gather_info"), {"players": [{"id": "p", "distance": 2}]}).answer()
    assert answer["threat_level"] == "none"
    assert {"trade", "gather_info"} <= set(answer["opportunities"])
    assert answer["recommended_action"]


@given(archetypes, goal_names, standings)
def test_the_recommended_action_is_what_would_be_decided(archetype: Any, goals: Any, standing: Any) -> None:
    npc = villager(archetype, *goals, standings={"p": standing})
    situation = {"players": [{"id": "p"}]}
    assert judged(npc, situation).answer()["recommended_action"] == chosen(npc, situation).action


def test_reasons_name_the_heaviest_danger_first() -> None:
    evaluation = judged(
        GUARD, {"monsters": [{"id": "rat", "distance": 30}, {"id": "ogre", "distance": 1, "attacking": True}]}
    )
    assert "ogre" in evaluation.answer()["reasons"][0]


def test_every_archetype_can_do_something_with_nobody_around() -> None:
    for archetype in ACTIONS.archetypes:
        assert chosen(villager(archetype), {}).ranking.best is not None, archetype


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"actions": {}}, "actions"),
        ({"archetypes": {}}, "archetypes.default.actions"),
        ({"targets": {}}, "targets"),
        ({"common": {"luck": ["rising", 1]}}, "common.luck"),
        ({"common": {"goals": ["wavy", 1]}}, "common.goals"),
        ({"common": {"goals": [[[0, 1], [0, 0]], 1]}}, "common.goals"),
        ({"actions": {"fly": {"reason": "{who} flies"}}}, "actions.fly.reason"),
        ({"actions": {"fly": {"reason": "up", "target": "sky"}}}, "actions.fly.target"),
        ({"actions": {"fly": {"reason": "up", "need": ["wings"]}}}, "actions.fly.need"),
    ],
)
def test_a_wrong_catalogue_is_refused_with_its_key(change: Any, key: Any) -> None:
    with pytest.raises(TableError) as refused:
        parse_actions(toml("actions.toml") | change)
    assert refused.value.key == key
