"""What models cost and how they did, from the read model of decisions: sums by agent, model, NPC and day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, case, func, select

from events.commit import moment
from projections.decision_tables import ATTEMPTS, BUDGETS, DECISIONS, METHODS
from projections.decisions import chosen
from projections.projection import reads

GROUPS = ("day", "agent", "purpose", "npc_id", "player_id", "provider", "model", "route")
ALIASES = {"npc": "npc_id", "player": "player_id"}
MAX_GROUPS = 1000
PERCENTILES = (50, 90, 99)
TEMPLATE = "template"

_TOTALS = (
    func.count().label("decisions"),
    func.sum(case((DECISIONS.c.code < 0, 1), else_=0)).label("failed"),
    func.sum(case((DECISIONS.c.route == "cache", 1), else_=0)).label("cached"),
    func.sum(DECISIONS.c.tokens_in).label("tokens_in"),
    func.sum(DECISIONS.c.tokens_cached).label("tokens_cached"),
    func.sum(DECISIONS.c.tokens_out).label("tokens_out"),
    func.sum(DECISIONS.c.cost).label("cost"),
    func.sum(DECISIONS.c.rerun_cost).label("rerun_cost"),
    func.sum(DECISIONS.c.latency).label("latency"),
)


@reads("decisions")
def cost(
    connection: Connection, /, by: Sequence[str] = ("model",), *, limit: int = MAX_GROUPS, **selection: Any
) -> dict[str, Any]:
    """`{"groups": [...], "total": {...}, "more": bool}`: decisions, failures, tokens, cost and latency (µs, all
    together), dearest group first.

    `by` are names of `GROUPS`, or `npc` and `player`; `selection` is that of `projections.decisions.chosen`.
    Raises `ValueError`.
    """
    by = [ALIASES.get(name, name) for name in by]
    unknown = [column for column in by if column not in GROUPS]
    if unknown:
        raise ValueError(f"costs are not grouped by {unknown[0]!r}, only by {', '.join(GROUPS)}")
    columns = [DECISIONS.c[column] for column in dict.fromkeys(by)]
    limit = max(1, min(limit, MAX_GROUPS))
    groups: list[dict[str, Any]] = []
    if columns:
        query = chosen(select(*columns, *_TOTALS), **selection).group_by(*columns)
        query = query.order_by(func.sum(DECISIONS.c.cost).desc(), *columns).limit(limit + 1)
        groups = [_whole(row) for row in connection.execute(query).mappings()]
    total = connection.execute(chosen(select(*_TOTALS), **selection)).mappings().one()
    return {"groups": groups[:limit], "total": _whole(total), "more": len(groups) > limit}


@reads("decisions")
def budgets(connection: Connection, *, since: str | None = None, limit: int = 100) -> list[dict[str, Any]]:
    """What each agent reserved and spent a day, newest day first; `since` is `YYYY-MM-DD`.

    `reserved` is what leases hold that are not settled: it counts as spent until they are.
    """
    query = (
        select(BUDGETS).order_by(BUDGETS.c.day.desc(), BUDGETS.c.agent).limit(max(1, min(limit, MAX_GROUPS)))
    )
    if since is not None:
        query = query.where(BUDGETS.c.day >= since)
    return [dict(row) for row in connection.execute(query).mappings()]


@reads("decisions")
def stats(connection: Connection, /, **selection: Any) -> dict[str, Any]:
    """Calls, routes, failures, verdicts, tokens, cost, latency of the decisions selected, and the template ratio.

    `latency_us` are percentiles of the decisions that a model answered. `failures` count attempts by provider,
    status and error. `answers` are what NPCs said, by method; they and `template_ratio` (None when nothing was
    said) follow `since` and `until`, to the day, and no other selection.
    """
    total = connection.execute(chosen(select(*_TOTALS), **selection)).mappings().one()
    said = _methods(connection, selection.get("since"), selection.get("until"))
    spoken = sum(said.values())
    return {
        **_whole(total),
        "routes": _counts(connection, "route", selection),
        "codes": {int(code): count for code, count in _counts(connection, "code", selection).items()},
        "verdicts": {
            verdict or "pending": n for verdict, n in _counts(connection, "verdict", selection).items()
        },
        "latency_us": _percentiles(connection, selection),
        "failures": _failures(connection, selection),
        "answers": said,
        "template_ratio": round(said.get(TEMPLATE, 0) / spoken, 4) if spoken else None,
    }


def _counts(connection: Connection, column: str, selection: dict[str, Any]) -> dict[Any, int]:
    grouped = DECISIONS.c[column]
    query = chosen(select(grouped, func.count()), **selection).group_by(grouped).order_by(grouped)
    return {value: int(count) for value, count in connection.execute(query)}


def _percentiles(connection: Connection, selection: dict[str, Any]) -> dict[str, int]:
    answered = chosen(
        select(DECISIONS.c.latency, func.row_number().over(order_by=DECISIONS.c.latency).label("rank")),
        **selection,
    ).where(DECISIONS.c.route.in_(("model", "fallback")))
    ranked = answered.subquery()
    count = int(connection.execute(select(func.count()).select_from(ranked)).scalar_one())
    if not count:
        return {}
    places = {f"p{percent}": max(1, -(-count * percent // 100)) for percent in PERCENTILES} | {"max": count}
    query = select(ranked.c.rank, ranked.c.latency).where(ranked.c.rank.in_(set(places.values())))
    found = {int(rank): int(latency) for rank, latency in connection.execute(query)}
    return {title: found[place] for title, place in places.items()}


def _failures(connection: Connection, selection: dict[str, Any]) -> list[dict[str, Any]]:
    of = chosen(select(DECISIONS.c.position), **selection).subquery()
    count = func.count().label("count")
    what = (ATTEMPTS.c.provider, ATTEMPTS.c.outcome, ATTEMPTS.c.status, ATTEMPTS.c.error)
    query = (
        select(*what, count)
        .join(of, of.c.position == ATTEMPTS.c.position)
        .where(ATTEMPTS.c.outcome != "answered")
        .group_by(*what)
        .order_by(count.desc(), *what)
        .limit(50)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def _methods(connection: Connection, since: int | None, until: int | None) -> dict[str, int]:
    query = select(METHODS.c.method, func.sum(METHODS.c.answers)).group_by(METHODS.c.method)
    if since is not None:
        query = query.where(METHODS.c.day >= moment(since).date().isoformat())
    if until is not None:
        query = query.where(METHODS.c.day <= moment(until).date().isoformat())
    return {method: int(count) for method, count in connection.execute(query.order_by(METHODS.c.method))}


def _whole(row: Any) -> dict[str, Any]:
    """Sums as integers: of nothing they are null, and MariaDB gives decimals."""
    sums = {column.name for column in _TOTALS}
    return {key: int(value or 0) if key in sums else value for key, value in row.items()}
