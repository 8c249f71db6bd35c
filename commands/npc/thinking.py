"""What an NPC decides by utility: its next action, what it makes of a situation, whom it picks (§2.2.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, SkipValidation

from commands.decider import Context, Need
from commands.mind.decide import decide
from commands.mind.evaluate import evaluate
from commands.mind.situation import Situation, read_situation
from commands.mind.target import choose_target, read_candidates
from commands.npc.insight import basis, character, ground, ground_of, mind_of
from commands.npc.state import NpcState
from events.commit import Event
from events.npc import NpcDecided

MAX_PEOPLE = 64
"""People whose relationship to the NPC is looked up for one decision: the closest ones."""


Seen = Annotated[SkipValidation[Situation], BeforeValidator(read_situation)]
"""A situation in whatever form a script sent it; reading it may raise `Rejected`."""

NOTHING_SEEN = read_situation(None)


@dataclass(frozen=True, slots=True)
class DecideAction:
    situation: Seen = NOTHING_SEEN


@dataclass(frozen=True, slots=True)
class EvaluateSituation:
    situation: Seen = NOTHING_SEEN


@dataclass(frozen=True, slots=True)
class ChooseTarget:
    candidates: Any = None
    situation: Seen = NOTHING_SEEN


Thought = DecideAction | EvaluateSituation | ChooseTarget


def needs(state: NpcState, command: Thought, npc_id: str) -> tuple[Need, ...]:
    """Raises `Rejected` when the candidates cannot be read."""
    situation = command.situation
    beings = read_candidates(command.candidates, situation)[0] if isinstance(command, ChooseTarget) else ()
    people = dict.fromkeys(being.id for being in (*beings, *situation.beings))
    return mind_of(state, npc_id, *list(people)[:MAX_PEOPLE]) + ground_of(state)


def decide_action(state: NpcState, command: DecideAction, context: Context) -> tuple[Event, ...]:
    """With nothing better to do the NPC idles."""
    rules = context.rules
    decision = decide(
        character(state, context),
        command.situation,
        rules.actions,
        rules.goals,
        context.command_id,
        ground(context),
    )
    return (
        NpcDecided(
            "decide_action",
            decision.answer(),
            decision.record(),
            basis(state, context, decision.target_id),
            decision.activity,
        ),
    )


def evaluate_situation(state: NpcState, command: EvaluateSituation, context: Context) -> tuple[Event, ...]:
    rules = context.rules
    judged = evaluate(
        character(state, context),
        command.situation,
        rules.actions,
        rules.goals,
        context.command_id,
        ground(context),
    )
    return (NpcDecided("evaluate_situation", judged.answer(), judged.record(), basis(state, context)),)


def choose(state: NpcState, command: ChooseTarget, context: Context) -> tuple[Event, ...]:
    """Raises `Rejected` when the candidates cannot be read, or there are none."""
    rules = context.rules
    beings, notices = read_candidates(command.candidates, command.situation)
    choice = choose_target(
        character(state, context), beings, command.situation, rules.actions, context.command_id, notices
    )
    answer = choice.answer()
    return (
        NpcDecided(
            "choose_target",
            answer,
            choice.record(),
            basis(state, context, str(answer.get("target_id", ""))),
        ),
    )
