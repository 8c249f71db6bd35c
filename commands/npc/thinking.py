"""What an NPC decides by utility: its next action, what it makes of a situation, whom it picks (§2.2.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, SkipValidation, StringConstraints

from commands.arguments import Name, Text
from commands.codes import Code
from commands.decider import Context, Need
from commands.mind.decide import answer_of, decide
from commands.mind.evaluate import evaluate
from commands.mind.situation import Situation, read_situation
from commands.mind.target import choose_target, read_candidates
from commands.npc.insight import basis, character, ground, ground_of, mind_of
from commands.npc.state import NpcState
from commands.rejection import Rejected
from events.commit import Event
from events.npc import NpcDecided, NpcReconsidered

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


@dataclass(frozen=True, slots=True)
class Reconsider:
    """Proposed by a model: `choice` instead of what the command `decision` decided. See `NpcReconsidered`."""

    decision: Annotated[str, StringConstraints(min_length=1, max_length=512)]
    choice: Name
    reason: Text = ""
    advice: Text = ""


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


def reconsider(state: NpcState, command: Reconsider, context: Context) -> tuple[Event, ...]:
    """Another choice of the recorded table; nothing, when it is the one that was made.

    Raises `Rejected` and leaves the decision as it is: -203 when the NPC has decided something else since, or nothing
    was left to choose; -101 for an action that is not among the recorded choices (invented, or ruled out); -105
    for one that is too far behind the best.
    """
    considered = state.considered
    if considered is None or considered.command_id != command.decision:
        raise Rejected(
            Code.INVALID_STATE_TRANSITION,
            "decision: it is not the NPC's latest, or was thought over already",
            field="decision",
        )
    best = considered.choices[0]
    chosen = next((choice for choice in considered.choices if choice.activity == command.choice), None)
    if chosen is None:
        raise Rejected(Code.INVALID_PARAMETER, "choice: it was not among the choices", field="choice")
    if chosen is best:
        return ()
    if best.score - chosen.score > context.rules.actions.deliberation.margin:
        raise Rejected(
            Code.PARAMETER_OUT_OF_RANGE, "choice: it is too far behind the best choice", field="choice"
        )
    return (
        NpcReconsidered(
            command.decision,
            chosen.activity,
            best.activity,
            answer_of(chosen),
            chosen.score,
            best.score,
            command.reason,
            command.advice,
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
