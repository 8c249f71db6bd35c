"""What may happen to the world as a whole: events that many NPCs notice (`ai_world_event`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from commands.arguments import Id, JsonObject, Name, parse_json_text
from commands.decider import Context, Decider, Need, Verb
from events.commit import Commit, Event, Json, Recorded
from events.world import WorldEventOccurred

MAX_NAMED = 10_000


def _ids(value: Any) -> Any:
    if isinstance(value, str):
        return parse_json_text(value) if value.strip() else []
    return [] if value is None else value


@dataclass(frozen=True, slots=True)
class WorldState:
    events: int = 0


@dataclass(frozen=True, slots=True)
class Announce:
    """`affected_npcs` empty means every registered NPC."""

    event_type: Name
    event_data: JsonObject = field(default_factory=dict)
    affected_npcs: Annotated[tuple[Id, ...], BeforeValidator(_ids), Field(max_length=MAX_NAMED)] = ()


def _needs(_state: WorldState, command: Announce, _entity: str) -> tuple[Need, ...]:
    return (Need("census", among=command.affected_npcs or None),)


def evolve(state: WorldState, _event: Event, _recorded: Recorded) -> WorldState:
    return WorldState(state.events + 1)


def decide(_state: WorldState, command: Announce, context: Context) -> tuple[Event, ...]:
    named = tuple(dict.fromkeys(command.affected_npcs)) or None
    return (WorldEventOccurred(command.event_type, command.event_data, named, int(context.facts["census"])),)


def reply(commit: Commit) -> Json:
    event = commit.events[0]
    return {"affected": event.affected} if isinstance(event, WorldEventOccurred) else {}


WORLD: Decider[WorldState] = Decider(
    category="world",
    state=WorldState,
    initial=WorldState(),
    verbs={"event": Verb(Announce, needs=_needs)},
    evolve=evolve,
    decide=decide,
    reply=reply,
)
