"""From the events of the log to what a mind appraises: the kind of happening, who did it, what is known of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from commands.mind.happening import TELLER, GameEvent
from commands.mind.rules import AppraisalRules, interaction_kind, talk_kind
from events.commit import Event
from events.faction import FactionEventOccurred
from events.npc import (
    NpcGoalsChanged,
    NpcHeard,
    NpcInteracted,
    NpcPerceived,
    NpcQuestChanged,
    NpcSpoke,
)
from events.world import WorldEventOccurred
from projections.projection import Entry

MILLION = 1_000_000
_new: Final = tuple.__new__
"""As in `commands.mind.affect`."""
QUEST = "quest"

_QUEST_STEPS = {
    "accepted": "quest_accepted",
    "progressed": "quest_progress",
    "completed": "quest_completed",
    "abandoned": "quest_abandoned",
    "expired": "quest_failed",
}

Happenings = Iterable[GameEvent]


def happenings(rules: AppraisalRules, event: Event, entry: Entry) -> list[GameEvent]:
    """What `event` is to a mind: nothing, when the appraisal table does not know it; seldom more than one."""
    read = _READERS.get(type(event))
    if read is None:
        return []
    return [it for it in read(rules, event, entry) if rules.row(it.kind, it.data) is not None]


def _perceived(_: AppraisalRules, event: NpcPerceived, entry: Entry) -> Happenings:
    # Only a vouched identity overrules what the data say about who did it.
    agent = event.subject if event.subject and entry.commit.actor.trusted else ""
    return (_new(GameEvent, (event.event_type, entry.at, entry.position, event.event_data, agent)),)


def _interacted(rules: AppraisalRules, event: NpcInteracted, entry: Entry) -> Happenings:
    if event.intent:
        data = {**event.data, "intent": event.intent}
        kind = talk_kind(rules, event.intent)
        return (GameEvent(kind, entry.at, entry.position, data, event.player_id),)
    kind = interaction_kind(rules, event.interaction_type, accepted=event.accepted)
    return (_new(GameEvent, (kind, entry.at, entry.position, event.data, event.player_id)),)


def _spoke(rules: AppraisalRules, event: NpcSpoke, entry: Entry) -> Happenings:
    kind = talk_kind(rules, event.intent)
    data = {"intent": event.intent}
    return (_new(GameEvent, (kind, entry.at, entry.position, data, event.player_id)),)


def _heard(_: AppraisalRules, event: NpcHeard, entry: Entry) -> Happenings:
    # The teller is not named again: how far it is trusted is part of the reliability already.
    data = {name: value for name, value in event.data.items() if name not in TELLER}
    data |= {"event": event.kind, "reliability": event.reliability / MILLION}
    data |= {key: value for key, value in (("actor", event.actor), ("victim", event.victim)) if value}
    return (GameEvent("hearsay", entry.at, entry.position, data),)


def _quest_changed(_: AppraisalRules, event: NpcQuestChanged, entry: Entry) -> Happenings:
    # A player's step is recorded as an interaction, too: felt once.
    for other in entry.commit.events:
        if type(other) is NpcInteracted and other.interaction_type == QUEST:
            return ()
    kind = _QUEST_STEPS.get(event.change, "")
    data = {"quest_id": event.quest_id}
    return (GameEvent(kind, entry.at, entry.position, data, event.player_id),)


def _goals_changed(_: AppraisalRules, event: NpcGoalsChanged, entry: Entry) -> Happenings:
    return [
        GameEvent(
            "goal_progress",
            entry.at,
            entry.position,
            {"goal": change.get("goal"), "progress": change["after"] / MILLION},
        )
        for change in event.changes
        if isinstance(change.get("after"), int)
    ]


def _of_many(_: AppraisalRules, event: Any, entry: Entry) -> Happenings:
    return (GameEvent(event.event_type, entry.at, entry.position, event.event_data),)


_READERS: dict[type[Any], Callable[[AppraisalRules, Any, Entry], Happenings]] = {
    NpcPerceived: _perceived,
    NpcInteracted: _interacted,
    NpcSpoke: _spoke,
    NpcHeard: _heard,
    NpcQuestChanged: _quest_changed,
    NpcGoalsChanged: _goals_changed,
    WorldEventOccurred: _of_many,
    FactionEventOccurred: _of_many,
}
