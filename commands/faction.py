"""What may happen to a faction: founding, standing towards others, events all members notice.

A faction that was never founded still has members and events: scripts name factions freely (`ai_faction_event`).
Membership is decided on the member's own stream (`commands.npc`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from commands.arguments import Id, JsonObject, Name, Text
from commands.codes import Code
from commands.decider import Context, Decider, Need, Verb
from commands.legend.book import MAX_DESCRIPTION_BYTES
from commands.rejection import Rejected
from events.commit import Commit, Event, Json, Recorded
from events.faction import FactionEventOccurred, FactionFounded, FactionStandingChanged

Standing = Annotated[int, Field(ge=-100, le=100)]


@dataclass(frozen=True, slots=True)
class FactionState:
    founded: bool = False
    name: str = ""
    standing: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    name: Name
    description: Text = ""
    standing: Annotated[dict[Id, Standing], Field(max_length=1000)] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SetStanding:
    other: Id
    standing: Standing


@dataclass(frozen=True, slots=True)
class Announce:
    event_type: Name
    event_data: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Move:
    """Proposed by the agent of the world: what `name` of ``conf/world.toml``'s faction moves does to both."""

    name: Name
    other: Id
    change: Annotated[int, Field(ge=-200, le=200)]
    narrative: Annotated[str, StringConstraints(max_length=MAX_DESCRIPTION_BYTES)] = ""


def _needs(_state: FactionState, _command: Announce | Move, entity: str) -> tuple[Need, ...]:
    return (Need("census", faction=entity),)


def evolve(state: FactionState, event: Event, _recorded: Recorded) -> FactionState:
    match event:
        case FactionFounded():
            return FactionState(True, event.name, dict(event.standing))
        case FactionStandingChanged():
            return replace(state, standing={**state.standing, event.other: event.standing})
        case _:
            return state


def decide(state: FactionState, command: Any, context: Context) -> tuple[Event, ...]:
    """Raises `Rejected`: `-100` when the faction was founded before, `-105` for a standing towards itself; else as
    `_move`."""
    match command:
        case Found():
            if state.founded:
                raise Rejected(
                    Code.ALREADY_EXISTS, "faction_id: this faction exists already", field="faction_id"
                )
            return (FactionFounded(command.name, command.description, dict(command.standing)),)
        case SetStanding():
            if command.other == context.entity:
                raise Rejected(
                    Code.PARAMETER_OUT_OF_RANGE,
                    "other: a faction has no standing towards itself",
                    field="other",
                )
            if state.standing.get(command.other) == command.standing:
                return ()
            return (FactionStandingChanged(command.other, command.standing),)
        case Announce():
            return (
                FactionEventOccurred(command.event_type, command.event_data, int(context.facts["census"])),
            )
        case Move():
            return _move(state, command, context)
    raise TypeError(f"not a command of a faction: {command!r}")


def _move(state: FactionState, command: Move, context: Context) -> tuple[Event, ...]:
    """Raises `Rejected`: -101 unknown move, -105 more change than it may bring, -202 where it does not fit."""
    theme = context.rules.world.theme("faction_move", command.name)
    if theme is None:
        raise Rejected(Code.INVALID_PARAMETER, f"name: there is no move {command.name!r}", field="name")
    standing = state.standing.get(command.other)
    if not state.founded or standing is None or not theme.standing[0] <= standing <= theme.standing[1]:
        raise Rejected(
            Code.OPERATION_NOT_ALLOWED,
            f"name: {theme.key} does not fit how {context.entity} stands to {command.other}",
            field="name",
        )
    if not theme.change[0] <= command.change <= theme.change[1]:
        least, most = theme.change
        raise Rejected(
            Code.PARAMETER_OUT_OF_RANGE,
            f"change: {command.change} is not within {least}..{most} of {theme.key}",
            field="change",
        )
    after = max(-100, min(standing + command.change, 100))
    changed = () if after == standing else (FactionStandingChanged(command.other, after),)
    data: Json = {**theme.data, "move": theme.key, "other_faction": command.other}
    if command.narrative:
        data["description"] = command.narrative
    return (*changed, FactionEventOccurred(theme.told, data, int(context.facts["census"])))


def reply(commit: Commit) -> Json:
    event = commit.events[-1]
    if isinstance(event, FactionEventOccurred):
        return {"affected": event.affected}
    return {"faction_id": commit.entity, "version": commit.version}


FACTION: Decider[FactionState] = Decider(
    category="faction",
    state=FactionState,
    initial=FactionState(),
    verbs={
        "found": Verb(Found),
        "set_standing": Verb(SetStanding),
        "event": Verb(Announce, needs=_needs),
        "move": Verb(Move, needs=_needs),
    },
    evolve=evolve,
    decide=decide,
    reply=reply,
    unchanged=lambda _state, context: {"faction_id": context.entity},
)
