"""A campaign as its assistant looks at it: every name, what is near some elements, what was touched last.

Game masters only: nothing here asks who may see what. Every query is bounded, and answered from an index.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, select

from projections.campaign_tables import CAMPAIGNS, CHANGES, CHARACTERS, OPEN, SESSIONS
from projections.campaigns import NAME
from projections.element_tables import ELEMENTS, REFERENCES
from projections.projection import reads
from projections.schema import from_text

MAX_NAMES = 20_000
MAX_NEAR = 200
MAX_CHANGES = 120

_DEAD = '"status":"dead"'


@reads(NAME)
def overview(
    connection: Connection,
    campaign_id: str,
    wanted: Sequence[str] = (),
    *,
    recent: int = 40,
    brief: bool = False,
) -> dict[str, Any] | None:
    """Everything at once, as of one moment: `{"campaign", "characters", "names", "dead", "near", "recent", "sessions",
    "changes"}`, or None where there is no such campaign.

    `names` are (element id, kind, name) of all elements that are there, `dead` the ids of dead NPCs. `wanted` are ids
    somebody asked for; `near` those and what refers to them or is referred to, `recent` what was touched last, both as
    element rows with `fields`. What is not of this campaign is left out. `brief`: campaign and characters only.
    """
    row = (
        connection.execute(select(CAMPAIGNS).where(CAMPAIGNS.c.campaign_id == campaign_id)).mappings().first()
    )
    if row is None:
        return None
    if brief:
        return {"campaign": dict(row), "characters": _characters(connection, campaign_id)}
    touched, lines = _touched(connection, campaign_id)
    linked = [each for each in _linked(connection, campaign_id, wanted) if each not in wanted]
    rows = _rows(connection, campaign_id, {*wanted, *linked, *touched[:recent]})
    return {
        "campaign": dict(row),
        "characters": _characters(connection, campaign_id),
        "names": _names(connection, campaign_id),
        "dead": _dead(connection, campaign_id),
        "near": [rows[each] for each in (*wanted, *linked) if each in rows],
        "recent": [rows[each] for each in touched[:recent] if each in rows],
        "sessions": _sessions(connection, campaign_id),
        "changes": lines,
    }


@reads(NAME)
def rows_of(connection: Connection, campaign_id: str, ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """Elements of a campaign by id, as `overview` shows them; those that are not there are left out."""
    return _rows(connection, campaign_id, ids)


def _rows(connection: Connection, campaign_id: str, ids: Collection[str]) -> dict[str, dict[str, Any]]:
    if not ids:
        return {}
    query = select(
        ELEMENTS.c.element_id, ELEMENTS.c.kind, ELEMENTS.c.name, ELEMENTS.c.version, ELEMENTS.c.fields
    ).where(
        ELEMENTS.c.element_id.in_(sorted(ids)[:MAX_NEAR]),
        ELEMENTS.c.campaign_id == campaign_id,
        ELEMENTS.c.status == "live",
    )
    found = connection.execute(query).mappings()
    return {row["element_id"]: {**row, "fields": from_text(row["fields"])} for row in found}


def _names(connection: Connection, campaign_id: str) -> list[tuple[str, str, str]]:
    query = select(ELEMENTS.c.element_id, ELEMENTS.c.kind, ELEMENTS.c.name).where(
        ELEMENTS.c.campaign_id == campaign_id, ELEMENTS.c.status == "live"
    )
    return [(row[0], row[1], row[2]) for row in connection.execute(query.limit(MAX_NAMES))]


def _dead(connection: Connection, campaign_id: str) -> list[str]:
    query = select(ELEMENTS.c.element_id).where(
        ELEMENTS.c.campaign_id == campaign_id,
        ELEMENTS.c.status == "live",
        ELEMENTS.c.kind == "npc",
        ELEMENTS.c.fields.contains(_DEAD, autoescape=True),
    )
    return [row[0] for row in connection.execute(query.limit(MAX_NAMES))]


def _linked(connection: Connection, campaign_id: str, ids: Sequence[str]) -> list[str]:
    found: dict[str, None] = {}
    for mine, other in (
        (REFERENCES.c.from_id, REFERENCES.c.to_id),
        (REFERENCES.c.to_id, REFERENCES.c.from_id),
    ):
        if ids:
            query = select(other).where(
                mine.in_(list(ids)), REFERENCES.c.until == OPEN, REFERENCES.c.campaign_id == campaign_id
            )
            found |= dict.fromkeys(row[0] for row in connection.execute(query.limit(MAX_NEAR)))
    return list(found)


def _touched(connection: Connection, campaign_id: str) -> tuple[list[str], list[dict[str, Any]]]:
    """The ids of the elements that were touched last, and what happened last, the latest first."""
    columns = (
        CHANGES.c.what,
        CHANGES.c.subject,
        CHANGES.c.kind,
        CHANGES.c.name,
        CHANGES.c.actor_name,
        CHANGES.c.fields,
    )
    query = select(*columns).where(CHANGES.c.campaign_id == campaign_id)
    latest = query.order_by(CHANGES.c.position.desc(), CHANGES.c.ordinal.desc()).limit(MAX_CHANGES)
    rows = [{**row, "fields": from_text(row["fields"])} for row in connection.execute(latest).mappings()]
    subjects = dict.fromkeys(row["subject"] for row in rows if row["what"].startswith("element."))
    return [each for each in subjects if each], rows


def _characters(connection: Connection, campaign_id: str) -> list[dict[str, Any]]:
    columns = (CHARACTERS.c.character_id, CHARACTERS.c.name, CHARACTERS.c.fields)
    query = select(*columns).where(CHARACTERS.c.campaign_id == campaign_id)
    found = connection.execute(query.order_by(CHARACTERS.c.name, CHARACTERS.c.character_id).limit(64))
    return [{**from_text(row.fields), "name": row.name, "character_id": row.character_id} for row in found]


def _sessions(connection: Connection, campaign_id: str) -> list[dict[str, Any]]:
    columns = (SESSIONS.c.number, SESSIONS.c.title, SESSIONS.c.recap, SESSIONS.c.recap_players)
    query = select(*columns).where(SESSIONS.c.campaign_id == campaign_id)
    return [
        dict(row) for row in connection.execute(query.order_by(SESSIONS.c.number.desc()).limit(3)).mappings()
    ]
