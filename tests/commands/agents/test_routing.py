"""Common moments cost no call; special ones say why they are special; both spellings of a field count."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.agents.routing import COMMON, Moment, flat, route
from commands.mind.dialogue.intent import INTENTS


@pytest.mark.parametrize("intent", sorted(COMMON))
def test_common_moments_are_answered_by_templates_whatever_is_remembered(intent: str) -> None:
    assert not route("rule", Moment({}, intent, "hello there", remembered=(1_000_000,))).model


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"rarity": "Legendary"}, "legendary_rarity"),
        ({"context": {"rarity": "mythic"}}, "legendary_rarity"),
        ({"isLegendary": True}, "legendary_rarity"),
        ({"is_first_time": True}, "first_time_event"),
        ({"firstTime": True}, "first_time_event"),
        ({"killCount": 100}, "milestone_event"),
        ({"level": "50"}, "milestone_event"),
        ({"winStreak": 12}, "milestone_event"),
        ({"importance": 0.8}, "high_importance_memory"),
        ({"isMVP": True, "clutch": True}, "complex_context"),
        ({"mvp": True, "multiKill": 3}, "complex_context"),
        ({"deathStreak": 5}, "long_streak"),
        ({"forceLlm": True}, "force_llm"),
    ],
)
def test_a_special_moment_says_why(data: dict[str, Any], reason: str) -> None:
    way = route("rule", Moment(data, "greet", "hello"))
    assert way.model
    assert reason in way.reasons


@pytest.mark.parametrize(
    "data",
    [
        {"rarity": "common"},
        {"level": 51},
        {"is_first_time": "yes"},
        {"importance": 0.79},
        {"mvp": True},
        {"winStreak": 4},
        {"force_llm": "true"},
        {"importance": float("nan")},
        {"killCount": 10**400},
        {"winStreak": None, "context": {"a": [1]}},
    ],
)
def test_what_is_not_special_is_not(data: dict[str, Any]) -> None:
    assert not route("rule", Moment(data, "greet", "hello")).model


def test_open_questions_and_remembered_persons_are_worth_a_model() -> None:
    assert route("rule", Moment({}, "unknown", "расскажи о море")).reasons == ("open_question",)
    assert not route("rule", Moment({}, "unknown", "?!…")).model
    assert not route("rule", Moment({}, "ask_person", "who is Bob?")).model
    assert route("rule", Moment({}, "ask_person", "who is Bob?", remembered=(100,))).reasons == (
        "remembered",
    )
    weighty = route("rule", Moment({}, "ask_event", "what happened?", remembered=(900_000,)))
    assert weighty.reasons == ("high_importance_memory", "remembered")


def test_a_decision_is_thought_over_when_it_is_close_or_asked_for() -> None:
    assert route("rule", Moment({}, margin=10_000), close=30_000).reasons == ("close_decision",)
    assert not route("rule", Moment({}, margin=40_000), close=30_000).model
    assert route("rule", Moment({}, margin=400_000, deliberate=True)).reasons == ("complex_decision",)


def test_the_agents_setting_overrules_the_rules() -> None:
    assert not route("template", Moment({"force_llm": True}, "unknown", "why")).model
    assert route("model", Moment({}, "greet")).reasons == ("always",)


def test_outer_fields_win_over_those_of_the_context() -> None:
    assert flat({"winStreak": 1, "context": {"win_streak": 9, "inCombat": True}}) == {
        "win_streak": 1, "context": {"win_streak": 9, "inCombat": True}, "in_combat": True,
    }  # fmt: skip


@given(st.dictionaries(st.text(), st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.booleans())))
def test_any_data_is_routed(data: dict[str, Any]) -> None:
    for intent in ("", *INTENTS):
        assert isinstance(route("rule", Moment(data, intent, "x")).model, bool)
