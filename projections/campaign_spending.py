"""The read model of what models cost a campaign, and who asked them: from every decision made on behalf of one.

A decision belongs to a campaign when its inputs name one (`campaign_id`); its `player_id` is then the account.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, bindparam, select

from events.commit import moment
from events.decision import DecisionMade
from projections.projection import Address, Entry, Projection, reads
from projections.rows import Rows
from projections.schema import INTEGER, name, required, table

NANO = 1_000_000_000
MAX_ROWS = 1000
MAX_ID = 64

SPENDING = table(
    "campaign_spending",
    required("campaign_id", name(MAX_ID), key=True),
    required("account_id", name(MAX_ID), key=True),
    required("purpose", name(64), key=True),
    required("decisions", INTEGER),
    required("unusable", INTEGER),
    required("cost", INTEGER),
    required("input_tokens", INTEGER),
    required("output_tokens", INTEGER),
    required("last_at", INTEGER),
    clustered=True,
)


def _made(entry: Entry) -> Iterator[tuple[DecisionMade, tuple[str, str, str]]]:
    for event in entry.commit.events:
        if type(event) is DecisionMade:
            campaign = event.inputs.get("campaign_id")
            if isinstance(campaign, str) and campaign:
                yield event, (campaign[:MAX_ID], event.player_id[:MAX_ID], event.purpose[:64])


def _keys(entry: Entry) -> Iterable[Address]:
    return [(SPENDING, key) for _, key in _made(entry)]


def _fold(rows: Rows, entry: Entry) -> None:
    for event, key in _made(entry):
        row = rows.get(SPENDING, key) or _nothing(key)
        rows.put(
            SPENDING,
            key,
            {
                **row,
                "decisions": row["decisions"] + 1,
                "unusable": row["unusable"] + (event.proposal is None),
                "cost": row["cost"] + event.cost,
                "input_tokens": row["input_tokens"] + event.usage.input,
                "output_tokens": row["output_tokens"] + event.usage.output,
                "last_at": entry.at,
            },
        )


def _nothing(key: tuple[str, str, str]) -> dict[str, Any]:
    counts = dict.fromkeys(("decisions", "unusable", "cost", "input_tokens", "output_tokens", "last_at"), 0)
    return {**dict(zip(("campaign_id", "account_id", "purpose"), key, strict=True)), **counts}


CAMPAIGN_SPENDING = Projection("campaign_spending", 1, (SPENDING,), _keys, _fold, frozenset({"decision"}))

_OF_CAMPAIGN = (
    select(SPENDING)
    .where(SPENDING.c.campaign_id == bindparam("campaign_id"))
    .order_by(SPENDING.c.account_id, SPENDING.c.purpose)
    .limit(MAX_ROWS)
)


@reads("campaign_spending")
def spending(connection: Connection, campaign_id: str) -> dict[str, Any]:
    """What a campaign's questions cost in US dollars: `{"cost", "decisions", "tokens", "by": [{"account_id", "purpose",
    "cost", "decisions", "unusable", "tokens", "last_at"}]}`."""
    found = connection.execute(_OF_CAMPAIGN, {"campaign_id": campaign_id}).mappings().all()
    return {
        "cost": sum(row["cost"] for row in found) / NANO,
        "decisions": sum(row["decisions"] for row in found),
        "tokens": sum(row["input_tokens"] + row["output_tokens"] for row in found),
        "by": [
            {
                "account_id": row["account_id"],
                "purpose": row["purpose"],
                "cost": row["cost"] / NANO,
                "decisions": row["decisions"],
                "unusable": row["unusable"],
                "tokens": row["input_tokens"] + row["output_tokens"],
                "last_at": moment(row["last_at"]).isoformat(),
            }
            for row in found
        ],
    }
