"""A model thinks a decision over: it sees the choices near the best, points at one by number, and no more."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.llm.prompts import load as prompts
from commands.agents import deliberation
from commands.agents.ask import Ask
from commands.agents.portrait import Terms
from commands.agents.purpose import Reading
from commands.agents.purposes import PURPOSES
from commands.agents.routing import Route
from commands.codes import Code
from commands.decision import decision_id
from commands.message import Reply
from commands.mind.decide import Choice
from commands.mind.routine import Point
from events.commit import Commit
from events.decision import DecisionMade
from events.request import RequestOpened
from tests.commands.agents.situations import opened, remembered, situation

CHOICES = (
    Choice("move", "patrol", Point(52, 50), "", "The patrol route leads to (52, 50)", 655_000),
    Choice("warn", "warn", None, "150002", "A word of warning may be enough", 612_000),
)
UTILITY = {
    "action": "move", "activity": "patrol", "target": {"x": 52, "y": 50}, "target_x": 52, "target_y": 50,
    "reason": "The patrol route leads to (52, 50)", "scores": {"patrol": 0.655, "warn": 0.612},
}  # fmt: skip
WARNED = {
    "action": "warn",
    "activity": "warn",
    "target_id": "150002",
    "reason": "A word of warning may be enough",
}


def cause(operation: str = "complex_decision", **data: Any) -> Commit:
    return opened("", operation=operation, situation={"time": "14:30", "event": "a thief was seen"}, **data)


def ask(operation: str = "complex_decision") -> Ask:
    commit = cause(operation)
    request = commit.events[0]
    assert isinstance(request, RequestOpened)
    found = situation(remembered("150002 stole bread from Merchant_John", 11, player="150002"))
    made = deliberation.inputs(found, request, commit, CHOICES, Route(True, (operation,)), Terms())
    return PURPOSES[operation].render(made, prompts().of("npc_intelligence", operation))


def decide(answer: Any, route: str = "model", code: int = 0) -> DecisionMade:
    question = ask()
    text = answer if isinstance(answer, str) else json.dumps(answer)
    reading = PURPOSES["complex_decision"].read(question, text)
    return DecisionMade(
        question.agent, question.purpose, question.key(), route, "fake", "fake-1", question.sent(), text,
        reading.proposal, reading.problem, code, inputs=question.inputs,
    )  # fmt: skip


@pytest.mark.parametrize("operation", ["decide_action", "complex_decision"])
def test_the_question_holds_the_choices_the_situation_and_what_is_remembered(operation: str) -> None:
    question = ask(operation)
    for told in ("a thief was seen", "stole bread", '"n": 2, "do": "warn"', "0.655"):
        assert told in question.messages[1].content
        assert told not in question.messages[0].content
    assert question.memories == (11,)
    assert question.purpose == operation


def test_another_choice_becomes_a_command_that_names_it_from_our_own_list() -> None:
    request = cause()
    made = decide(
        {"choice": 2, "reason": "He stole from me", "action": "give_gold", "command": "npc.unregister"}
    )
    (command,) = PURPOSES["complex_decision"].follow(request, made)
    assert (command.name, command.stream) == ("npc.reconsider", "npc/Merchant_John")
    assert command.args == {
        "decision": f"agents/{request.id}/npc.decide_action",
        "choice": "warn",
        "reason": "He stole from me",
        "advice": decision_id(request.id, "complex_decision"),
    }
    assert command.actor == deliberation.ACTOR


def test_confirming_the_first_choice_asks_for_nothing() -> None:
    assert PURPOSES["complex_decision"].follow(cause(), decide({"choice": 1, "reason": "habit"})) == ()


@pytest.mark.parametrize(
    "answer", [{"choice": 3}, {"choice": 0}, {"choice": "warn"}, {}, "two", {"choice": None}]
)
def test_what_was_not_offered_is_no_choice(answer: Any) -> None:
    made = decide(answer)
    assert made.proposal is None
    assert made.problem
    assert PURPOSES["complex_decision"].follow(cause(), made) == ()


@given(st.text(max_size=200))
def test_any_text_gets_a_reading(text: str) -> None:
    question = QUESTION
    assert isinstance(PURPOSES["complex_decision"].read(question, text), Reading)


QUESTION = ask()


def test_the_outcome_is_the_models_choice_when_the_decider_took_it() -> None:
    made = decide({"choice": 2, "reason": "so be it"})
    result = deliberation.outcome(cause(), UTILITY, made, Reply(data=WARNED)).args
    assert result == {"result": WARNED | {"scores": UTILITY["scores"], "method": "llm"}}


def test_the_decision_stands_when_the_model_failed_or_was_refused() -> None:
    refused = Reply(Code.PARAMETER_OUT_OF_RANGE, "too far")
    for made, reply in ((decide("?"), None), (decide({"choice": 2}), refused)):
        args = deliberation.outcome(cause(), UTILITY, made, reply).args
        assert args == {"result": UTILITY | {"method": "fallback"}, "code": 1}


def test_a_cached_confirmation_says_so() -> None:
    made = replace(decide({"choice": 1}), route="cache", code=2)
    args = deliberation.outcome(cause(), UTILITY, made, None).args
    assert args == {"result": UTILITY | {"method": "cached"}, "code": 2}
