"""What may happen to one NPC, and what it decides.

Specification: `native-script-commands.md` §2.2. One module per part of its life; this one puts them together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from commands.codes import Code
from commands.decider import Context, Decider, Verb
from commands.npc import dealing, encounters, life, questing, rumours, thinking
from commands.npc.life import IDENTICAL_REREGISTRATION
from commands.npc.state import NpcState, evolve
from commands.profile import not_understood
from commands.rejection import Rejected
from events.commit import Commit, Event, Json
from events.npc import (
    NpcBargained,
    NpcDecided,
    NpcFactionJoined,
    NpcFactionLeft,
    NpcInteracted,
    NpcProfileUpdated,
    NpcQuestOffered,
    NpcReconsidered,
    NpcRegistered,
    NpcUnregistered,
)

_RULES: Mapping[type[Any], Callable[[NpcState, Any, Context], tuple[Event, ...]]] = {
    life.Unregister: life.unregister,
    life.UpdateProfile: life.update_profile,
    life.JoinFaction: life.join_faction,
    life.LeaveFaction: life.leave_faction,
    encounters.Notice: encounters.notice,
    encounters.Interact: encounters.interact,
    encounters.Speak: encounters.speak,
    rumours.Hear: rumours.hear,
    thinking.DecideAction: thinking.decide_action,
    thinking.Reconsider: thinking.reconsider,
    thinking.EvaluateSituation: thinking.evaluate_situation,
    thinking.ChooseTarget: thinking.choose,
    dealing.Trade: dealing.trade,
    questing.OfferQuest: questing.offer,
}


def decide(state: NpcState, command: Any, context: Context) -> tuple[Event, ...]:
    """Raises `Rejected`: `-100` for a second registration, `-200` for anything on an unregistered NPC."""
    if isinstance(command, life.Register):
        return life.register(state, command, context)
    if not state.registered:
        raise Rejected(
            Code.NPC_NOT_FOUND,
            f"npc_id: no NPC {context.entity!r} is registered. Register it first.",
            field="npc_id",
        )
    return _RULES[type(command)](state, command, context)


def reply(commit: Commit) -> Json:
    """The `data` of the answer (`facts/zmq-operations.md` "Operations"), from the event that tells most."""
    for event in commit.events:
        match event:
            case NpcRegistered() if unknown := not_understood(event.profile):
                return {
                    "npc_id": commit.entity,
                    "version": commit.version,
                    "unknown_fields": list(unknown),
                }
            case NpcRegistered() | NpcFactionJoined() | NpcFactionLeft():
                return {"npc_id": commit.entity, "version": commit.version}
            case NpcUnregistered():
                return {"npc_id": commit.entity}
            case NpcProfileUpdated():
                listed = list(event.unknown_fields)
                return {"npc_id": commit.entity, "version": commit.version, "unknown_fields": listed}
            case NpcInteracted():
                return _interaction(event, commit)
            case NpcDecided() | NpcReconsidered() | NpcQuestOffered():
                return event.answer
            case NpcBargained() if len(commit.events) == 1:
                return event.answer
    return {}


def code(commit: Commit) -> int:
    """Fields of a profile that nobody understands are kept, and said to be."""
    odd = any(
        (isinstance(event, NpcProfileUpdated) and event.unknown_fields)
        or (isinstance(event, NpcRegistered) and not_understood(event.profile))
        for event in commit.events
    )
    return Code.SUCCESS_WITH_WARNINGS if odd else Code.SUCCESS


def _interaction(event: NpcInteracted, commit: Commit) -> Json:
    relationship = {"target_id": event.player_id, **event.relationship, "interactions": event.interactions}
    answer: Json = {"accepted": event.accepted, "reaction": event.reaction, "relationship": relationship}
    dealt = next((e.answer for e in commit.events if isinstance(e, NpcBargained)), None)
    return answer if dealt is None else answer | {"trade": dealt}


def _unchanged(state: NpcState, context: Context) -> Json:
    return {"npc_id": context.entity, "version": state.version}


NPC: Decider[NpcState] = Decider(
    category="npc",
    state=NpcState,
    initial=NpcState(),
    verbs={
        "register": Verb(life.Register, free=True, creates=True),
        "unregister": Verb(life.Unregister),
        "update_profile": Verb(life.UpdateProfile, free=True),
        "join_faction": Verb(life.JoinFaction),
        "leave_faction": Verb(life.LeaveFaction),
        "event": Verb(encounters.Notice),
        "interact": Verb(encounters.Interact, needs=encounters.needs),
        "speak": Verb(encounters.Speak),
        "hear": Verb(rumours.Hear, needs=rumours.needs),
        "decide_action": Verb(thinking.DecideAction, needs=thinking.needs),
        "reconsider": Verb(thinking.Reconsider),
        "evaluate_situation": Verb(thinking.EvaluateSituation, needs=thinking.needs),
        "choose_target": Verb(thinking.ChooseTarget, needs=thinking.needs),
        "trade": Verb(dealing.Trade, needs=dealing.needs),
        "quest_offer": Verb(questing.OfferQuest, needs=questing.needs),
    },
    evolve=evolve,
    decide=decide,
    reply=reply,
    code=code,
    unchanged=_unchanged,
)

__all__ = ["IDENTICAL_REREGISTRATION", "NPC", "NpcState"]
