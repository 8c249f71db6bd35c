"""Events of one NPC's stream, `npc/<npc id>`."""

from __future__ import annotations

from dataclasses import dataclass, field

from events.catalogue import event
from events.commit import Event, Json


@dataclass(frozen=True, slots=True)
class Goal:
    """What an NPC wants. `priority` 1 is the most urgent; `progress` in millionths, 1_000_000 = reached."""

    goal: str
    priority: int
    progress: int = 0


@dataclass(frozen=True, slots=True)
class Location:
    """A cell of a map; `x` and `y` count cells from the south-west corner."""

    map: str | None = None
    x: int | None = None
    y: int | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What the game server says an NPC is.

    `personality` and `extra` are kept as given; `extra` holds fields this release does not know, so that a
    later one can use them.
    """

    archetype: str = "generic"
    mood: str | None = None
    personality: Json = field(default_factory=dict)
    goals: tuple[Goal, ...] = ()
    location: Location = Location()
    schedule: Json = field(default_factory=dict)
    extra: Json = field(default_factory=dict)


@event("npc.registered")
@dataclass(frozen=True, slots=True)
class NpcRegistered(Event):
    profile: Profile


@event("npc.unregistered")
@dataclass(frozen=True, slots=True)
class NpcUnregistered(Event):
    pass


@event("npc.profile_updated")
@dataclass(frozen=True, slots=True)
class NpcProfileUpdated(Event):
    """`profile` is the whole profile after the change; `changed` names the fields that differ."""

    profile: Profile
    changed: tuple[str, ...]
    unknown_fields: tuple[str, ...] = ()


@event("npc.faction_joined")
@dataclass(frozen=True, slots=True)
class NpcFactionJoined(Event):
    faction_id: str
    rank: str = "member"


@event("npc.faction_left")
@dataclass(frozen=True, slots=True)
class NpcFactionLeft(Event):
    faction_id: str


@event("npc.perceived")
@dataclass(frozen=True, slots=True)
class NpcPerceived(Event):
    """Something happened to or near the NPC (`ai_npc_event`). `subject` is whom it was about, if anybody."""

    event_type: str
    event_data: Json
    subject: str | None = None


@event("npc.interacted")
@dataclass(frozen=True, slots=True)
class NpcInteracted(Event):
    """A player did something with the NPC (`ai_npc_interact`), and how the NPC took it.

    `interactions` counts those of this player with this NPC, this one included.
    """

    player_id: str
    interaction_type: str
    data: Json
    accepted: bool
    reaction: Json
    interactions: int = 1


@event("npc.spoke")
@dataclass(frozen=True, slots=True)
class NpcSpoke(Event):
    """The NPC answered a player. `template` and `memories` say what the answer was made from."""

    player_id: str
    message: str
    response: str
    emotion: str
    action: str
    method: str
    intent: str
    template: str | None = None
    memories: tuple[int, ...] = ()
    request_id: str | None = None
