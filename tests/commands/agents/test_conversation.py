"""A model finds the words of an NPC: what it is told, how its answer is read, and what follows from it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.llm.prompts import load as prompts
from commands.agents.ask import Ask, asked
from commands.agents.portrait import Terms
from commands.agents.purpose import Reading
from commands.agents.purposes import PURPOSES
from commands.mind.memory.record import Source
from events.commit import Actor, Commit
from events.decision import DecisionMade
from events.npc import Goal, Location, Profile
from tests.commands.agents.situations import HOUR, inputs, opened, remembered, situation

DIALOGUE = PURPOSES["dialogue"]
PROMPT = prompts().of("npc_intelligence", "dialogue")
PELTS = remembered("150001 promised Merchant_John: twelve wolf pelts by Friday", 17)


def ask(cause: Commit | None = None, *memories: Any, terms: Terms | None = None, **more: Any) -> Ask:
    found = situation(*(memories or (PELTS,)), **more)
    return DIALOGUE.render(inputs(found, cause or opened("What did I promise?"), terms), PROMPT)


def read(response: str, question: Ask | None = None, **fields: Any) -> Reading:
    answer = {"response": response, "emotion": "amused", "action": "nod", "memories": [1], **fields}
    return DIALOGUE.read(question or ask(), json.dumps(answer))


def made(question: Ask, reading: Reading, route: str = "model", code: int = 0) -> DecisionMade:
    return DecisionMade(
        question.agent, question.purpose, question.key(), route, "fake", "fake-1", question.sent(), "",
        reading.proposal, reading.problem, code, inputs=question.inputs,
    )  # fmt: skip


def test_the_question_holds_what_is_known_and_nothing_foreign_stands_among_the_instructions() -> None:
    profile = Profile(
        "merchant",
        personality={"traits": ["greedy"]},
        goals=(Goal("sell_items", 1),),
        location=Location("izlude"),
        extra={"backstory": "lost his brother at sea", "stock": {"apple": 3}},
    )
    question = ask(opened("What did I promise?", context={"weather": "rain"}), profile=profile)
    system, user = question.messages
    assert (system.role, user.role) == ("system", "user")
    for told in ("twelve wolf pelts", "greedy", "sell_items", "izlude", "lost his brother", "rain", "Alice"):
        assert told in user.content
        assert told not in system.content
    assert question.memories == (17,)
    assert question.prompt == PROMPT.stamp
    assert PROMPT.canary in system.content


def test_equal_facts_are_an_equal_question_and_strangers_share_it() -> None:
    unknown = remembered("The bridge is broken", channel="world", player="")
    first = ask(opened("Why is the road closed?", Actor("player", "1", details={"name": "A"})), unknown)
    second = ask(opened("Why is the road closed?", Actor("player", "2", details={"name": "B"})), unknown)
    assert first.key() == second.key()
    assert first.key() != ask(opened("Why is the gate closed?"), unknown).key()


def test_the_recorded_question_is_the_same_again() -> None:
    question = ask()
    stored = json.loads(json.dumps(question.sent()))
    assert asked(question.agent, question.purpose, stored).key() == question.key()
    again = replace(asked(question.agent, question.purpose, stored), inputs=question.inputs)
    answer = '{"response": "Twelve pelts.", "emotion": "happy", "action": "nod", "memories": [1]}'
    assert DIALOGUE.read(again, answer) == DIALOGUE.read(question, answer)


def test_memories_that_are_too_old_or_do_not_fit_are_left_out_and_named() -> None:
    old = remembered("a quarrel about salt", 3, age=30 * HOUR)
    found = ask(None, PELTS, old, terms=Terms(max_memory_age=86_400, memory_prefix="npc_intelligence"))
    assert found.memories == (17,)
    assert found.inputs["left_out"] == ["memory @3 (older than 86400 s)"]
    assert found.inputs["memories"][0]["key"] == "npc_intelligence/17"
    narrow = ask(None, PELTS, terms=Terms(context_tokens=170))
    assert "goods" in narrow.inputs["left_out"]
    assert "What did I promise?" in narrow.messages[1].content


def test_a_usable_answer_is_said_and_remembered_with_what_it_drew_on() -> None:
    question = ask()
    reading = read("You owe me twelve pelts!", question, memories=[1, 1, 5, -1])
    assert reading.proposal == {
        "response": "You owe me twelve pelts!", "emotion": "amused", "action": "nod", "memories": [1],
    }  # fmt: skip
    cause = opened("What did I promise?")
    complete, remember = DIALOGUE.follow(cause, made(question, reading))
    assert (complete.name, complete.stream) == ("request.complete", "request/req_1")
    assert complete.args["result"]["response"] == "You owe me twelve pelts!"
    assert complete.args["result"]["method"] == "llm"
    assert "code" not in complete.args
    assert (remember.name, remember.stream) == ("npc.speak", "npc/Merchant_John")
    assert remember.args["memories"] == [17]
    assert remember.args["template"] is None
    assert remember.args["player_id"] == "150001"
    assert complete.actor == remember.actor == Actor("agent", "dialogue")


@pytest.mark.parametrize(
    ("route", "code", "method", "told"),
    [("cache", 2, "cached", 2), ("fallback", 1, "llm", 1), ("model", 0, "llm", None)],
)
def test_the_code_says_how_the_answer_came_about(
    route: str, code: int, method: str, told: int | None
) -> None:
    question = ask()
    complete, remember = DIALOGUE.follow(opened("x"), made(question, read("Yes.", question), route, code))
    assert complete.args.get("code") == told
    assert complete.args["result"]["method"] == remember.args["method"] == method


def test_without_a_proposal_the_template_answers() -> None:
    question = ask(opened("Hello"))
    failed = made(question, Reading(None, "no provider answered"), "none", -502)
    complete, remember = DIALOGUE.follow(opened("Hello"), failed)
    assert complete.args["code"] == 1
    assert complete.args["result"]["method"] == "fallback"
    assert complete.args["result"]["intent"] == "greet"
    assert complete.args["result"]["response"] == question.inputs["fallback"]["response"]
    assert remember.args["template"] == question.inputs["fallback"]["template"]


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "I am a merchant.",
        "{",
        "[]",
        '{"response": 5}',
        '{"emotion": "happy"}',
        '{"response": ""}',
        '{"response": "  https://evil.example/x  "}',
        '{"response": "\\u202e\\u200b^ff0000"}',
        '{"response": NaN}',
        '{"response": "\\ud800"}',
        "{" * 5000,
        '{"a":' * 3000,
        "x" * 30_000,
    ],
)
def test_what_is_no_answer_is_a_problem_with_a_reason(answer: str) -> None:
    reading = DIALOGUE.read(ask(), answer)
    assert reading.proposal is None
    assert reading.problem


@given(st.text(max_size=300))
def test_any_text_gets_a_reading_and_what_is_said_fits_the_edge(text: str) -> None:
    for answer in (text, json.dumps({"response": text})):
        reading = DIALOGUE.read(QUESTION, answer)
        if reading.proposal is not None:
            said = reading.proposal["response"]
            assert 0 < len(said.encode()) <= 255
            assert said.isprintable()
            assert not set(said) & set('^"\\{}<>|~[]`')


QUESTION = ask()


def test_a_long_answer_in_any_script_is_cut_between_characters() -> None:
    for text in ("да " * 200, "是" * 300, "ok🙂" * 100, "long words " * 60):
        said = read(text).proposal
        assert said is not None
        assert len(said["response"].encode()) <= 255
        assert text.startswith(said["response"].removesuffix("..."))


def test_an_answer_in_a_fence_or_between_sentences_is_found() -> None:
    for wrapped in ('```json\n{"response": "Aye."}\n```', 'Sure {here}: {"response": "Aye."} Done.'):
        reading = DIALOGUE.read(ask(), wrapped)
        assert reading.proposal is not None
        assert reading.proposal["response"] == "Aye."
        assert reading.proposal["emotion"] == ask().inputs["fallback"]["emotion"]


def test_what_one_player_said_in_private_is_not_told_to_another() -> None:
    secret = remembered(
        "150002: the key lies under the third stone / I said: noted", 9,
        player="150002", channel="speech", kind="dialogue", source=Source.HEARD,
    )  # fmt: skip
    question = ask(None, PELTS, withheld=(secret,))
    assert "third stone" not in json.dumps(question.sent()) + json.dumps(question.inputs)
    leaked = read("Psst: the key lies under the third stone.", question)
    assert leaked.proposal is None
    assert leaked.problem.startswith("leak")
    assert read("There are three stones by the gate.", question).proposal is not None
