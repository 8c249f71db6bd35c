"""What commits make of the rows of decisions, attempts and budgets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from events.budget import BudgetReserved, BudgetSettled
from events.commit import moment
from events.decision import DecisionJudged, DecisionMade, DecisionRerun
from events.npc import NpcSpoke
from projections.decision_tables import ATTEMPTS, BUDGETS, DECISIONS, LEASES, MAX_PROBLEM, METHODS
from projections.projection import Address, Entry, Projection
from projections.rows import Rows
from projections.schema import SAFE_INTEGER, brief, from_text, to_text

MAX_MEMORIES = 200
MAX_VERDICTS = 16


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
