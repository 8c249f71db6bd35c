"""What matters tonight in a campaign, for whoever asks: everything out of what he may see, and nothing else.

A few bounded queries: what is open or marked, what is where the party is, what changed since the last evening.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from events.commit import microseconds
from projections.campaign_tables import CAMPAIGNS, OPEN
from projections.campaign_time import changes, since_last_session
from projections.campaigns import NAME, sessions
from projections.characters import characters
from projections.element_tables import ELEMENTS, REFERENCES
from projections.elements import briefs, loaded
from projections.projection import reads
from projections.proposals import waiting
from projections.sight import Viewer, seen_by
from projections.threads import threads
from projections.urgency import Known, Matter, matters

MAX_CANDIDATES = 200
"""Elements of each sort that are weighed, those that changed last first."""
EVENINGS = 12
_COLUMNS = (
    "element_id", "campaign_id", "kind", "status", "visibility", "name", "version", "version_players", "changed_at",
    "changed_at_players", "tags", "members", "field_visibility", "fields",
)  # fmt: skip
_ROWS = select(*(ELEMENTS.c[part] for part in _COLUMNS))


@reads(NAME, "proposals", "threads")
def tonight(connection: Connection, campaign_id: str, viewer: Viewer, *, limit: int = 5) -> list[Matter]:
    """What the evening may turn on, with reasons, the weightiest first; at most `limit`.

    Elements, characters and, for game masters, the proposals that wait.
    """
    query = select(CAMPAIGNS.c.session, CAMPAIGNS.c.sessions).where(CAMPAIGNS.c.campaign_id == campaign_id)
    row = connection.execute(query).first()
    if row is None:
        return []
    evenings = sessions(connection, campaign_id, viewer, limit=EVENINGS)
    over = [each for each in evenings if each["ended_at"] is not None]
    party = characters(connection, campaign_id, viewer)
    since = since_last_session(connection, campaign_id)
    # Before the first evening has ended, nothing changed since one.
    latest = changes(connection, campaign_id, viewer, since=since, limit=MAX_CANDIDATES) if since else []
    touched = {each["element_id"] for each in latest if each["what"].startswith("element.")}
    here = {each["fields"]["location_id"] for each in party if each["fields"].get("location_id")}
    places = briefs(connection, campaign_id, here, viewer)
    found = _candidates(connection, campaign_id, viewer, touched, places)
    return matters(
        Known(
            evening=row.session or row.sessions + 1,
            ended=[microseconds(datetime.fromisoformat(each["ended_at"])) for each in over],
            elements=found,
            touched=touched,
            places={each: place["name"] for each, place in places.items()},
            people=_givers(connection, campaign_id, viewer, found),
            characters=party,
            proposals=waiting(connection, campaign_id) if viewer.master else 0,
            recap="\n".join(str(over[0].get(part, "")) for part in ("recap", "recap_players"))
            if over
            else "",
        ),
        limit,
    )


def _candidates(
    connection: Connection, campaign_id: str, viewer: Viewer, touched: Iterable[str], places: Iterable[str]
) -> list[dict[str, Any]]:
    """Rows of the elements that may matter, as `viewer` sees them: what is open or marked, and what is at hand."""
    there = select(REFERENCES.c.from_id).where(
        REFERENCES.c.to_id.in_(sorted(places)),
        REFERENCES.c.campaign_id == campaign_id,
        REFERENCES.c.until == OPEN,
        REFERENCES.c.field == "location_id",
    )
    wanted = {
        *threads(connection, campaign_id, 2 * MAX_CANDIDATES),
        *connection.execute(there.limit(MAX_CANDIDATES)).scalars(),
        *touched,
        *places,
    }
    rows = _those(connection, campaign_id, viewer, wanted)
    return [rows[each] for each in sorted(rows)]


def _givers(
    connection: Connection, campaign_id: str, viewer: Viewer, found: Iterable[Mapping[str, Any]]
) -> dict[str, tuple[str, str]]:
    """Name and status of those who gave quests, as far as `viewer` may know either."""
    wanted = {str(row["fields"].get("quest_giver_id", "")) for row in found if row["kind"] == "quest"} - {""}
    people = _those(connection, campaign_id, viewer, wanted)
    return {each: (row["name"], str(row["fields"].get("status", ""))) for each, row in people.items()}


def _those(
    connection: Connection, campaign_id: str, viewer: Viewer, ids: Collection[str]
) -> dict[str, dict[str, Any]]:
    if not ids:
        return {}
    # By their ids alone: SQLite would look through the whole campaign for them.
    query = _ROWS.where(ELEMENTS.c.element_id.in_(sorted(ids)[: 5 * MAX_CANDIDATES]))
    rows = (loaded(row) for row in connection.execute(query).mappings())
    seen = [seen_by(row, viewer) for row in rows if row["campaign_id"] == campaign_id]
    return {row["element_id"]: row for row in seen if row is not None and row["status"] == "live"}
