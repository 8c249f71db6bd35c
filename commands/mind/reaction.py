"""One event, one NPC: appraisal, affect and relationships in one step. This is what a projection's fold
calls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Final, NamedTuple

from commands.mind.affect import AffectState, feel
from commands.mind.appraisal import STRANGER, Appraisal, Regard, appraise
from commands.mind.emotion import Felt
from commands.mind.happening import GameEvent
from commands.mind.outlook import Outlook
from commands.mind.relationship import RelationState, affected, come_to, first_impression, regard_at
from commands.mind.rules import AppraisalRules

_target: Final = itemgetter(Felt._fields.index("target"))
_new: Final = tuple.__new__
"""As in `affect`."""


class Reaction(NamedTuple):
    """What an event changed in an NPC: the new affective state, the relationships that changed, and why."""

    affect: AffectState
    relations: dict[str, RelationState]
    appraisal: Appraisal


def react(
    rules: AppraisalRules,
    outlook: Outlook,
    affect: AffectState,
    relations: Mapping[str, RelationState],
    event: GameEvent,
    faction_of: Callable[[str], str] | None = None,
) -> Reaction:
    """The NPC of ``outlook`` after ``event``.

    ``relations`` holds its relationships by target id; a target met for the first time begins with the first
    impression of the faction ``faction_of`` names ("" for none). Only changed relationships are returned.
    Events of one instant may come in any order: each is appraised from the state before the instant.
    """

    at = event.at
    met: dict[str, RelationState] = {}

    def relation(target: str) -> RelationState:
        found = met.get(target)
        if found is None:
            known = relations.get(target)
            if known is None:
                if target.startswith("faction/"):
                    known = first_impression(outlook, target[8:])
                else:
                    known = first_impression(outlook, faction_of(target) if faction_of is not None else "")
            found = met[target] = come_to(known, at)
        return found

    def regard(target: str) -> Regard:
        return regard_at(relation(target), at) if target else STRANGER

    appraisal = appraise(rules, outlook, affect, regard, event)
    if not (appraisal.felt or appraisal.agent or appraisal.beliefs):
        return Reaction(affect, {}, appraisal)
    changed = {}
    for target in {appraisal.agent, *map(_target, appraisal.felt)}:
        if target and target != outlook.npc_id:
            before = relation(target)
            after = affected(before, appraisal, target, at, event.position)
            if after is not before:
                changed[target] = after
    return _new(Reaction, (feel(affect, appraisal.felt, at, appraisal.beliefs), changed, appraisal))
