"""The read model of events that scripts create (`ai_create_event`, `ai_process_event`), by number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from events.scriptevent import ScriptEventCreated, ScriptEventProcessed
from projections.projection import Address, Entry, Projection
from projections.rows import Rows
from projections.schema import INTEGER, TEXT, brief, name, optional, required, table, to_text

MAX_KIND = 64

SCRIPT_EVENTS = table(
    "script_events",
    required("event_id", INTEGER, key=True),
    required("event_type", name(MAX_KIND)),
    required("event_data", TEXT),
    required("created_at", INTEGER),
    required("processed", INTEGER),
    optional("processed_at", INTEGER),
    required("agent", name(MAX_KIND)),
    required("agent_id", INTEGER),
    required("char_id", name(32)),
    required("map", name(128)),
    required("position", INTEGER),
    clustered=True,
)
"""`agent` and `agent_id` are empty and 0 for an event that is for every agent; `char_id` and `map` as far as known."""


def _keys(entry: Entry) -> Iterable[Address]:
    number = _number(entry)
    if number is not None:
        yield SCRIPT_EVENTS, (number,)


def _fold(rows: Rows, entry: Entry) -> None:
    number = _number(entry)
    if number is None:
        return
    for event in entry.commit.events:
        if isinstance(event, ScriptEventCreated):
            rows.put(SCRIPT_EVENTS, (number,), _created(number, entry, event))
        elif isinstance(event, ScriptEventProcessed):
            row = rows.get(SCRIPT_EVENTS, (number,))
            if row is not None:
                changed = {"processed": 1, "processed_at": entry.at, "position": entry.position}
                rows.put(SCRIPT_EVENTS, (number,), {**row, **changed})


def _created(number: int, entry: Entry, event: ScriptEventCreated) -> dict[str, Any]:
    return {
        "event_id": number,
        "event_type": brief(event.event_type, MAX_KIND),
        "event_data": to_text(event.event_data),
        "created_at": entry.at,
        "processed": 0,
        "processed_at": None,
        "agent": brief(event.agent, MAX_KIND),
        "agent_id": event.agent_id,
        "char_id": brief(event.char_id, 32),
        "map": brief(event.map, 128),
        "position": entry.position,
    }


def _number(entry: Entry) -> int | None:
    """The event's number; None for a stream that is named otherwise, which no script can ask for."""
    entity = entry.entity
    return int(entity) if entity.isascii() and entity.isdecimal() and len(entity) <= 10 else None


SCRIPT_EVENT_RECORDS = Projection(
    "scriptevents", 1, (SCRIPT_EVENTS,), _keys, _fold, frozenset({"scriptevent"})
)
