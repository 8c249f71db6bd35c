"""The read model of what models were asked: one row per decision, one per attempt, and what each day may cost.

The messages themselves stay in the log; a row says where. Amounts are billionths of a US dollar, times µs.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, select

from events.commit import moment
from projections.decision_tables import ATTEMPTS, DECISIONS
from projections.projection import reads
from projections.schema import from_text

MAX_PAGE = 1000

_ONE = select(DECISIONS).where(DECISIONS.c.decision_id == bindparam("decision_id"))
_ATTEMPTS_OF = (
    select(ATTEMPTS).where(ATTEMPTS.c.position == bindparam("of_position")).order_by(ATTEMPTS.c.ordinal)
)

EXACT = (
    "agent",
    "purpose",
    "npc_id",
    "player_id",
    "request_id",
    "route",
    "provider",
    "model",
    "code",
    "verdict",
)
"""Columns a selection may name the value of."""


def chosen(
    query: Any,
    *,
    since: int | None = None,
    until: int | None = None,
    first: int | None = None,
    last: int | None = None,
    failed: bool = False,
    min_cost: int | None = None,
    **exact: str | int | None,
) -> Any:
    """`query` with only the decisions that fit: made from `since` to `until` (µs), at positions `first` to `last`.

    `exact` are values of the columns `EXACT`. Raises `ValueError` for any other.
    """
    for column, value in exact.items():
        if column not in EXACT:
            raise ValueError(f"decisions are not selected by {column!r}, only by {', '.join(EXACT)}")
        if value is not None:
            query = query.where(DECISIONS.c[column] == value)
    if since is not None:
        query = query.where(DECISIONS.c.at >= since)
    if until is not None:
        query = query.where(DECISIONS.c.at <= until)
    if first is not None:
        query = query.where(DECISIONS.c.position >= first)
    if last is not None:
        query = query.where(DECISIONS.c.position <= last)
    if failed:
        query = query.where(DECISIONS.c.code < 0)
    if min_cost is not None:
        query = query.where(DECISIONS.c.cost >= min_cost)
    return query


@reads("decisions")
def decisions(
    connection: Connection, /, *, cursor: str | None = None, limit: int = 50, **selection: Any
) -> dict[str, Any]:
    """Decisions, newest first: `{"decisions": [...], "next": cursor or null}`; `limit` at most 1,000.

    `selection` is that of `chosen`. Raises `ValueError` for a cursor that is none of ours.
    """
    limit = max(1, min(limit, MAX_PAGE))
    query = chosen(select(DECISIONS), **selection)
    if cursor is not None:
        if not (cursor.isascii() and cursor.isdecimal() and len(cursor) <= 18):
            raise ValueError(f"{cursor[:40]!r} is not a cursor of decisions")
        query = query.where(DECISIONS.c.position < int(cursor))
    found = connection.execute(query.order_by(DECISIONS.c.position.desc()).limit(limit + 1)).mappings().all()
    shown = [_shown(row) for row in found[:limit]]
    return {"decisions": shown, "next": str(shown[-1]["position"]) if len(found) > limit else None}


@reads("decisions")
def decision(connection: Connection, decision_id: str) -> dict[str, Any] | None:
    """One decision with its attempts, or None if there never was one of that id."""
    row = connection.execute(_ONE, {"decision_id": decision_id}).mappings().first()
    if row is None:
        return None
    found = connection.execute(_ATTEMPTS_OF, {"of_position": row["position"]}).mappings()
    tried = [
        {key: value for key, value in each.items() if key not in {"position", "agent"}} for each in found
    ]
    return _shown(row) | {"tried": tried}


def _shown(row: Any) -> dict[str, Any]:
    return {
        **row,
        "at": moment(row["at"]).isoformat(),
        "memories": from_text(row["memories"]),
        "verdicts": from_text(row["verdicts"]),
    }
