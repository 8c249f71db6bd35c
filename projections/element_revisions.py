"""The revisions of an element, each as whoever looks may see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from events.commit import moment
from projections.campaigns import NAME
from projections.element_tables import REVISIONS
from projections.elements import MAX_PAGE, loaded, revised, row_of, with_references
from projections.projection import reads
from projections.sight import Viewer, seen_by


@reads(NAME)
def revisions(
    connection: Connection, element_id: str, viewer: Viewer, *, before: int | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """What was done to an element, the latest first, without the snapshots; at most one more than `limit`.

    Players see what changed something that they may see, then and now.
    """
    now, limit = row_of(connection, element_id), min(limit, MAX_PAGE)
    if now is None or seen_by(now, viewer) is None:
        return []
    light = [column for column in REVISIONS.columns if column.name not in ("fields", "blame")]
    shown: list[dict[str, Any]] = []
    while len(shown) <= limit:
        query = select(*light).where(REVISIONS.c.element_id == element_id)
        if before is not None:
            query = query.where(REVISIONS.c.version < before)
        rows = (
            connection.execute(query.order_by(REVISIONS.c.version.desc()).limit(limit + 1)).mappings().all()
        )
        for row in rows:
            found = loaded(row)
            seen = seen_by(found, viewer, now)
            if seen is not None and _matters(found, seen, viewer):
                shown.append(_revision_shown(seen))
        if len(rows) <= limit:
            break
        before = rows[-1]["version"]
    return shown[: limit + 1]


def _matters(row: Mapping[str, Any], seen: Mapping[str, Any], viewer: Viewer) -> bool:
    if viewer.master:
        return True
    only_fields = set(row["what"]) == {"element.changed"}
    return row["version_players"] == row["version"] and (bool(seen["changed"]) or not only_fields)


def _revision_shown(seen: Mapping[str, Any]) -> dict[str, Any]:
    kind, _, account = seen["actor"].partition("/")
    shown = {
        "version": seen["version"],
        "position": seen["position"],
        "at": moment(seen["at"]).isoformat(),
        "actor": {"kind": kind, "id": account, "name": seen["actor_name"]},
        "what": seen["what"],
        "changed": seen["changed"],
        "visibility": seen["visibility"],
    }
    return shown | {part: seen[part] for part in ("origin", "status", "members") if part in seen}


@reads(NAME)
def revision(connection: Connection, element_id: str, version: int, viewer: Viewer) -> dict[str, Any] | None:
    """One revision with the fields as they were after it, or None."""
    now = row_of(connection, element_id)
    query = select(REVISIONS).where(REVISIONS.c.element_id == element_id, REVISIONS.c.version == version)
    row = revised(connection.execute(query).mappings().first())
    if now is None or row is None or (not viewer.master and row["version_players"] != version):
        return None
    seen = seen_by(row, viewer, now)
    if seen is None or not _matters(row, seen, viewer):
        return None
    seen = with_references(connection, seen, viewer, row["position"])
    return _revision_shown(seen) | {
        part: seen[part] for part in ("kind", "name", "fields", "blame", "referred")
    }
