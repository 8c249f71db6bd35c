"""A game event as it reaches an NPC, and how its free JSON data is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from commands.mind.fixed import ONE, clamp, millionths
from commands.mind.rules import UPON_KEYS, Size, spellings

_MOST_LETTERS: Final = 128
UPON: Final = spellings(UPON_KEYS)
TELLER: Final = spellings(("source", "teller", "told_by", "source_id"))
TOLD: Final = spellings(("event", "event_type", "what"))
FACTION: Final = spellings(("faction", "faction_id"))
GOAL: Final = spellings(("goal", "goal_id", "outcome"))


class GameEvent(NamedTuple):
    """Something that reached an NPC.

    ``kind`` is the event type, ``at`` when it happened (µs), ``position`` that of its commit, ``data`` the
    free JSON of the event. ``agent`` is who did it, or who told it, as far as the connection vouches for that;
    it then overrules any name inside ``data``, which players may have written.
    """

    kind: str
    at: int
    position: int
    data: Mapping[str, object]
    agent: str = ""


def named(data: Mapping[str, object], keys: tuple[str, ...]) -> str:
    """The first id in ``data`` under ``keys``: text (cut to 128 characters) or a whole number; else empty."""
    for key in keys:
        if key not in data:
            continue
        value = data[key]
        if value is None or isinstance(value, bool):
            continue
        if isinstance(value, str):
            if value:
                return value[:_MOST_LETTERS]
        elif isinstance(value, int) and abs(value) < 1 << 63:
            return str(value)
    return ""


def size_of(size: Size | None, data: Mapping[str, object]) -> int:
    """How large an event is by its data, 0 … 1 in millionths; 1 when the row or the data name no size."""
    if size is None:
        return ONE
    given = next((data[key] for key in size.by if key in data), None)
    if given is None:
        return ONE
    full = size.full
    for key in size.full_by:
        full = millionths(data.get(key), full) if key in data else full
    amount = millionths(given, 0, 1_000_000_000 * ONE)
    return clamp(max(0, amount) * ONE // max(1, full), size.least, ONE)
