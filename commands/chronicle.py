"""What may be taken over from a game server's SQL logs: every row once, in the order of its table.

The cursor is the folded state of the table's stream: whoever reads on, after whatever crash, asks the log where.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field

from commands.arguments import JsonObject, Name
from commands.codes import Code
from commands.decider import Context, Decider, Verb
from commands.rejection import Rejected
from events.chronicle import ChroniclePassed, ChronicleRecorded
from events.commit import Commit, Event, Json, Recorded

MAX_ROWS = 2000


@dataclass(frozen=True, slots=True)
class ChronicleState:
    """`cursor` is None until the table was looked at for the first time."""

    cursor: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """See `events.chronicle.ChronicleRecorded`."""

    kind: Name
    row: int
    at: int
    char_id: int | None = None
    account_id: int | None = None
    name: Annotated[str, Field(max_length=128)] = ""
    map: Annotated[str | None, Field(max_length=64)] = None
    x: int | None = None
    y: int | None = None
    data: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """The rows after `after` up to `cursor`; `after` None says that the table is looked at for the first time."""

    after: int | None
    cursor: int
    rows: Annotated[tuple[Row, ...], Field(max_length=MAX_ROWS)] = ()
    left_out: int = 0


def evolve(state: ChronicleState, event: Event, _recorded: Recorded) -> ChronicleState:
    return ChronicleState(event.cursor) if isinstance(event, ChroniclePassed) else state


def decide(state: ChronicleState, command: Any, _context: Context) -> tuple[Event, ...]:
    """Raises `Rejected` -203 when the table was read on meanwhile, -105 for rows outside of what is claimed."""
    if command.after != state.cursor:
        raise Rejected(
            Code.INVALID_STATE_TRANSITION,
            f"after: the table is read up to {state.cursor}, not {command.after}",
            field="after",
        )
    least = command.after if command.after is not None else command.cursor
    outside = next((r.row for r in command.rows if r.row > command.cursor or r.row < least), None)
    if command.cursor < least or outside is not None:
        raise Rejected(Code.PARAMETER_OUT_OF_RANGE, f"cursor: row {outside} is out of order", field="cursor")
    recorded = tuple(
        ChronicleRecorded(r.kind, r.row, r.at, r.char_id, r.account_id, r.name, r.map, r.x, r.y, r.data)
        for r in command.rows
    )
    return (*recorded, ChroniclePassed(command.cursor, command.left_out))


def reply(commit: Commit) -> Json:
    passed = commit.events[-1]
    return {"cursor": passed.cursor} if isinstance(passed, ChroniclePassed) else {}


CHRONICLE: Decider[ChronicleState] = Decider(
    category="chronicle",
    state=ChronicleState,
    initial=ChronicleState(),
    verbs={"record": Verb(Record)},
    evolve=evolve,
    decide=decide,
    reply=reply,
)
