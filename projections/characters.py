"""Reading the characters of a campaign's players, now and as they were."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from events.commit import moment
from projections.campaign_tables import CHARACTER_HISTORY, CHARACTERS
from projections.campaigns import NAME
from projections.elements import briefs
from projections.projection import reads
from projections.schema import from_text
from projections.sight import Viewer


@reads(NAME)
def characters(connection: Connection, campaign_id: str, viewer: Viewer) -> list[dict[str, Any]]:
    """The characters of a campaign (at most 64), by name. Private notes are there for game masters and the player."""
    query = select(CHARACTERS).where(CHARACTERS.c.campaign_id == campaign_id)
    found = connection.execute(query.order_by(CHARACTERS.c.name, CHARACTERS.c.character_id)).mappings()
    return _placed(connection, campaign_id, [_shown(row, viewer) for row in found], viewer, None)


@reads(NAME)
def character(
    connection: Connection, campaign_id: str, character_id: str, viewer: Viewer
) -> dict[str, Any] | None:
    """One character, or None."""
    query = select(CHARACTERS).where(
        CHARACTERS.c.campaign_id == campaign_id, CHARACTERS.c.character_id == character_id
    )
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    return _placed(connection, campaign_id, [_shown(row, viewer)], viewer, None)[0]


@reads(NAME)
def characters_at(connection: Connection, campaign_id: str, viewer: Viewer, at: int) -> list[dict[str, Any]]:
    """The characters of a campaign as they were at a position, by name."""
    history = CHARACTER_HISTORY
    query = select(history).where(
        history.c.campaign_id == campaign_id, history.c.since <= at, history.c.until > at
    )
    found = connection.execute(query.order_by(history.c.name, history.c.character_id)).mappings()
    return _placed(connection, campaign_id, [_shown(row, viewer) for row in found], viewer, at)


def _placed(
    connection: Connection, campaign_id: str, shown: list[dict[str, Any]], viewer: Viewer, at: int | None
) -> list[dict[str, Any]]:
    """Characters without the places that `viewer` may not know of."""
    if viewer.master:
        return shown
    where = {each["fields"]["location_id"] for each in shown if "location_id" in each["fields"]}
    known = briefs(connection, campaign_id, where, viewer, at=at)
    for each in shown:
        if each["fields"].get("location_id") not in known:
            each["fields"].pop("location_id", None)
    return shown


def _shown(row: Any, viewer: Viewer) -> dict[str, Any]:
    """A character as somebody sees it."""
    fields = from_text(row["fields"])
    if not viewer.master and row["player"] != viewer.account_id:
        fields.pop("notes", None)
    return {
        "character_id": row["character_id"],
        "name": row["name"],
        "player": row["player"] or None,
        "version": row["version"],
        "changed_at": moment(row["changed_at"]).isoformat(),
        "fields": fields,
    }
