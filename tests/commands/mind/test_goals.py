from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.mind.curves import UNIT
from commands.mind.goals import (
    contradictions,
    current_goal,
    goal_changes,
    goals_answer,
    parse_goal_rules,
    pursued,
    support,
    with_changes,
)
from commands.mind.tables import TableError
from events.npc import Goal
from tests.commands.mind.village import ACTIONS, GOALS, shares


def test_the_answer_has_the_shape_of_the_specification() -> None:
    goals = (Goal("gather_info", 2, 300_000), Goal("sell_items", 1, 600_000))
    assert goals_answer(goals) == {
        "current_goals": [
            {"goal": "sell_items", "priority": 1, "progress": 0.6},
            {"goal": "gather_info", "priority": 2, "progress": 0.3},
        ]
    }


def test_contradictory_goals_are_reported_and_the_less_important_one_waits() -> None:
    goals = (Goal("give_away", 2), Goal("sell_items", 1), Goal("gather_info", 3))
    assert [(c.kept, c.yields) for c in contradictions(goals, GOALS)] == [("sell_items", "give_away")]
    assert [goal.goal for goal in pursued(goals, GOALS)] == ["sell_items", "gather_info"]


def test_a_goal_that_yields_makes_no_other_goal_yield() -> None:
    goals = (Goal("sell_items", 1), Goal("hoard", 2), Goal("give_away", 3))
    assert [goal.goal for goal in pursued(goals, GOALS)] == ["sell_items"]
    goals = (Goal("patrol_area", 1), Goal("rest", 2), Goal("craft", 3))
    assert [goal.goal for goal in pursued(goals, GOALS)] == ["patrol_area", "craft"]


def test_a_sale_advances_the_merchants_goal_and_a_robbery_sets_it_back() -> None:
    goals = (Goal("sell_items", 1, 500_000),)
    (sold,) = goal_changes(goals, "trade_completed", GOALS)
    (robbed,) = goal_changes(goals, "robbed", GOALS)
    assert (sold.before, sold.after, sold.because) == (500_000, 550_000, "trade_completed")
    assert robbed.after == 300_000
    assert with_changes(goals, [sold]) == (Goal("sell_items", 1, 550_000),)
    assert goal_changes(goals, "rain", GOALS) == ()


@given(shares, st.sampled_from(["robbed", "trade_completed", "item_sold"]))
def test_progress_stays_between_nothing_and_all(progress: Any, event: Any) -> None:
    for change in goal_changes((Goal("sell_items", 1, progress),), event, GOALS):
        assert 0 <= change.after <= UNIT


def test_the_current_goal_is_the_most_important_one_not_reached() -> None:
    assert current_goal((Goal("a", 1, UNIT), Goal("c", 2), Goal("b", 2))) == Goal("b", 2)
    assert current_goal(()) is None


def test_a_goal_of_another_name_is_recognised_by_its_words() -> None:
    kind = GOALS.kind_of("protect_citizens")
    assert kind is not None
    assert kind.name == "protect"
    assert GOALS.kind_of("xyzzy") is None


def test_earlier_goals_weigh_more() -> None:
    first = support((Goal("sell_items", 1), Goal("rest", 2)), GOALS)
    second = support((Goal("sell_items", 2), Goal("rest", 1)), GOALS)
    assert first["trade"] > second["trade"]
    assert first["rest"] < second["rest"]


def test_every_action_a_goal_names_exists() -> None:
    for kind in GOALS.kinds.values():
        assert kind.actions.keys() <= ACTIONS.actions.keys(), kind.name


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ({"goals": {"a": {"contradicts": ["b"]}}}, "goals.a.contradicts"),
        ({"goals": {"a": {"actions": {"x": 2}}}}, "goals.a.actions.x"),
        ({"goals": {"a": {"action": {}}}}, "goals.a.action"),
        ({"goals": {"a": 1}}, "goals.a"),
    ],
)
def test_a_wrong_table_is_refused_with_its_key(table: Any, key: Any) -> None:
    with pytest.raises(TableError) as refused:
        parse_goal_rules(table)
    assert refused.value.key == key
