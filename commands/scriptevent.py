"""What may happen to an event of a script: it is created, and processed once (`rathena-server-side.md` §5.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from commands.agents.deeds import FOLLOWERS, character, place
from commands.arguments import MAX_NAME, JsonObject, Name
from commands.codes import Code
from commands.decider import Context, Decider, Verb
from commands.rejection import Rejected
from events.commit import Actor, Commit, Event, Json, Recorded
from events.scriptevent import ScriptEventCreated, ScriptEventProcessed

MAX_NUMBER = 2**31 - 1
"""The largest integer of a script."""
TRIES = 8


@dataclass(frozen=True, slots=True)
class ScriptEventState:
    created: ScriptEventCreated | None = None
    processed: bool = False


@dataclass(frozen=True, slots=True)
class Create:
    """`ai_create_event`. Whoever sends it has looked `agent` and its number up in the configuration."""

    event_type: Name
    event_data: JsonObject = field(default_factory=dict)
    agent: Annotated[str, StringConstraints(max_length=MAX_NAME)] = ""
    agent_id: Annotated[int, Field(ge=0, le=65535)] = 0


@dataclass(frozen=True, slots=True)
class Process:
    """`ai_process_event`."""


def numbers(command_id: str) -> Iterator[int]:
    """Numbers for the event that a command creates, in the order in which to try them: 1..`MAX_NUMBER`.

    They follow from the command, so that a retry meets its own event; another event has the same first number once in
    two thousand million.
    """
    for attempt in range(TRIES):
        digest = sha256(f"{attempt}/{command_id}".encode()).digest()
        yield int.from_bytes(digest[:4]) % MAX_NUMBER + 1


def evolve(state: ScriptEventState, event: Event, _recorded: Recorded) -> ScriptEventState:
    match event:
        case ScriptEventCreated():
            return ScriptEventState(event)
        case ScriptEventProcessed():
            return ScriptEventState(state.created, processed=True)
        case _:
            return state


def decide(state: ScriptEventState, command: Any, context: Context) -> tuple[Event, ...]:
    """Raises `Rejected`: -100 for a number that is taken, -202 for an agent that follows no events of scripts, -101 for
    an event nobody created, -203 for one that was processed before."""
    match command:
        case Create():
            if state.created is not None:
                raise Rejected(Code.ALREADY_EXISTS, "event_id: this number is taken", field="event_id")
            if command.agent and command.agent not in FOLLOWERS:
                raise Rejected(
                    Code.OPERATION_NOT_ALLOWED,
                    f"agent_id: {command.agent} follows no events of scripts; {', '.join(FOLLOWERS)} do",
                    field="agent_id",
                )
            return (
                ScriptEventCreated(
                    command.event_type,
                    command.event_data,
                    command.agent,
                    command.agent_id,
                    _character(command.event_data, context.actor),
                    _map(command.event_data, context.actor),
                ),
            )
        case Process():
            created = state.created
            if created is None:
                raise Rejected(
                    Code.INVALID_PARAMETER,
                    f"event_id: there is no event {context.entity}",
                    field="event_id",
                )
            if state.processed:
                raise Rejected(
                    Code.INVALID_STATE_TRANSITION,
                    f"event_id: event {context.entity} was processed before",
                    field="event_id",
                )
            return (ScriptEventProcessed(created.event_type, created.agent, created.char_id, created.map),)
    raise TypeError(f"not a command of a script event: {command!r}")


def _character(data: Json, actor: Actor) -> str:
    """The character that `data.char_id` names, else the player's; a game server must vouch for either."""
    told = data.get("char_id")
    if told is None or not actor.trusted:
        return character(actor)
    return character(Actor("player", str(told), details={"char_id": told}))


def _map(data: Json, actor: Actor) -> str:
    told = data.get("map")
    return told[:128] if isinstance(told, str) and told else place(actor)


def reply(commit: Commit) -> Json:
    event = commit.events[-1]
    answer: Json = {"event_id": int(commit.entity), "processed": int(isinstance(event, ScriptEventProcessed))}
    if isinstance(event, ScriptEventCreated | ScriptEventProcessed):
        answer |= {"event_type": event.event_type, "agent": event.agent}
    return answer


SCRIPTEVENT: Decider[ScriptEventState] = Decider(
    category="scriptevent",
    state=ScriptEventState,
    initial=ScriptEventState(),
    verbs={"create": Verb(Create, creates=True), "process": Verb(Process)},
    evolve=evolve,
    decide=decide,
    reply=reply,
    snapshots=False,
)
