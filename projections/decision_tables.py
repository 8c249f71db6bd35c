"""The tables of the read model of decisions. Amounts are billionths of a US dollar, times µs."""

from __future__ import annotations

from sqlalchemy import Index

from projections.schema import INTEGER, TEXT, name, optional, required, table

MAX_PROBLEM = 300

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
