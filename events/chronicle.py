"""Events of one table's stream, `chronicle/<server>.<table>`: what a game server wrote into its own SQL logs."""

from __future__ import annotations

from dataclasses import dataclass, field

from events.catalogue import event
from events.commit import Event, Json


@event("chronicle.recorded")
@dataclass(frozen=True, slots=True)
class ChronicleRecorded(Event):
    """One row. `kind` says what happened (`chat.global`, `item.picked`, `player.died`), `row` where it stands in its
    table, `at` when by the game server's clock (µs since the epoch).

    `char_id`, `account_id` and `name` are whom it is about, `map`, `x`, `y` where, as far as the table tells.
    """

    kind: str
    row: int
    at: int
    char_id: int | None = None
    account_id: int | None = None
    name: str = ""
    map: str | None = None
    x: int | None = None
    y: int | None = None
    data: Json = field(default_factory=dict)


@event("chronicle.passed")
@dataclass(frozen=True, slots=True)
class ChroniclePassed(Event):
    """The table is read up to `cursor`; `left_out` counts rows that the privacy settings keep out of the log."""

    cursor: int
    left_out: int = 0
