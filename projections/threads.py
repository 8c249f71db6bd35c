"""The read model of what is open or marked in a campaign: the few elements an evening may turn on, found at once.

Which they are follows from states and tags alone; who may see one is told by the element itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Index, select

from events.element import ElementChanged, ElementCreated, ElementRemoved, ElementRestored
from projections.projection import Address, Entry, Projection, reads
from projections.rows import Rows
from projections.schema import INTEGER, name, required, table
from projections.urgency import FLAGS, OPEN

NAME = "threads"

THREADS = table(
    "campaign_threads",
    required("element_id", name(64), key=True),
    required("campaign_id", name(64)),
    required("kind", name(16)),
    required("state", name(16)),
    required("marked", INTEGER),
    required("live", INTEGER),
    required("waiting", INTEGER),
    required("changed_at", INTEGER),
    clustered=True,
)
"""`state` is the field `status` of the element; `waiting` is 1 for those that are there and open or marked."""
Index("ix_campaign_threads", THREADS.c.campaign_id, THREADS.c.waiting, THREADS.c.changed_at)


def _keys(entry: Entry) -> Iterable[Address]:
    yield THREADS, (entry.entity,)


def _fold(rows: Rows, entry: Entry) -> None:
    key = (entry.entity,)
    for event in entry.commit.events:
        row: Mapping[str, Any] | None = rows.get(THREADS, key)
        match event:
            case ElementCreated():
                row = {
                    "element_id": entry.entity,
                    "campaign_id": event.campaign_id[:64],
                    "kind": event.kind[:16],
                    "state": _state(event.fields),
                    "marked": _marked(event.fields),
                    "live": 1,
                    "waiting": 0,
                    "changed_at": entry.at,
                }
            case ElementChanged() if row is not None:
                now = {**row}
                if "status" in event.set or "status" in event.unset:
                    now["state"] = _state(event.set)
                if "tags" in event.set or "tags" in event.unset:
                    now["marked"] = _marked(event.set)
                row = now
            case ElementRemoved() | ElementRestored() if row is not None:
                row = {**row, "live": int(isinstance(event, ElementRestored))}
        if row is not None:
            open_ = row["marked"] or row["state"] in OPEN.get(row["kind"], ())
            waiting = int(bool(row["live"] and open_))
            rows.put(THREADS, key, {**row, "waiting": waiting, "changed_at": entry.at})


def _state(fields: Mapping[str, Any]) -> str:
    return str(fields.get("status") or "")[:16]


def _marked(fields: Mapping[str, Any]) -> int:
    tags = fields.get("tags")
    return int(isinstance(tags, list | tuple) and any(str(tag).casefold() in FLAGS for tag in tags))


OPEN_THREADS = Projection(NAME, 1, (THREADS,), _keys, _fold, frozenset({"element"}))


@reads(NAME)
def threads(connection: Connection, campaign_id: str, limit: int) -> list[str]:
    """The ids of what is open or marked, those that changed last first. Whoever shows them asks who may see them."""
    query = select(THREADS.c.element_id).where(THREADS.c.campaign_id == campaign_id, THREADS.c.waiting == 1)
    latest = query.order_by(THREADS.c.changed_at.desc(), THREADS.c.element_id.desc())
    return list(connection.execute(latest.limit(limit)).scalars())
