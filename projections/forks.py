"""The read model of forked campaigns: of which campaign each is a copy, as of when, and how far the copying is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, func, select

from events.campaign import CampaignForkBegun, CampaignForkFailed, CampaignForkFinished
from events.commit import moment
from projections.campaigns import NAME as CAMPAIGNS
from projections.campaigns import campaign
from projections.element_tables import REVISIONS, SPANS
from projections.elements import spans_at
from projections.projection import Address, Entry, Projection, reads
from projections.rows import Rows
from projections.schema import INTEGER, brief, from_text, name, optional, required, table
from projections.sight import Viewer

NAME = "forks"
MAX_ID = 64
MAX_PROBLEM = 500
PAGE = 200

FORKS = table(
    "campaign_forks",
    required("campaign_id", name(MAX_ID), key=True),
    required("origin", name(MAX_ID)),
    required("position", INTEGER),
    required("elements", INTEGER),
    required("characters", INTEGER),
    required("state", name(16)),
    required("problem", name(MAX_PROBLEM)),
    required("begun_at", INTEGER),
    optional("ended_at", INTEGER),
    clustered=True,
)
"""`position` is that of the original that was copied; `state` is forking, finished or failed."""
_OURS = (CampaignForkBegun, CampaignForkFinished, CampaignForkFailed)


def _keys(entry: Entry) -> Iterable[Address]:
    if any(isinstance(event, _OURS) for event in entry.commit.events):
        yield FORKS, (entry.entity[:MAX_ID],)


def _fold(rows: Rows, entry: Entry) -> None:
    key = (entry.entity[:MAX_ID],)
    for event in entry.commit.events:
        if isinstance(event, CampaignForkBegun):
            begun = {"origin": event.origin[:MAX_ID], "position": event.position, "elements": event.elements}
            ends = {
                "characters": 0,
                "state": "forking",
                "problem": "",
                "begun_at": entry.at,
                "ended_at": None,
            }
            rows.put(FORKS, key, {"campaign_id": key[0], **begun, **ends})
        elif (
            isinstance(event, CampaignForkFinished | CampaignForkFailed)
            and (row := rows.get(FORKS, key)) is not None
        ):
            rows.put(FORKS, key, {**row, **_ended(event), "ended_at": entry.at})


def _ended(event: CampaignForkFinished | CampaignForkFailed) -> dict[str, Any]:
    if isinstance(event, CampaignForkFailed):
        return {"state": "failed", "problem": brief(event.problem, MAX_PROBLEM)}
    return {"state": "finished", "elements": event.elements, "characters": event.characters}


FORKED_CAMPAIGNS = Projection(NAME, 1, (FORKS,), _keys, _fold, frozenset({"campaign"}))


@reads(CAMPAIGNS, NAME)
def campaign_and_origin(connection: Connection, campaign_id: str, viewer: Viewer) -> dict[str, Any] | None:
    """As `projections.campaigns.campaign`, with `forked_from` for game masters: None, or `{"campaign_id", "position",
    "state", "elements", "copied", "characters", "problem", "begun_at", "ended_at"}`."""
    found = campaign(connection, campaign_id, viewer)
    if found is None:
        return None
    row = connection.execute(select(FORKS).where(FORKS.c.campaign_id == campaign_id)).mappings().first()
    if row is None or not viewer.master:
        return found | {"forked_from": None}
    ended = row["ended_at"]
    copied = sum(found["counts"].values()) if row["state"] == "forking" else row["elements"]
    return found | {
        "forked_from": {
            "campaign_id": row["origin"],
            **{part: row[part] for part in ("position", "state", "elements", "characters", "problem")},
            "copied": copied,
            "begun_at": moment(row["begun_at"]).isoformat(),
            "ended_at": None if ended is None else moment(ended).isoformat(),
        }
    }


@reads(CAMPAIGNS)
def elements_then(connection: Connection, campaign_id: str, at: int) -> int:
    """How many elements a campaign had at a position."""
    then = spans_at(campaign_id, at).where(SPANS.c.status == "live").subquery()
    return int(connection.execute(select(func.count()).select_from(then)).scalar_one())


@reads(CAMPAIGNS)
def ids_then(connection: Connection, campaign_id: str, at: int, limit: int) -> list[str]:
    """The ids of the elements a campaign had at a position, in the order in which they are copied."""
    query = select(SPANS.c.element_id).where(
        SPANS.c.campaign_id == campaign_id,
        SPANS.c.since <= at,
        SPANS.c.until > at,
        SPANS.c.status == "live",
    )
    return list(connection.execute(query.order_by(SPANS.c.sort, SPANS.c.element_id).limit(limit)).scalars())


@reads(CAMPAIGNS)
def whole_then(connection: Connection, campaign_id: str, at: int, ids: list[str]) -> list[dict[str, Any]]:
    """Those elements (at most `PAGE`) as they were: element_id, kind, version, fields and who saw them."""
    ids = ids[:PAGE]
    span = SPANS.c.element_id == REVISIONS.c.element_id, SPANS.c.version == REVISIONS.c.version
    query = (
        select(REVISIONS)
        .join(SPANS, span[0] & span[1])
        .where(SPANS.c.element_id.in_(ids), SPANS.c.since <= at, SPANS.c.until > at)
    )
    found = {}
    for row in connection.execute(query).mappings():
        if row["campaign_id"] == campaign_id:
            loads = {part: from_text(row[part]) for part in ("fields", "members", "field_visibility")}
            plain = {part: row[part] for part in ("element_id", "kind", "version", "visibility")}
            found[row["element_id"]] = plain | loads
    return [found[each] for each in ids if each in found]
