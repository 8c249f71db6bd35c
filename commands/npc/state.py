"""What is known of one NPC while deciding, and how each event changes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from commands.mind.decide import Choice, choice_from_json
from commands.mind.quests import Quest, QuestChange, evolve_quest, quest_from_json
from events.commit import Event, Recorded
from events.npc import (
    NpcBargained,
    NpcDecided,
    NpcFactionJoined,
    NpcFactionLeft,
    NpcGoalsChanged,
    NpcHeard,
    NpcInteracted,
    NpcProfileUpdated,
    NpcQuestChanged,
    NpcQuestOffered,
    NpcReconsidered,
    NpcRegistered,
    NpcSpoke,
    NpcStockChanged,
    NpcUnregistered,
    Profile,
)

MAX_LISTENERS = 100
REMEMBERED_LINES = 8
"""Enough of the last lines to each player to speak with variety."""

MAX_ACQUAINTANCES = 1000
"""Players whose interactions a decision remembers; the read model keeps them all."""

MAX_QUESTERS = 500
MAX_QUESTS = 50
"""Quests remembered per player: open ones are never forgotten, closed ones the oldest first."""

REMEMBERED_ACTIONS = 8
REMEMBERED_STORIES = 64
"""Events told about that are recognised when somebody else tells them, too."""


@dataclass(frozen=True, slots=True)
class Considered:
    """The latest decision on what to do, as far as it may be thought over: by which command, and what could be chosen
    instead of the first."""

    command_id: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class NpcState:
    """`felt` is the position of the last commit that may have moved the NPC's mind; `interactions` counts by
    player, the most recent last; `lines` are the templates last used towards each player, newest last; `quests`
    are those given to each player; `actions` are the latest activities, newest first; `registrations` counts
    lives; `heard` are the events it was told about, newest last; `considered` is its latest decision while it may be
    thought over.
    """

    registered: bool = False
    version: int = 0
    felt: int = 0
    profile: Profile = field(default_factory=Profile)
    factions: tuple[str, ...] = ()
    interactions: Mapping[str, int] = field(default_factory=dict)
    lines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    quests: Mapping[str, tuple[Quest, ...]] = field(default_factory=dict)
    actions: tuple[str, ...] = ()
    registrations: int = 0
    heard: tuple[tuple[int, int], ...] = ()
    considered: Considered | None = None


def evolve(state: NpcState, event: Event, recorded: Recorded) -> NpcState:
    if isinstance(event, NpcRegistered):
        lives = state.registrations + 1
        return NpcState(True, recorded.commit.version, recorded.position, event.profile, registrations=lives)
    version = recorded.commit.version
    if isinstance(event, NpcDecided | NpcReconsidered | NpcBargained | NpcQuestOffered | NpcQuestChanged):
        return _decided(replace(state, version=version), event, recorded.commit.command.id)
    return _lived(replace(state, version=version, felt=recorded.position), event)


def _decided(state: NpcState, event: Event, command_id: str) -> NpcState:
    """Decisions are remembered but move no feelings: the mind need not be read again after them."""
    match event:
        case NpcDecided() if event.activity:
            actions = (event.activity, *state.actions)[:REMEMBERED_ACTIONS]
            # Commits of earlier releases hold no choices: those decisions stand.
            choices = tuple(map(choice_from_json, event.record.get("choices", ())))
            considered = Considered(command_id, choices) if len(choices) > 1 else None
            return replace(state, actions=actions, considered=considered)
        case NpcReconsidered():
            return replace(state, actions=(event.activity, *state.actions[1:]), considered=None)
        case NpcQuestOffered():
            return replace(state, quests=_offered(state.quests, event))
        case NpcQuestChanged():
            return replace(state, quests=_changed(state.quests, event))
        case _:
            return state


def _lived(state: NpcState, event: Event) -> NpcState:
    match event:
        case NpcUnregistered():
            return replace(state, registered=False)
        case NpcProfileUpdated():
            return replace(state, profile=event.profile)
        case NpcGoalsChanged():
            return replace(state, profile=replace(state.profile, goals=event.goals))
        case NpcStockChanged():
            extra = event.applied(state.profile.extra)
            return replace(state, profile=replace(state.profile, extra=extra))
        case NpcFactionJoined() if event.faction_id not in state.factions:
            return replace(state, factions=(*state.factions, event.faction_id))
        case NpcFactionLeft():
            return replace(state, factions=tuple(f for f in state.factions if f != event.faction_id))
        case NpcInteracted():
            return replace(state, interactions=_met(state.interactions, event.player_id))
        case NpcHeard():
            heard = (*state.heard, (event.position, event.index))
            return replace(state, heard=heard[-REMEMBERED_STORIES:])
        case NpcSpoke():
            met = _met(state.interactions, event.player_id)
            return replace(state, interactions=met, lines=_said(state.lines, event))
        case _:
            return state


def _met(interactions: Mapping[str, int], player_id: str) -> dict[str, int]:
    known = dict(interactions)
    count = known.pop(player_id, 0)
    if len(known) >= MAX_ACQUAINTANCES:
        del known[next(iter(known))]
    known[player_id] = count + 1
    return known


def _said(lines: Mapping[str, tuple[str, ...]], event: NpcSpoke) -> dict[str, tuple[str, ...]]:
    known = dict(lines)
    said = known.pop(event.player_id, ())
    if event.template is not None:
        if len(known) >= MAX_LISTENERS:
            del known[next(iter(known))]
        known[event.player_id] = (*said, event.template)[-REMEMBERED_LINES:]
    return known


def _offered(
    quests: Mapping[str, tuple[Quest, ...]], event: NpcQuestOffered
) -> Mapping[str, tuple[Quest, ...]]:
    if event.quest is None:
        return quests
    known = dict(quests)
    mine = (*known.pop(event.player_id, ()), quest_from_json(event.quest))
    while len(mine) > MAX_QUESTS:
        oldest = next((quest for quest in mine if not quest.is_open), mine[0])
        mine = tuple(quest for quest in mine if quest is not oldest)
    if len(known) >= MAX_QUESTERS:
        del known[next(iter(known))]
    known[event.player_id] = mine
    return known


def _changed(quests: Mapping[str, tuple[Quest, ...]], event: NpcQuestChanged) -> dict[str, tuple[Quest, ...]]:
    change = QuestChange(event.change, event.quest_id, event.at, event.objective, event.done)
    mine = tuple(
        evolve_quest(quest, change) if quest.quest_id == event.quest_id else quest
        for quest in quests.get(event.player_id, ())
    )
    return {**quests, event.player_id: mine}
