"""The read model of what models were asked: one row per decision, one per attempt, and what each day may cost.

The messages themselves stay in the log; a row says where. Amounts are billionths of a US dollar, times µs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Index, bindparam, select

from events.budget import BudgetReserved, BudgetSettled
from events.commit import moment
from events.decision import DecisionJudged, DecisionMade, DecisionRerun
from events.npc import NpcSpoke
from projections.projection import Address, Entry, Projection, reads
from projections.rows import Rows
from projections.schema import (
    INTEGER,
    SAFE_INTEGER,
    TEXT,
    brief,
    from_text,
    name,
    optional,
    required,
    table,
    to_text,
)

MAX_PROBLEM = 300
MAX_PAGE = 1000
MAX_MEMORIES = 200
MAX_VERDICTS = 16

DECISIONS = table(
    "decisions",
    required("decision_id", name(), key=True),
    required("position", INTEGER),
    required("at", INTEGER),
    required("day", name(10)),
    required("agent", name(64)),
    required("purpose", name(64)),
    required("npc_id", name()),
    required("player_id", name()),
    required("request_id", name()),
    required("route", name(16)),
    required("provider", name(64)),
    required("model", name()),
    required("template", name(64)),
    required("prompt_version", name(64)),
    required("prompt_hash", name(64)),
    required("question", name(64)),
    required("code", INTEGER),
    required("problem", name(MAX_PROBLEM)),
    required("finish", name(32)),
    required("tokens_in", INTEGER),
    required("tokens_cached", INTEGER),
    required("tokens_out", INTEGER),
    required("tokens_reasoning", INTEGER),
    required("cost", INTEGER),
    required("latency", INTEGER),
    required("attempts", INTEGER),
    required("memories", TEXT),
    required("verdict", name(16)),
    required("verdicts", TEXT),
    required("reruns", INTEGER),
    required("rerun_cost", INTEGER),
    required("correlation_id", name()),
    optional("causation_id", name(64)),
)
Index("ix_decisions_position", DECISIONS.c.position)
Index("ix_decisions_at", DECISIONS.c.at)
Index("ix_decisions_npc", DECISIONS.c.npc_id, DECISIONS.c.position)
Index("ix_decisions_player", DECISIONS.c.player_id, DECISIONS.c.position)

ATTEMPTS = table(
    "decision_attempts",
    required("position", INTEGER, key=True),
    required("ordinal", INTEGER, key=True),
    required("at", INTEGER),
    required("agent", name(64)),
    required("provider", name(64)),
    required("model", name()),
    required("outcome", name(16)),
    required("status", INTEGER),
    required("error", name(MAX_PROBLEM)),
    required("latency", INTEGER),
    clustered=True,
)

METHODS = table(
    "answer_methods",
    required("day", name(10), key=True),
    required("method", name(64), key=True),
    required("answers", INTEGER),
)
"""How NPCs came by what they said: by a template, a model, the cache, or a fallback."""

BUDGETS = table(
    "budget_days",
    required("day", name(10), key=True),
    required("agent", name(64), key=True),
    required("reserved", INTEGER),
    required("spent", INTEGER),
    required("calls", INTEGER),
)

LEASES = table(
    "budget_leases",
    required("day", name(10), key=True),
    required("lease", name(), key=True),
    required("agent", name(64)),
    required("amount", INTEGER),
)


def _keys(entry: Entry) -> Iterable[Address]:
    # A tuple for the many commits of NPCs that say nothing: they must not pay for what models decide.
    if entry.category == "npc":
        spoken = [event for event in entry.commit.events if type(event) is NpcSpoke]
        return [(METHODS, (_day(entry.at), _method(event))) for event in spoken] if spoken else ()
    if entry.category == "decision":
        return ((DECISIONS, (entry.entity,)),)
    return _money(entry)


def _money(entry: Entry) -> Iterable[Address]:
    for event in entry.commit.events:
        if isinstance(event, BudgetReserved | BudgetSettled):
            yield BUDGETS, (entry.entity, brief(event.agent, 64))
            yield LEASES, (entry.entity, event.lease)


def _fold(rows: Rows, entry: Entry) -> None:
    for event in entry.commit.events:
        match event:
            case NpcSpoke():
                _count(rows, entry, _method(event))
            case DecisionMade():
                rows.put(DECISIONS, (entry.entity,), _made(event, entry))
                _attempted(rows, event, entry)
            case DecisionJudged():
                _judged(rows, event, entry)
            case DecisionRerun():
                row = rows.get(DECISIONS, (entry.entity,))
                if row is not None:
                    again = {
                        "reruns": row["reruns"] + 1,
                        "rerun_cost": _bounded(row["rerun_cost"] + event.cost),
                    }
                    rows.put(DECISIONS, (entry.entity,), {**row, **again})
            case BudgetReserved():
                _reserved(rows, event, entry.entity)
            case BudgetSettled():
                _settled(rows, event, entry.entity)


def _made(event: DecisionMade, entry: Entry) -> dict[str, Any]:
    commit, prompt, usage = entry.commit, event.prompt, event.usage
    return {
        "decision_id": entry.entity,
        "position": entry.position,
        "at": entry.at,
        "day": _day(entry.at),
        "agent": brief(event.agent, 64),
        "purpose": brief(event.purpose, 64),
        "npc_id": brief(event.npc_id, 190),
        "player_id": brief(event.player_id, 190),
        "request_id": brief(event.request_id, 190),
        "route": brief(event.route, 16),
        "provider": brief(event.provider, 64),
        "model": brief(event.model, 190),
        "template": "" if prompt is None else brief(prompt.template, 64),
        "prompt_version": "" if prompt is None else brief(prompt.version, 64),
        "prompt_hash": "" if prompt is None else brief(prompt.hash, 64),
        "question": brief(event.key, 64),
        "code": _bounded(event.code),
        "problem": brief(event.problem, MAX_PROBLEM),
        "finish": brief(event.finish, 32),
        "tokens_in": _bounded(usage.input),
        "tokens_cached": _bounded(usage.cached),
        "tokens_out": _bounded(usage.output),
        "tokens_reasoning": _bounded(usage.reasoning),
        "cost": _bounded(event.cost),
        "latency": _bounded(event.latency),
        "attempts": len(event.attempts),
        "memories": to_text(list(event.memories[:MAX_MEMORIES])),
        "verdict": "",
        "verdicts": "[]",
        "reruns": 0,
        "rerun_cost": 0,
        "correlation_id": commit.correlation_id,
        "causation_id": commit.causation_id,
    }


def _attempted(rows: Rows, event: DecisionMade, entry: Entry) -> None:
    for ordinal, attempt in enumerate(event.attempts):
        rows.insert(
            ATTEMPTS,
            (
                entry.position,
                ordinal,
                entry.at,
                brief(event.agent, 64),
                brief(attempt.provider, 64),
                brief(attempt.model, 190),
                brief(attempt.outcome, 16),
                _bounded(attempt.status or 0),
                brief(attempt.error, MAX_PROBLEM),
                _bounded(attempt.latency),
            ),
        )


def _judged(rows: Rows, event: DecisionJudged, entry: Entry) -> None:
    row = rows.get(DECISIONS, (entry.entity,))
    if row is None:
        return
    verdict = {
        "command": brief(event.command, 64),
        "verdict": brief(event.verdict, 16),
        "position": event.position,
        "code": event.code,
        "message": brief(event.message, MAX_PROBLEM),
        "judged_at": entry.position,
    }
    verdicts = [*from_text(row["verdicts"]), verdict][:MAX_VERDICTS]
    said = {each["verdict"] for each in verdicts}
    together = said.pop() if len(said) == 1 else "partly"
    rows.put(DECISIONS, (entry.entity,), {**row, "verdict": together, "verdicts": to_text(verdicts)})


def _count(rows: Rows, entry: Entry, method: str) -> None:
    key = (_day(entry.at), method)
    row = rows.get(METHODS, key)
    answers = 1 if row is None else row["answers"] + 1
    rows.put(METHODS, key, {"day": key[0], "method": method, "answers": answers})


def _reserved(rows: Rows, event: BudgetReserved, day: str) -> None:
    agent = brief(event.agent, 64)
    row = _budget(rows, day, agent)
    rows.put(BUDGETS, (day, agent), {**row, "reserved": _bounded(row["reserved"] + event.amount)})
    held = {"day": day, "lease": event.lease, "agent": agent, "amount": _bounded(event.amount)}
    rows.put(LEASES, (day, event.lease), held)


def _settled(rows: Rows, event: BudgetSettled, day: str) -> None:
    agent = brief(event.agent, 64)
    row, held = _budget(rows, day, agent), rows.get(LEASES, (day, event.lease))
    left = row["reserved"] - (0 if held is None else held["amount"])
    spent = {"spent": _bounded(row["spent"] + event.spent), "calls": _bounded(row["calls"] + event.calls)}
    rows.put(BUDGETS, (day, agent), {**row, "reserved": max(left, 0), **spent})
    rows.delete(LEASES, (day, event.lease))


def _budget(rows: Rows, day: str, agent: str) -> dict[str, Any]:
    row = rows.get(BUDGETS, (day, agent))
    return {"day": day, "agent": agent, "reserved": 0, "spent": 0, "calls": 0} if row is None else dict(row)


def _day(at: int) -> str:
    return moment(at).date().isoformat()


def _method(event: NpcSpoke) -> str:
    return brief(event.method, 64)


def _bounded(number: int) -> int:
    return max(-SAFE_INTEGER, min(number, SAFE_INTEGER))


DECISION_RECORDS = Projection(
    "decisions",
    1,
    (DECISIONS, ATTEMPTS, METHODS, BUDGETS, LEASES),
    _keys,
    _fold,
    frozenset({"decision", "budget", "npc"}),
)

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
