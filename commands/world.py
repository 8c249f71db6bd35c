"""What may happen to the world as a whole: events that many NPCs notice, whether a game server announces them
(`ai_world_event`) or the world changes by itself (`commands.evolution`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from commands import evolution
from commands.arguments import JsonObject, Name
from commands.decider import Context, Decider, Need, Verb
from commands.evolution import End, Evolve, Look, Npcs
from commands.world_state import WorldState, after
from events.commit import Commit, Event, Json
from events.world import WorldEventOccurred, WorldEvolved


@dataclass(frozen=True, slots=True)
class Announce:
    """`affected_npcs` empty means every registered NPC."""

    event_type: Name
    event_data: JsonObject = field(default_factory=dict)
    affected_npcs: Npcs = ()


def _needs(_state: WorldState, command: Announce, _entity: str) -> tuple[Need, ...]:
    return (Need("census", among=command.affected_npcs or None),)


def decide(state: WorldState, command: Any, context: Context) -> tuple[Event, ...]:
    """Raises `Rejected` as `evolution.evolve` and `evolution.end` do."""
    match command:
        case Look():
            return evolution.look(state, command, context)
        case Evolve():
            return evolution.evolve(state, command, context)
        case End():
            return evolution.end(state, command, context)
        case Announce():
            named = tuple(dict.fromkeys(command.affected_npcs)) or None
            census = int(context.facts["census"])
            return (WorldEventOccurred(command.event_type, command.event_data, named, census),)
    raise TypeError(f"not a command of the world: {command!r}")


def reply(commit: Commit) -> Json:
    answer: Json = {}
    for event in commit.events:
        match event:
            case WorldEvolved():
                answer |= {
                    "number": event.number,
                    "kind": event.kind,
                    "name": event.name,
                    "until": event.until,
                }
            case WorldEventOccurred():
                answer["affected"] = event.affected
    return answer


WORLD: Decider[WorldState] = Decider(
    category="world",
    state=WorldState,
    initial=WorldState(),
    verbs={
        "event": Verb(Announce, needs=_needs),
        "look": Verb(Look),
        "evolve": Verb(Evolve, needs=evolution.needs),
        "end": Verb(End, needs=evolution.needs_of_end),
    },
    evolve=after,
    decide=decide,
    reply=reply,
)
