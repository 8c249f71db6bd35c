"""Deeds: what a commit says somebody did, as the agents of legends and of the world look at it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from events.chronicle import ChronicleRecorded
from events.commit import Actor, Commit
from events.npc import NpcInteracted, NpcPerceived, NpcQuestChanged
from events.scriptevent import ScriptEventProcessed

QUEST_COMPLETED = "quest_completed"
FOLLOWERS = ("legend_bloodlines", "cross_class_synthesis", "world_evolution")
"""The agents that react to deeds, by their keys in ``conf/agents.toml``."""
MAX_CHAR_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Deed:
    """`index` is that of the event in its commit. `char_id` is the character that did it, empty unless a game server
    vouches for that; `map` is where, as far as it is known; `witness` the NPC in whose stream it stands.
    `agent` is the only one of `FOLLOWERS` that may react to it, empty for all of them.
    """

    index: int
    kind: str
    char_id: str = ""
    map: str = ""
    witness: str = ""
    agent: str = ""


def deeds(commit: Commit) -> Iterator[Deed]:
    """The deeds of a commit, in order."""
    char_id = character(commit.actor)
    for index, event in enumerate(commit.events):
        match event:
            case NpcInteracted() if event.accepted:
                at = event.place.map if event.place else None
                yield Deed(index, event.interaction_type, char_id, at or place(commit.actor), commit.entity)
            case NpcPerceived():
                at = event.place.map if event.place else None
                yield Deed(index, event.event_type, char_id, at or place(commit.actor), commit.entity)
            case NpcQuestChanged() if event.change == "completed" and event.player_id == commit.actor.id:
                yield Deed(index, QUEST_COMPLETED, char_id, place(commit.actor), commit.entity)
            case ScriptEventProcessed():
                yield Deed(index, event.event_type, event.char_id, event.map, agent=event.agent)
            case ChronicleRecorded():
                known = event.char_id is not None and 1 <= event.char_id <= MAX_CHAR_ID
                trusted = commit.actor.kind == "server" and commit.actor.trusted
                yield Deed(
                    index, event.kind, str(event.char_id) if known and trusted else "", event.map or ""
                )


def character(actor: Actor) -> str:
    """The character an actor plays, when the game server vouches for it; else empty."""
    told = str(actor.details.get("char_id", ""))
    if actor.kind != "player" or not actor.trusted or told != actor.id:
        return ""
    return told if told.isdecimal() and len(told) <= 10 and 1 <= int(told) <= MAX_CHAR_ID else ""


def place(actor: Actor) -> str:
    """The map an actor is on, as far as the game server told; else empty."""
    told = actor.details.get("map")
    return told[:128] if isinstance(told, str) else ""
