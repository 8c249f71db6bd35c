"""A decision is made once, judged once for each command, and rerun without changing the world."""

from __future__ import annotations

from typing import Any

from commands.agents.ask import Ask, Message, asked
from commands.codes import Code
from commands.decision import DECISION, decision_id
from commands.switch import AGENT, PROVIDER
from events.agent import AgentStatusChanged
from events.commit import Actor
from events.decision import DecisionJudged, DecisionMade
from events.provider import ProviderStatusChanged
from tests.specification import Given, given

ASK = Ask("npc_intelligence", "dialogue", (Message("system", "You are John."), Message("user", '"Hi"')))
RECORD: dict[str, Any] = {
    "agent": "npc_intelligence",
    "purpose": "dialogue",
    "key": ASK.key(),
    "route": "model",
    "provider": "openai",
    "model": "gpt-4o",
    "ask": ASK.sent(),
    "answer": "Welcome!",
    "proposal": {"response": "Welcome!"},
}
MADE = DecisionMade(**RECORD)


def test_a_decision_is_recorded_once() -> None:
    given(DECISION).when("record", RECORD).then(MADE)
    given(DECISION, MADE).when("record", RECORD).then_rejected(Code.INVALID_STATE_TRANSITION, "decision")


def test_a_command_of_a_proposal_is_judged_once() -> None:
    verdict = {"verdict": "accepted", "command": "npc.speak", "position": 9}
    judged = DecisionJudged("accepted", "npc.speak", 9)
    given(DECISION, MADE).when("judge", {"verdicts": [verdict]}).then(judged)
    given(DECISION, MADE, judged).when("judge", {"verdicts": [verdict]}).then_nothing()


def test_what_was_never_made_cannot_be_judged() -> None:
    given(DECISION).when(
        "judge", {"verdicts": [{"verdict": "accepted", "command": "npc.speak"}]}
    ).then_rejected(Code.INVALID_STATE_TRANSITION, "decision")


def test_a_recorded_question_can_be_asked_again_and_has_the_same_key() -> None:
    again = asked(MADE.agent, MADE.purpose, MADE.ask)
    assert again.messages == ASK.messages
    assert again.key() == ASK.key()


def test_the_id_of_a_decision_depends_on_its_cause_and_purpose_alone() -> None:
    assert decision_id("commit-1", "dialogue") == decision_id("commit-1", "dialogue")
    assert decision_id("commit-1", "dialogue") != decision_id("commit-1", "decide_action")


def test_a_provider_and_an_agent_are_switched_by_commits_and_only_when_it_changes_something() -> None:
    for decider, changed in ((PROVIDER, ProviderStatusChanged), (AGENT, AgentStatusChanged)):
        given(decider).when("set_status", {"enabled": True}).then(changed(True))
        given(decider, changed(True)).when("set_status", {"enabled": True}).then_nothing()
        given(decider, changed(True)).when("set_status", {"enabled": False}).then(changed(False))


def test_two_commands_of_one_name_are_judged_each() -> None:
    first = DecisionJudged("accepted", "faction.event", 9, command_id="agents/1/faction.event/1")
    second = {"verdict": "refused", "command": "faction.event", "command_id": "agents/1/faction.event/2"}
    then = DecisionJudged("refused", "faction.event", command_id="agents/1/faction.event/2")
    given(DECISION, MADE, first).when("judge", {"verdicts": [second]}).then(then)
    given(DECISION, MADE, first, then).when("judge", {"verdicts": [second]}).then_nothing()


def test_verdicts_on_one_proposal_may_come_together_and_what_is_known_of_them_is_left_out() -> None:
    first = DecisionJudged("accepted", "request.complete", 8, command_id="agents/1/complete")
    both = [
        {
            "verdict": "accepted",
            "command": "request.complete",
            "position": 8,
            "command_id": "agents/1/complete",
        },
        {"verdict": "accepted", "command": "npc.speak", "position": 9, "command_id": "agents/1/speak"},
    ]
    then = DecisionJudged("accepted", "npc.speak", 9, command_id="agents/1/speak")
    given(DECISION, MADE).when("judge", {"verdicts": both}).then(first, then)
    given(DECISION, MADE, first).when("judge", {"verdicts": both}).then(then)


def test_neither_a_player_nor_a_model_may_switch_providers_and_agents() -> None:
    for decider in (PROVIDER, AGENT):
        for actor in (Actor("player", "150001"), Actor("agent", "npc_intelligence")):
            stranger = Given(decider, actor=actor)
            stranger.when("set_status", {"enabled": True}).then_rejected(Code.AUTHENTICATION_FAILED)
