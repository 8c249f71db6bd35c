"""Events of one event a script created, `scriptevent/<number>` (`rathena-server-side.md` §5.1)."""

from __future__ import annotations

from dataclasses import dataclass, field

from events.catalogue import event
from events.commit import Event, Json


@event("scriptevent.created")
@dataclass(frozen=True, slots=True)
class ScriptEventCreated(Event):
    """A script described what happened; nobody has acted on it yet.

    `agent` is the key of the agent it is for and `agent_id` its number then, empty and 0 for all that care. `char_id`
    is the character that did it, empty where no game server vouches for it; `map` is where, as far as it is known.
    """

    event_type: str
    event_data: Json = field(default_factory=dict)
    agent: str = ""
    agent_id: int = 0
    char_id: str = ""
    map: str = ""


@event("scriptevent.processed")
@dataclass(frozen=True, slots=True)
class ScriptEventProcessed(Event):
    """The event was handed over: from now on it is a deed like any other (`commands.agents.deeds`)."""

    event_type: str
    agent: str = ""
    char_id: str = ""
    map: str = ""
