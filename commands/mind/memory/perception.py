"""Who perceives what: the knowledge boundary of an NPC, as pure functions.

An NPC remembers an event only if it did it, took part in it, was close enough, or belongs to those a world or
faction event reaches. Everything else it can only be told (`hearsay`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from commands.mind.memory.facts import stated
from commands.mind.memory.importance import weigh
from commands.mind.memory.record import Memory, Source
from commands.mind.memory.render import clean, render

SIGHT = 14
"""Cells, in either direction, an NPC sees and hears (rAthena's AREA_SIZE)."""


class Reach(StrEnum):
    """How far an event carries."""

    LOCAL = "local"
    PRIVATE = "private"
    """Only those who take part: a whisper, a thought."""
    FACTION = "faction"
    WORLD = "world"


@dataclass(frozen=True, slots=True)
class Place:
    """A cell of a map."""

    map: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Witness:
    """An NPC as far as perceiving goes: where it is and which factions it belongs to, at the time of the
    event."""

    npc: str
    place: Place | None = None
    factions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An event that may be perceived. `affected` limits a world event to some NPCs; None reaches all."""

    position: int
    index: int
    at: int
    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)
    reach: Reach = Reach.LOCAL
    actor: str = ""
    target: str = ""
    players: tuple[str, ...] = ()
    npcs: tuple[str, ...] = ()
    place: Place | None = None
    faction: str = ""
    affected: frozenset[str] | None = None
    spoken: bool = False
    scene: str = ""
    causes: tuple[int, ...] = ()


def perceives(witness: Witness, event: Occurrence) -> Source | None:
    """How a witness perceives an event, or None if it cannot."""
    if witness.npc == event.actor:
        return Source.SELF
    perceived = Source.HEARD if event.spoken else Source.SAW
    if witness.npc in event.npcs or witness.npc == event.target:
        return perceived
    match event.reach:
        case Reach.WORLD:
            return Source.HEARD if event.affected is None or witness.npc in event.affected else None
        case Reach.FACTION:
            return Source.HEARD if event.faction in witness.factions else None
        case Reach.LOCAL:
            return perceived if in_sight(witness.place, event.place) else None
        case _:
            return None


def in_sight(one: Place | None, other: Place | None) -> bool:
    """True if two places are known, on the same map, and at most `SIGHT` cells apart in either direction."""
    if one is None or other is None or one.map != other.map:
        return False
    return abs(one.x - other.x) <= SIGHT and abs(one.y - other.y) <= SIGHT


def perceive(
    witnesses: Iterable[Witness], event: Occurrence, *, intensity: int = 0, first: bool = False
) -> list[Memory]:
    """The memories an event leaves, one per NPC that perceives it, in the order of the witnesses.

    `intensity` (millionths) and `first` are passed on to `importance.weigh`.
    """
    content = render(event.kind, event.data, actor=event.actor, target=event.target)
    fact = stated(event.data) or ("", "", "", None)
    felt = event.data.get("emotion")
    found = []
    for witness in witnesses:
        source = perceives(witness, event)
        if source is None:
            continue
        involved = source is Source.SELF or witness.npc == event.target or witness.npc in event.npcs
        found.append(
            Memory(
                owner=witness.npc,
                position=event.position,
                index=event.index,
                at=event.at,
                content=content,
                kind=event.kind,
                importance=weigh(event.kind, event.data, intensity=intensity, first=first, involved=involved),
                emotion=clean(felt, 64) if isinstance(felt, str) and clean(felt, 64) else "neutral",
                actor=event.actor,
                players=event.players,
                npcs=event.npcs,
                place=event.place.map if event.place else "",
                source=source,
                scene=event.scene,
                causes=event.causes,
                subject=fact[0],
                predicate=fact[1],
                value=fact[2],
                valid_from=fact[3],
            )
        )
    return found
