"""Template or model: which moments are worth a call. Pure.

Common moments never cost one; special ones may (`companion-engine.md` "Dialogue Service" and the triggers of the
existing service, `special_case_reasons`). Why a moment is special is recorded with the decision.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

COMMON = frozenset(
    {
        "greet", "thank", "farewell", "ask_goods", "trade", "ask_place", "ask_self", "smalltalk", "insult",
        "threaten", "quest",
    }
)  # fmt: skip
"""Intents that templates answer as well as anybody, whatever is remembered."""

MILESTONES = frozenset({10, 50, 100, 250, 500, 1000, 5000, 10_000})
COUNTED = ("kill_count", "win_count", "level", "achievement_count", "quest_count")
STREAKS = ("streak", "win_streak", "loss_streak", "death_streak", "kill_streak")
SENSE = 3
"""Letters that a message must hold to be a question; a dot is answered by a template."""
LONG_STREAK = 5
STREAK_MILESTONE = 10
IMPORTANT = 800_000
COMPLEX = ("mvp", "is_mvp", "clutch", "comeback", "close_call", "critical_health")
"""Two of these, or of them and a kill of three and more at once, make a moment complex."""

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_MAX_KEYS = 64


@dataclass(frozen=True, slots=True)
class Moment:
    """What is known when the way is chosen.

    `data` is what the script sent, nested tables such as `context` included. `intent` is what the player wants with a
    message, empty for a decision; `remembered` the importance of the memories that the question brought up,
    `margin` how far the best action lies before the second (millionths), and `deliberate` that a script asked for
    more than a reflex (`complex_decision`).
    """

    data: Mapping[str, Any]
    intent: str = ""
    message: str = ""
    remembered: tuple[int, ...] = ()
    margin: int | None = None
    deliberate: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """Whether a model is asked, and why."""

    model: bool
    reasons: tuple[str, ...] = ()


def route(setting: str, moment: Moment, *, close: int = 0) -> Route:
    """The way for one moment. `setting` is the agent's `route`: template, rule or model.

    `close` is the margin (millionths) below which two actions are too close for a formula to decide.
    """
    if setting == "template":
        return Route(False)
    reasons = tuple(_reasons(moment, close))
    return Route(True, reasons or ("always",)) if setting == "model" else Route(bool(reasons), reasons)


def flat(data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of `data` and of its tables, one level deep, in snake case: game engines and web clients spell them
    differently (`killCount`, `kill_count`). Outer fields win.
    """
    inner = [value for value in data.values() if isinstance(value, Mapping)]
    found: dict[str, Any] = {}
    for table in (data, *inner):
        for key, value in list(table.items())[:_MAX_KEYS]:
            if isinstance(key, str) and len(key) <= _MAX_KEYS:
                found.setdefault(_HUMP.sub("_", key).lower().replace("-", "_"), value)
    return found


def _reasons(moment: Moment, close: int) -> Iterable[str]:
    known = flat(moment.data)
    yield from _told(known)
    if moment.intent and moment.intent not in COMMON:
        if max(moment.remembered, default=0) >= IMPORTANT and "importance" not in known:
            yield "high_importance_memory"
        if moment.intent in ("ask_person", "ask_event") and moment.remembered:
            yield "remembered"
        if moment.intent == "unknown" and sum(map(str.isalnum, moment.message[:100])) >= SENSE:
            yield "open_question"
    if moment.deliberate:
        yield "complex_decision"
    if moment.margin is not None and moment.margin < close:
        yield "close_decision"


def _told(known: Mapping[str, Any]) -> Iterable[str]:
    """The triggers that a script or a client states itself."""
    if str(known.get("rarity", "")).lower() in ("legendary", "mythic") or known.get("is_legendary") is True:
        yield "legendary_rarity"
    if known.get("is_first_time") is True or known.get("first_time") is True:
        yield "first_time_event"
    streak = max((_number(known.get(name)) for name in STREAKS), default=0)
    if streak >= STREAK_MILESTONE or any(_number(known.get(name)) in MILESTONES for name in COUNTED):
        yield "milestone_event"
    if _number(known.get("importance")) * 1_000_000 >= IMPORTANT:
        yield "high_importance_memory"
    signs = len({name.removeprefix("is_") for name in COMPLEX if known.get(name) is True})
    if signs + (_number(known.get("multi_kill")) >= 3) >= 2:
        yield "complex_context"
    if streak >= LONG_STREAK:
        yield "long_streak"
    if known.get("force_llm") is True:
        yield "force_llm"


def _number(value: Any) -> float:
    # Scripts build JSON from strings: "10" means ten.
    if isinstance(value, bool):
        return 0
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    return value if isinstance(value, int | float) and abs(value) < 2**53 else 0
