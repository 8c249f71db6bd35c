"""What refers to an element, since when, and until when."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, select

from projections.campaign_tables import OPEN
from projections.campaigns import NAME
from projections.element_tables import REFERENCES
from projections.elements import MAX_PAGE, at_once, brief_shown, fields_shown, seen
from projections.projection import reads
from projections.sight import Viewer, seen_by


@reads(NAME)
def backlinks(
    connection: Connection,
    campaign_id: str,
    element_id: str,
    viewer: Viewer,
    *,
    at: int | None = None,
    ended: bool = False,
    after: tuple[str, str, str, int] | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """What refers to an element now (or did at a position), and since when; at most one more than `limit`.

    With `ended`, game masters also get references that are no more, with `until`.
    """
    if seen(connection, element_id, viewer, at=at) is None:
        return []
    key = (REFERENCES.c.from_id, REFERENCES.c.field, REFERENCES.c.label, REFERENCES.c.since)
    limit, shown = min(limit, MAX_PAGE), list[dict[str, Any]]()
    while len(shown) <= limit:
        query = select(REFERENCES).where(
            REFERENCES.c.to_id == element_id, REFERENCES.c.campaign_id == campaign_id
        )
        if at is not None:
            query = query.where(REFERENCES.c.until > at, REFERENCES.c.since <= at)
        elif not (ended and viewer.master):
            query = query.where(REFERENCES.c.until == OPEN)
        if after is not None:
            query = query.where(_beyond(key, after))
        rows = connection.execute(query.order_by(*key).limit(limit + 1)).mappings().all()
        sources = _sources(connection, campaign_id, {row["from_id"] for row in rows}, viewer, at)
        for row in rows:
            source = sources.get(row["from_id"])
            if source is not None and row["field"] in source["shown"]:
                shown.append(_backlink(row, source))
        if len(rows) <= limit:
            break
        after = (rows[-1]["from_id"], rows[-1]["field"], rows[-1]["label"], rows[-1]["since"])
    return shown[: limit + 1]


def _beyond(columns: tuple[Any, ...], values: tuple[Any, ...]) -> Any:
    """`columns > values`, in the order of the columns."""
    column, value = columns[0], values[0]
    if len(columns) == 1:
        return column > value
    return (column > value) | ((column == value) & _beyond(columns[1:], values[1:]))


def _sources(
    connection: Connection, campaign_id: str, ids: Collection[str], viewer: Viewer, at: int | None
) -> dict[str, dict[str, Any]]:
    """Briefs of what may be seen among `ids`, each with the fields that may be `shown`."""
    found = {}
    for row, now in at_once(connection, campaign_id, sorted(ids), at) if ids else ():
        seen = seen_by(row, viewer, now)
        if seen is not None:
            found[row["element_id"]] = brief_shown(seen) | {"shown": fields_shown(row, now, viewer)}
    return found


def _backlink(row: Any, source: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "element_id": row["from_id"],
        "kind": source["kind"],
        "name": source["name"],
        "field": row["field"],
        "label": row["label"],
        "weight": row["weight"],
        "since": row["since"],
        "until": None if row["until"] == OPEN else row["until"],
    }
