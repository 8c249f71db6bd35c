"""What an NPC decides by utility: its next action, what it makes of a situation, whom it picks (§2.2.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from commands.decider import Context, Need
from commands.mind.decide import decide
from commands.mind.evaluate import evaluate
from commands.mind.situation import Situation, read_situation
from commands.mind.target import choose_target, read_candidates
from commands.npc.insight import basis, character, ground, ground_of, mind_of
from commands.npc.state import NpcState
from events.commit import Event, Json
from events.npc import NpcDecided

MAX_PEOPLE = 64
"""People whose relationship to the NPC is looked up for one decision: the closest ones."""


@dataclass(frozen=True, slots=True)
class DecideAction:
    situation: Any = None


@dataclass(frozen=True, slots=True)
class EvaluateSituation:
    situation: Any = None


@dataclass(frozen=True, slots=True)
class ChooseTarget:
    candidates: Any = None
    situation: Any = None


Thought = DecideAction | EvaluateSituation | ChooseTarget


def needs(state: NpcState, command: Thought, npc_id: str) -> tuple[Need, ...]:
    """Raises `Rejected` when the situation cannot be read."""
    situation = read_situation(command.situation)
    beings = read_candidates(command.candidates, situation)[0] if isinstance(command, ChooseTarget) else ()
    people = dict.fromkeys(being.id for being in (*beings, *situation.beings))
    return mind_of(state, npc_id, *list(people)[:MAX_PEOPLE]) + ground_of(state)


def decide_action(state: NpcState, command: DecideAction, context: Context) -> tuple[Event, ...]:
    """Raises `Rejected` when the situation cannot be read; with nothing better to do the NPC idles."""
    rules = context.rules
    situation = read_situation(command.situation)
    decision = decide(
        character(state, context), situation, rules.actions, rules.goals, context.command_id, ground(context)
    )
    return (
        NpcDecided(
            "decide_action",
            _question(command.situation),
            decision.answer(),
            decision.record(),
            basis(state, context, decision.target_id),
            decision.activity,
        ),
    )


def evaluate_situation(state: NpcState, command: EvaluateSituation, context: Context) -> tuple[Event, ...]:
    """Raises `Rejected` when the situation cannot be read."""
    rules = context.rules
    situation = read_situation(command.situation)
    judged = evaluate(
        character(state, context), situation, rules.actions, rules.goals, context.command_id, ground(context)
    )
    question = _question(command.situation)
    return (
        NpcDecided("evaluate_situation", question, judged.answer(), judged.record(), basis(state, context)),
    )


def choose(state: NpcState, command: ChooseTarget, context: Context) -> tuple[Event, ...]:
    """Raises `Rejected` when candidates or situation cannot be read, or there are no candidates."""
    rules = context.rules
    situation: Situation = read_situation(command.situation)
    beings, notices = read_candidates(command.candidates, situation)
    choice = choose_target(
        character(state, context), beings, situation, rules.actions, context.command_id, notices
    )
    answer = choice.answer()
    return (
        NpcDecided(
            "choose_target",
            _question(command.situation),
            answer,
            choice.record(),
            basis(state, context, str(answer.get("target_id", ""))),
        ),
    )


def _question(situation: Any) -> Json:
    # The command's arguments keep the question as it was sent; the event keeps what is needed to read it.
    return situation if isinstance(situation, dict) and len(str(situation)) <= 2000 else {}
