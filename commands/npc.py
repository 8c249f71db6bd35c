"""What may happen to one NPC: its life cycle, what it notices, what players do with it, its factions.

Specification: `native-script-commands.md` §2.2.1, §2.2.2, §2.2.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from commands.arguments import Id, JsonObject, Name, Text
from commands.codes import Code
from commands.decider import Context, Decider, Verb
from commands.profile import changed_profile, faction_of, new_profile, unknown_fields
from commands.reaction import react
from commands.rejection import Rejected
from events.commit import Commit, Event, Json, Recorded
from events.npc import (
    NpcFactionJoined,
    NpcFactionLeft,
    NpcInteracted,
    NpcPerceived,
    NpcProfileUpdated,
    NpcRegistered,
    NpcSpoke,
    NpcUnregistered,
    Profile,
)

IDENTICAL_REREGISTRATION = "identical_reregistration_succeeds"
"""The switch that makes registering the same profile again a success instead of `-100`."""

MAX_LISTENERS = 100
REMEMBERED_LINES = 8
"""Enough of the last lines to each player to speak with variety."""

MAX_ACQUAINTANCES = 1000
"""Players whose interactions a decision remembers; the read model keeps them all."""


@dataclass(frozen=True, slots=True)
class NpcState:
    """`interactions` counts by player, the most recent last; `lines` are the templates last used towards each
    player, newest last; `registrations` counts lives.
    """

    registered: bool = False
    version: int = 0
    profile: Profile = field(default_factory=Profile)
    factions: tuple[str, ...] = ()
    interactions: Mapping[str, int] = field(default_factory=dict)
    lines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    registrations: int = 0


@dataclass(frozen=True, slots=True)
class Register:
    """`ai_npc_register`; `args` holds the profile's fields as they were sent."""

    args: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unregister:
    pass


@dataclass(frozen=True, slots=True)
class UpdateProfile:
    """`ai_npc_update_profile`; `args` holds the fields to change."""

    args: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notice:
    """`ai_npc_event`."""

    event_type: Name
    event_data: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Interact:
    """`ai_npc_interact`."""

    interaction_type: Name
    player_id: Id
    data: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JoinFaction:
    faction_id: Id
    rank: Name = "member"


@dataclass(frozen=True, slots=True)
class LeaveFaction:
    faction_id: Id


@dataclass(frozen=True, slots=True)
class Speak:
    """Recorded by the dialogue agent after its answer became the outcome of a request."""

    player_id: Id
    message: Text
    response: Text
    emotion: Name
    action: Name
    method: Name
    intent: Name
    template: str | None = None
    memories: tuple[int, ...] = ()
    request_id: str | None = None


def evolve(state: NpcState, event: Event, recorded: Recorded) -> NpcState:
    version = recorded.commit.version
    match event:
        case NpcRegistered():
            return NpcState(True, version, event.profile, registrations=state.registrations + 1)
        case NpcUnregistered():
            return replace(state, registered=False, version=version)
        case NpcProfileUpdated():
            return replace(state, profile=event.profile, version=version)
        case NpcFactionJoined() if event.faction_id not in state.factions:
            return replace(state, factions=(*state.factions, event.faction_id), version=version)
        case NpcFactionLeft():
            left = tuple(f for f in state.factions if f != event.faction_id)
            return replace(state, factions=left, version=version)
        case NpcInteracted():
            return replace(state, interactions=_met(state.interactions, event.player_id), version=version)
        case NpcSpoke():
            met = _met(state.interactions, event.player_id)
            return replace(state, interactions=met, lines=_said(state.lines, event), version=version)
        case _:
            return replace(state, version=version)


def decide(state: NpcState, command: Any, context: Context) -> tuple[Event, ...]:
    """Raises `Rejected`: `-100` for a second registration, `-200` for anything on an unregistered NPC."""
    if isinstance(command, Register):
        return _register(state, command, context)
    if not state.registered:
        raise Rejected(
            Code.NPC_NOT_FOUND,
            f"npc_id: no NPC {context.entity!r} is registered. Register it first.",
            field="npc_id",
        )
    match command:
        case Unregister():
            return (NpcUnregistered(),)
        case UpdateProfile():
            return _update(state, command)
        case Notice():
            return (NpcPerceived(command.event_type, command.event_data, _subject(command, context)),)
        case Interact():
            met = state.interactions.get(command.player_id, 0) + 1
            reaction = react(command.interaction_type, state.profile)
            return (
                NpcInteracted(
                    command.player_id,
                    command.interaction_type,
                    command.data,
                    True,
                    reaction,
                    interactions=met,
                ),
            )
        case JoinFaction():
            if command.faction_id in state.factions:
                return ()
            return (NpcFactionJoined(command.faction_id, command.rank),)
        case LeaveFaction():
            if command.faction_id not in state.factions:
                raise Rejected(
                    Code.INVALID_STATE_TRANSITION, "faction_id: the NPC is not a member", field="faction_id"
                )
            return (NpcFactionLeft(command.faction_id),)
        case Speak():
            return (
                NpcSpoke(
                    command.player_id,
                    command.message,
                    command.response,
                    command.emotion,
                    command.action,
                    command.method,
                    command.intent,
                    command.template,
                    command.memories,
                    command.request_id,
                ),
            )
    raise TypeError(f"not a command of an NPC: {command!r}")


def _register(state: NpcState, command: Register, context: Context) -> tuple[Event, ...]:
    profile, faction = new_profile(command.args), faction_of(command.args)
    if state.registered:
        same = profile == state.profile and (not faction or faction in state.factions)
        if same and IDENTICAL_REREGISTRATION in context.switches:
            return ()
        raise Rejected(
            Code.ALREADY_EXISTS,
            "npc_id: this NPC is already registered. Use it, change it with update_profile, or unregister it first.",
            field="npc_id",
        )
    joined = (NpcFactionJoined(faction),) if faction else ()
    return (NpcRegistered(profile), *joined)


def _update(state: NpcState, command: UpdateProfile) -> tuple[Event, ...]:
    profile, faction = changed_profile(state.profile, command.args), faction_of(command.args)
    changed = tuple(
        name
        for name in Profile.__dataclass_fields__
        if getattr(profile, name) != getattr(state.profile, name)
    )
    membership: tuple[Event, ...] = ()
    if faction is not None and (faction,) != state.factions:
        left = tuple(NpcFactionLeft(other) for other in state.factions if other != faction)
        membership = left + (
            (NpcFactionJoined(faction),) if faction and faction not in state.factions else ()
        )
    return (NpcProfileUpdated(profile, changed, unknown_fields(command.args)), *membership)


def _subject(command: Notice, context: Context) -> str | None:
    """Whom an event is about: the trusted player, else whoever its data claims."""
    if context.actor.kind == "player" and context.actor.trusted:
        return context.actor.id
    for name in ("player_id", "by", "attacker", "from", "source"):
        claimed = command.event_data.get(name)
        if isinstance(claimed, str | int) and not isinstance(claimed, bool) and str(claimed):
            return str(claimed)[:128]
    return None


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


def reply(commit: Commit) -> Json:
    """The `data` of the answer, by command (`facts/zmq-operations.md` "Operations")."""
    event = commit.events[0]
    match event:
        case NpcRegistered() | NpcFactionJoined() | NpcFactionLeft():
            return {"npc_id": commit.entity, "version": commit.version}
        case NpcUnregistered():
            return {"npc_id": commit.entity}
        case NpcProfileUpdated():
            return {
                "npc_id": commit.entity,
                "version": commit.version,
                "unknown_fields": list(event.unknown_fields),
            }
        case NpcInteracted():
            return {
                "accepted": event.accepted,
                "reaction": event.reaction,
                "relationship": {"target_id": event.player_id, "interactions": event.interactions},
            }
        case _:
            return {}


def _unchanged(state: NpcState, context: Context) -> Json:
    return {"npc_id": context.entity, "version": state.version}


NPC: Decider[NpcState] = Decider(
    category="npc",
    state=NpcState,
    initial=NpcState(),
    verbs={
        "register": Verb(Register, free=True, creates=True),
        "unregister": Verb(Unregister),
        "update_profile": Verb(UpdateProfile, free=True),
        "event": Verb(Notice),
        "interact": Verb(Interact),
        "join_faction": Verb(JoinFaction),
        "leave_faction": Verb(LeaveFaction),
        "speak": Verb(Speak),
    },
    evolve=evolve,
    decide=decide,
    reply=reply,
    unchanged=_unchanged,
)
