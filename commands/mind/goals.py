"""Goals of an NPC: priority and progress, what contradicts what, and which events move which goal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from commands.mind.curves import UNIT, clamp, times
from commands.mind.tables import TableError, known, millionths, table, tables, words
from events.npc import Goal


class Contradiction(NamedTuple):
    """Two goals that work against each other; the one with the lower rank yields while both are held."""

    kept: str
    yields: str


class GoalChange(NamedTuple):
    """What an event did to a goal. before, after: progress in millionths."""

    goal: str
    before: int
    after: int
    because: str


@dataclass(frozen=True, slots=True)
class GoalKind:
    """What is known of a kind of goal. actions: activity → how well it serves the goal (millionths, UNIT
    best).

    words: a goal whose name holds one of them is of this kind. advanced_by, set_back_by: event type →
    millionths.
    """

    name: str
    words: frozenset[str]
    actions: Mapping[str, int]
    contradicts: frozenset[str]
    advanced_by: Mapping[str, int]
    set_back_by: Mapping[str, int]


REMEMBERED_GOALS = 4096
"""Goals whose kind is remembered: players and scripts name them as they like."""


@dataclass(frozen=True, slots=True)
class GoalRules:
    """All kinds of goals, in the order of the file."""

    kinds: Mapping[str, GoalKind]
    _found: dict[str, GoalKind | None] = field(default_factory=dict, init=False, repr=False, compare=False)

    def kind_of(self, goal: str) -> GoalKind | None:
        """The kind of that name, else the one that shares most words with it (the first in the file if
        equal).
        """
        # Every decision asks a dozen times about the same few goals.
        if goal not in self._found:
            if len(self._found) >= REMEMBERED_GOALS:
                self._found.clear()
            self._found[goal] = self._alike(goal)
        return self._found[goal]

    def _alike(self, goal: str) -> GoalKind | None:
        name = goal.lower()
        if name in self.kinds:
            return self.kinds[name]
        parts = frozenset(name.replace("-", "_").replace(" ", "_").split("_"))
        best = max(self.kinds.values(), key=lambda kind: len(kind.words & parts), default=None)
        return best if best is not None and best.words & parts else None


def parse_goal_rules(mapping: Mapping[str, Any]) -> GoalRules:
    """The rules of a parsed `goals.toml`; raises `TableError`."""
    kinds = {}
    allowed = frozenset({"words", "actions", "contradicts", "advanced_by", "set_back_by"})
    for name, entry, path in tables(mapping, "goals"):
        known(entry, allowed, path)
        numbers = {
            part: {k: millionths(v, f"{path}.{part}.{k}", 0, 1) for k, v in table(entry, part, path).items()}
            for part in ("actions", "advanced_by", "set_back_by")
        }
        kinds[name] = GoalKind(
            name,
            frozenset(words(entry, "words", path)),
            numbers["actions"],
            frozenset(words(entry, "contradicts", path)),
            numbers["advanced_by"],
            numbers["set_back_by"],
        )
    for name, kind in kinds.items():
        for other in kind.contradicts - kinds.keys():
            raise TableError(
                f"goals.{name}.contradicts", f"names {other!r}; add [goals.{other}] or remove it"
            )
    return GoalRules(kinds)


def reached(goal: Goal) -> bool:
    """Whether there is nothing left to do for it."""
    return goal.progress >= UNIT


def in_order(goals: Iterable[Goal]) -> list[Goal]:
    """Goals by priority, then by name: independent of the order they came in."""
    return sorted(goals, key=lambda goal: (goal.priority, goal.goal))


def current_goal(goals: Iterable[Goal]) -> Goal | None:
    """The most important goal that is not reached yet; None when there is none."""
    return next((goal for goal in in_order(goals) if not reached(goal)), None)


def contradictions(goals: Iterable[Goal], rules: GoalRules) -> tuple[Contradiction, ...]:
    """Pairs of goals that work against each other, the more important one first."""
    ordered = [(goal, rules.kind_of(goal.goal)) for goal in in_order(goals)]
    return tuple(
        Contradiction(first.goal, second.goal)
        for index, (first, kind) in enumerate(ordered)
        for second, other in ordered[index + 1 :]
        if kind is not None
        and other is not None
        and (other.name in kind.contradicts or kind.name in other.contradicts)
    )


def pursued(goals: Iterable[Goal], rules: GoalRules) -> tuple[Goal, ...]:
    """The goals that guide decisions: not reached and not yielding to a more important contradicting one."""
    unreached = [goal for goal in in_order(goals) if not reached(goal)]
    yielding: set[str] = set()
    for kept, yields in contradictions(unreached, rules):
        if kept not in yielding:
            yielding.add(yields)
    return tuple(goal for goal in unreached if goal.goal not in yielding)


def support(goals: Sequence[Goal], rules: GoalRules) -> dict[str, int]:
    """Activity → how well it serves the pursued goals, millionths: the best of goals × importance.

    The first goal counts in full, each later one a fifth less than the one before; a goal nearly reached
    counts no less, because leaving things unfinished is not a preference anyone asked for.
    """
    served: dict[str, int] = {}
    importance = UNIT
    for goal in pursued(goals, rules):
        kind = rules.kind_of(goal.goal)
        for activity, value in (kind.actions if kind else {}).items():
            served[activity] = max(served.get(activity, 0), times(importance, value))
        importance = importance * 4 // 5
    return served


def goal_changes(goals: Iterable[Goal], event_type: str, rules: GoalRules) -> tuple[GoalChange, ...]:
    """What an event of that type does to the progress of the goals; only real changes are returned."""
    changes = []
    for goal in in_order(goals):
        kind = rules.kind_of(goal.goal)
        if kind is None:
            continue
        step = kind.advanced_by.get(event_type, 0) - kind.set_back_by.get(event_type, 0)
        after = clamp(goal.progress + step)
        if after != goal.progress:
            changes.append(GoalChange(goal.goal, goal.progress, after, event_type))
    return tuple(changes)


def with_changes(goals: Iterable[Goal], changes: Iterable[GoalChange]) -> tuple[Goal, ...]:
    """The goals after `changes`, in the order they were given."""
    after = {change.goal: change.after for change in changes}
    return tuple(replace(goal, progress=after.get(goal.goal, goal.progress)) for goal in goals)


def goals_answer(goals: Iterable[Goal]) -> dict[str, Any]:
    """The answer of `get_goals`: {"current_goals": [{"goal", "priority", "progress" 0..1}]}, first
    priority first.
    """
    return {
        "current_goals": [
            {"goal": goal.goal, "priority": goal.priority, "progress": goal.progress / UNIT}
            for goal in in_order(goals)
        ]
    }
