"""The life of an NPC: registering, changing the profile, factions, leaving (§2.2.1)."""

from __future__ import annotations

from dataclasses import dataclass, field

from commands.arguments import Id, JsonObject, Name
from commands.codes import Code
from commands.decider import Context
from commands.npc.state import NpcState
from commands.profile import changed_profile, faction_of, new_profile, unknown_fields
from commands.rejection import Rejected
from events.commit import Event
from events.npc import (
    NpcFactionJoined,
    NpcFactionLeft,
    NpcProfileUpdated,
    NpcRegistered,
    NpcUnregistered,
    Profile,
)

IDENTICAL_REREGISTRATION = "identical_reregistration_succeeds"
"""The switch that makes registering the same profile again a success instead of `-100`."""


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
class JoinFaction:
    faction_id: Id
    rank: Name = "member"


@dataclass(frozen=True, slots=True)
class LeaveFaction:
    faction_id: Id


def register(state: NpcState, command: Register, context: Context) -> tuple[Event, ...]:
    """Raises `Rejected` `-100` for a second registration, unless it is identical and the operator allows that."""
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


def unregister(_state: NpcState, _command: Unregister, _context: Context) -> tuple[Event, ...]:
    return (NpcUnregistered(),)


def update_profile(state: NpcState, command: UpdateProfile, _context: Context) -> tuple[Event, ...]:
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


def join_faction(state: NpcState, command: JoinFaction, _context: Context) -> tuple[Event, ...]:
    return (
        () if command.faction_id in state.factions else (NpcFactionJoined(command.faction_id, command.rank),)
    )


def leave_faction(state: NpcState, command: LeaveFaction, _context: Context) -> tuple[Event, ...]:
    """Raises `Rejected` `-203` when the NPC is no member."""
    if command.faction_id not in state.factions:
        raise Rejected(
            Code.INVALID_STATE_TRANSITION, "faction_id: the NPC is not a member", field="faction_id"
        )
    return (NpcFactionLeft(command.faction_id),)
