"""The read model of proposals: what was drafted for a campaign, what it cost, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Index, bindparam, func, select

from events.commit import Event, moment
from events.proposal import ProposalAccepted, ProposalMade, ProposalRejected
from projections.projection import Address, Entry, Projection, reads
from projections.rows import Rows
from projections.schema import INTEGER, TEXT, brief, from_text, name, optional, required, table, to_text

MAX_PAGE = 100
MAX_REASON = 500
NANO = 1_000_000_000

PROPOSALS = table(
    "proposals",
    required("proposal_id", name(), key=True),
    required("campaign_id", name(64)),
    required("kind", name(16)),
    required("status", name(16)),
    required("brief", TEXT),
    required("language", name(8)),
    required("seed", name(64)),
    required("target", name(64)),
    required("drafts", TEXT),
    required("considered", TEXT),
    required("left_out", TEXT),
    required("account_id", name(64)),
    required("account_name", name(64)),
    required("at", INTEGER),
    required("position", INTEGER),
    required("version", INTEGER),
    required("cost", INTEGER),
    required("tokens", INTEGER),
    optional("accepted_draft", INTEGER),
    optional("element_id", name(64)),
    required("edited", TEXT),
    required("reason", name(MAX_REASON)),
    optional("decided_at", INTEGER),
    optional("decided_by", name(64)),
)
Index("ix_proposals_campaign", PROPOSALS.c.campaign_id, PROPOSALS.c.position)
Index("ix_proposals_status", PROPOSALS.c.campaign_id, PROPOSALS.c.status, PROPOSALS.c.position)


def _keys(entry: Entry) -> Iterable[Address]:
    yield PROPOSALS, (entry.entity,)


def _fold(rows: Rows, entry: Entry) -> None:
    for event in entry.commit.events:
        if isinstance(event, ProposalMade):
            rows.put(PROPOSALS, (entry.entity,), row_of(event, entry))
            continue
        row = rows.get(PROPOSALS, (entry.entity,))
        decided = _decided(event)
        if row is not None and decided:
            when = {"decided_at": entry.at, "version": entry.commit.version}
            rows.put(PROPOSALS, (entry.entity,), {**row, **when, **decided})


def row_of(event: ProposalMade, entry: Entry) -> dict[str, Any]:
    """The row of a proposal that has just been made."""
    return {
        "proposal_id": entry.entity,
        "campaign_id": event.campaign_id,
        "kind": event.kind,
        "status": "open",
        "brief": event.brief,
        "language": event.language,
        "seed": event.seed,
        "target": event.target,
        "drafts": to_text([asdict(draft) for draft in event.drafts]),
        "considered": to_text([[each.block, each.note, each.tokens] for each in event.considered]),
        "left_out": to_text(list(event.left_out)),
        "account_id": event.by,
        "account_name": brief(event.by_name, 64),
        "at": entry.at,
        "position": entry.position,
        "version": entry.commit.version,
        "cost": sum(draft.cost for draft in event.drafts),
        "tokens": sum(draft.input_tokens + draft.output_tokens for draft in event.drafts),
        "accepted_draft": None,
        "element_id": None,
        "edited": "[]",
        "reason": "",
        "decided_at": None,
        "decided_by": None,
    }


def _decided(event: Event) -> dict[str, Any]:
    match event:
        case ProposalAccepted():
            return {
                "status": "accepted",
                "accepted_draft": event.draft,
                "element_id": event.element_id,
                "edited": to_text(list(event.edited)),
                "decided_by": event.by,
            }
        case ProposalRejected():
            return {
                "status": "rejected",
                "reason": brief(event.reason, MAX_REASON),
                "decided_by": event.by,
            }
    return {}


PROPOSAL_RECORDS = Projection("proposals", 1, (PROPOSALS,), _keys, _fold, frozenset({"proposal"}))

_ONE = select(PROPOSALS).where(PROPOSALS.c.proposal_id == bindparam("proposal_id"))


@reads("proposals")
def proposal(connection: Connection, proposal_id: str) -> dict[str, Any] | None:
    """One proposal as the API shows it, or None."""
    row = connection.execute(_ONE, {"proposal_id": proposal_id}).mappings().first()
    return None if row is None else shown(row)


@reads("proposals")
def proposals(
    connection: Connection,
    campaign_id: str,
    *,
    status: str | None = None,
    kind: str | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> dict[str, Any]:
    """A campaign's proposals, newest first: `{"items": [...], "next": cursor or null}`; `limit` at most 100.

    Raises `ValueError` for a cursor that is none of ours.
    """
    limit = max(1, min(limit, MAX_PAGE))
    query = select(PROPOSALS).where(PROPOSALS.c.campaign_id == campaign_id)
    if status is not None:
        query = query.where(PROPOSALS.c.status == status)
    if kind is not None:
        query = query.where(PROPOSALS.c.kind == kind)
    if cursor is not None:
        if not (cursor.isascii() and cursor.isdecimal() and len(cursor) <= 18):
            raise ValueError(f"{cursor[:40]!r} is not a cursor of proposals")
        query = query.where(PROPOSALS.c.position < int(cursor))
    found = connection.execute(query.order_by(PROPOSALS.c.position.desc()).limit(limit + 1)).mappings().all()
    items = [shown(row) for row in found[:limit]]
    more = len(found) > limit
    return {"items": items, "next": str(found[limit - 1]["position"]) if more else None}


@reads("proposals")
def waiting(connection: Connection, campaign_id: str) -> int:
    """How many proposals of a campaign wait to be decided."""
    query = select(func.count()).where(PROPOSALS.c.campaign_id == campaign_id, PROPOSALS.c.status == "open")
    return int(connection.execute(query).scalar_one())


def folded(entries: Iterable[Entry]) -> dict[str, Any] | None:
    """One proposal as the API shows it, from the commits of its stream in order; None without any."""
    row: dict[str, Any] | None = None
    for entry in entries:
        for event in entry.commit.events:
            if isinstance(event, ProposalMade):
                row = row_of(event, entry)
            elif row is not None and (decided := _decided(event)):
                row |= {"decided_at": entry.at, "version": entry.commit.version, **decided}
    return None if row is None else shown(row)


def shown(row: Any) -> dict[str, Any]:
    """A row as the API shows it: amounts in US dollars."""
    return {
        "proposal_id": row["proposal_id"],
        "campaign_id": row["campaign_id"],
        "kind": row["kind"],
        "brief": row["brief"],
        "status": row["status"],
        "at": moment(row["at"]).isoformat(),
        "by": {"account_id": row["account_id"], "name": row["account_name"]},
        "language": row["language"],
        "seed": row["seed"],
        "target": row["target"] or None,
        "drafts": [_draft(number, each) for number, each in enumerate(from_text(row["drafts"]))],
        "considered": [
            {"block": block, "note": note, "tokens": tokens}
            for block, note, tokens in from_text(row["considered"])
        ],
        "left_out": from_text(row["left_out"]),
        "cost": row["cost"] / NANO,
        "tokens": row["tokens"],
        "element_id": row["element_id"],
        "accepted_draft": row["accepted_draft"],
        "edited": from_text(row["edited"]),
        "reason": row["reason"],
        "decided_at": None if row["decided_at"] is None else moment(row["decided_at"]).isoformat(),
        "decided_by": row["decided_by"],
        "position": row["position"],
        "version": row["version"],
    }


def _draft(number: int, draft: dict[str, Any]) -> dict[str, Any]:
    return {
        "draft": number,
        "fields": draft["fields"],
        "claims": draft["claims"],
        "verdicts": draft["verdicts"],
        "route": draft["route"],
        "model": draft["model"] or None,
        "decision_id": draft["decision_id"] or None,
        "cost": draft["cost"] / NANO,
        "tokens": draft["input_tokens"] + draft["output_tokens"],
        "problem": draft["problem"],
    }
