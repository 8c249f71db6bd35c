"""Quests: whether an NPC offers one (`ai_npc_quest_offer`), and the steps a player takes (`interact` quest)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from commands.arguments import Id, Name
from commands.codes import Code
from commands.decider import Context, Need
from commands.mind.curves import UNIT
from commands.mind.quest_offer import offer_quest, read_level
from commands.mind.quest_templates import MAX_LEVEL
from commands.mind.quests import QuestChange, decide_step, expiries
from commands.npc.insight import basis, character, mind_of
from commands.npc.state import NpcState
from commands.rejection import Rejected
from events.commit import Event, microseconds
from events.npc import NpcQuestChanged, NpcQuestOffered


@dataclass(frozen=True, slots=True)
class OfferQuest:
    """`ai_npc_quest_offer`, and `ai_generate_quest` with the last three: the name of the only template that counts, the
    greatest difficulty in whole numbers (0: any), and the level above which the quest must not be."""

    player_id: Id
    player_level: Any = None
    template: Name | None = None
    difficulty: Annotated[int, Field(ge=0, le=5)] = 0
    reward_level: Annotated[int, Field(ge=1, le=MAX_LEVEL)] | None = None


def needs(state: NpcState, command: OfferQuest, npc_id: str) -> tuple[Need, ...]:
    return mind_of(state, npc_id, command.player_id)


def offer(state: NpcState, command: OfferQuest, context: Context) -> tuple[Event, ...]:
    """Quests that ran out of time are closed on the way. Raises `Rejected` for a level that is no level and
    for a template that is not in the book."""
    at, player = microseconds(context.at), command.player_id
    level = _level(command.player_level, context)
    if command.reward_level is not None:
        level = min(level, command.reward_level)
    if command.template is not None and context.rules.quests.called(command.template) is None:
        raise Rejected(
            Code.INVALID_PARAMETER, f"template: there is no quest {command.template!r}", field="template"
        )
    history = state.quests.get(player, ())
    offered = offer_quest(
        character(state, context),
        player,
        level,
        history,
        context.rules.quests,
        context.rules.goals,
        context.command_id,
        at,
        state.profile.location.map or "",
        command.template or "",
        command.difficulty * UNIT,
    )
    expired = tuple(_change(player, change) for change in expiries(history, at))
    record = offered.record()
    return (
        *expired,
        NpcQuestOffered(player, record.pop("quest"), offered.answer(), record, basis(state, context, player)),
    )


def step(state: NpcState, player_id: str, data: Mapping[str, Any], context: Context) -> tuple[Event, ...]:
    """What a step does to a quest this NPC gave the player; no events when it has had its effect already.

    Raises `Rejected`: `-104` without a quest id, `-101` for a quest the NPC never gave, and what
    `quests.decide_step` raises.
    """
    quest_id = data.get("quest_id")
    if not isinstance(quest_id, str) or not quest_id:
        raise Rejected(Code.MISSING_REQUIRED_FIELD, "quest_id: this field is required", field="quest_id")
    quest = next((q for q in state.quests.get(player_id, ()) if q.quest_id == quest_id), None)
    if quest is None:
        raise Rejected(
            Code.INVALID_PARAMETER,
            f"quest_id: the NPC gave this player no quest {quest_id[:64]!r}",
            field="quest_id",
        )
    changes = decide_step(quest, str(data.get("step", "")), microseconds(context.at), data)
    return tuple(_change(player_id, change) for change in changes)


def _change(player_id: str, change: QuestChange) -> NpcQuestChanged:
    return NpcQuestChanged(player_id, change.quest_id, change.type, change.at, change.objective, change.done)


def _level(value: Any, context: Context) -> int:
    # The game server's word for the player's level beats the script's claim.
    if context.actor.kind == "player" and context.actor.trusted and "level" in context.actor.details:
        value = context.actor.details["level"]
    return read_level(value)
