"""The read model of campaigns' spending limits: what each day's calls of models cost, and what they may cost."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from events.allowance import AllowanceReserved, AllowanceSettled, period_of, resets_on
from events.campaign import CampaignSpendingLimited
from events.commit import moment
from projections.projection import Address, Entry, Projection, reads
from projections.rows import Rows
from projections.schema import INTEGER, name, required, table

NAME = "allowances"
NANO = 1_000_000_000
MAX_ID = 64

DAYS = table(
    "campaign_allowance_days",
    required("campaign_id", name(MAX_ID), key=True),
    required("day", name(10), key=True),
    required("spent", INTEGER),
    required("reserved", INTEGER),
    required("calls", INTEGER),
    clustered=True,
)
"""Billionths of a dollar; `reserved` is what calls may cost that are not settled: it counts as spent until they are."""

LIMITS = table(
    "campaign_spending_limits",
    required("campaign_id", name(MAX_ID), key=True),
    required("amount", INTEGER),
    required("period", name(8)),
    required("set_at", INTEGER),
    required("set_by", name(MAX_ID)),
    clustered=True,
)


def _keys(entry: Entry) -> Iterable[Address]:
    for event in entry.commit.events:
        if isinstance(event, AllowanceReserved | AllowanceSettled):
            yield DAYS, (entry.entity[:MAX_ID], event.day)


def _fold(rows: Rows, entry: Entry) -> None:
    campaign_id = entry.entity[:MAX_ID]
    for event in entry.commit.events:
        match event:
            case AllowanceReserved():
                _add(rows, campaign_id, event.day, 0, event.amount, 0)
            case AllowanceSettled():
                _add(rows, campaign_id, event.day, event.cost, -event.amount, 1)
            case CampaignSpendingLimited(amount=None):
                rows.delete(LIMITS, (campaign_id,))
            case CampaignSpendingLimited():
                by = entry.commit.actor.id[:MAX_ID]
                limit = {"amount": event.amount, "period": event.period, "set_at": entry.at, "set_by": by}
                rows.put(LIMITS, (campaign_id,), {"campaign_id": campaign_id, **limit})


def _add(rows: Rows, campaign_id: str, day: str, spent: int, reserved: int, calls: int) -> None:
    key = campaign_id, day
    row = rows.get(DAYS, key) or {"campaign_id": key[0], "day": key[1], "spent": 0, "reserved": 0, "calls": 0}
    added = {"spent": spent, "reserved": reserved, "calls": calls}
    rows.put(DAYS, key, {**row, **{part: row[part] + more for part, more in added.items()}})


ALLOWANCES = Projection(NAME, 1, (DAYS, LIMITS), _keys, _fold, frozenset({"allowance", "campaign"}))


@reads(NAME)
def allowance(connection: Connection, campaign_id: str, today: date) -> dict[str, Any]:
    """What models cost a campaign on the day `today` (UTC) and in its month, in US dollars, and the limit, if there is
    one: `{"day": {"spent", "reserved", "calls"}, "month": …, "limit": {"amount", "period", "spent", "reserved", "left",
    "used_up", "resets_at", "set_at", "set_by"} | None}`."""
    day = today.isoformat()
    month = period_of(day, "month")
    query = select(DAYS).where(
        DAYS.c.campaign_id == campaign_id, DAYS.c.day >= f"{month}-01", DAYS.c.day <= f"{month}-31"
    )
    rows = connection.execute(query).mappings().all()
    sums = {
        "day": _sum([row for row in rows if row["day"] == day]),
        "month": _sum(rows),
    }
    limit = connection.execute(select(LIMITS).where(LIMITS.c.campaign_id == campaign_id)).mappings().first()
    if limit is None:
        return {**_shown(sums), "limit": None}
    taken = sums[limit["period"]]
    left = max(limit["amount"] - taken["spent"] - taken["reserved"], 0)
    return {
        **_shown(sums),
        "limit": {
            "amount": limit["amount"] / NANO,
            "period": limit["period"],
            "spent": taken["spent"] / NANO,
            "reserved": taken["reserved"] / NANO,
            "left": left / NANO,
            "used_up": left == 0,
            "resets_at": f"{resets_on(day, limit['period'])}T00:00:00+00:00",
            "set_at": moment(limit["set_at"]).isoformat(),
            "set_by": limit["set_by"],
        },
    }


def _sum(rows: Iterable[Any]) -> dict[str, int]:
    found = {"spent": 0, "reserved": 0, "calls": 0}
    for row in rows:
        found = {part: number + row[part] for part, number in found.items()}
    return found


def _shown(sums: dict[str, dict[str, int]]) -> dict[str, Any]:
    return {
        period: {"spent": each["spent"] / NANO, "reserved": each["reserved"] / NANO, "calls": each["calls"]}
        for period, each in sums.items()
    }
