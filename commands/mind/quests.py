"""The life of a quest: offered → accepted → progressed … → completed, or abandoned, or expired."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from commands.codes import Code
from commands.mind.fields import find, integer, parsed, refusal, text

OPEN = frozenset({"offered", "accepted"})
STEPS = frozenset({"accept", "progress", "complete", "abandon"})
MAX_COUNT = 1_000_000


@dataclass(frozen=True, slots=True)
class Objective:
    """Something to do `count` times. kind: collect, kill, escort, deliver, reach, talk, craft, inspect."""

    kind: str
    target: str
    count: int
    done: int = 0

    @property
    def met(self) -> bool:
        return self.done >= self.count

    def as_json(self) -> dict[str, Any]:
        """Plain JSON; the constructor takes it back as keywords."""
        return {"kind": self.kind, "target": self.target, "count": self.count, "done": self.done}


class Rewards(NamedTuple):
    """exp, gold: bounded by the player's level. items: (item id, amount)."""

    exp: int
    gold: int
    items: tuple[tuple[str, int], ...] = ()

    def as_json(self) -> dict[str, Any]:
        rewards: dict[str, Any] = {"exp": self.exp, "gold": self.gold}
        if self.items:
            rewards["items"] = [{"item_id": item_id, "amount": amount} for item_id, amount in self.items]
        return rewards


@dataclass(frozen=True, slots=True)
class Quest:
    """One quest of one player from one NPC; `quest_id` is unique between these two.

    status: offered, accepted, completed, abandoned or expired. offered_at, due, closed_at: microseconds
    since the epoch; `due` is when an offer or an accepted quest expires. allowed: microseconds the player
    has once it is accepted.
    """

    quest_id: str
    template: str
    kind: str
    npc_id: str
    player_id: str
    name: str
    description: str
    objectives: tuple[Objective, ...]
    rewards: Rewards
    offered_at: int
    due: int
    allowed: int
    status: str = "offered"
    closed_at: int | None = None

    @property
    def is_open(self) -> bool:
        """Offered or accepted, and therefore not to be offered again."""
        return self.status in OPEN

    def overdue(self, at: int) -> bool:
        """Whether it is open and past its time at `at` (microseconds)."""
        return self.is_open and at >= self.due

    def as_json(self) -> dict[str, Any]:
        """The whole quest as plain JSON, integers only; `quest_from_json` reads it back."""
        return {
            "quest_id": self.quest_id,
            "template": self.template,
            "kind": self.kind,
            "npc_id": self.npc_id,
            "player_id": self.player_id,
            "name": self.name,
            "description": self.description,
            "objectives": [objective.as_json() for objective in self.objectives],
            "rewards": self.rewards.as_json(),
            "offered_at": self.offered_at,
            "due": self.due,
            "allowed": self.allowed,
            "status": self.status,
            "closed_at": self.closed_at,
        }


class QuestChange(NamedTuple):
    """One event in the life of a quest, ready to become a fact.

    type: accepted, progressed, completed, abandoned or expired. at: microseconds. objective, done: which
    objective stands at how many, for `progressed`.
    """

    type: str
    quest_id: str
    at: int
    objective: int | None = None
    done: int | None = None

    def data(self) -> dict[str, Any]:
        """The data of the event, without what is not set."""
        return {key: value for key, value in self._asdict().items() if value is not None and key != "type"}


def quest_from_json(data: Mapping[str, Any]) -> Quest:
    """The quest that `Quest.as_json` wrote."""
    rewards = data["rewards"]
    items = tuple((item["item_id"], item["amount"]) for item in rewards.get("items", ()))
    return Quest(
        **{
            **data,
            "objectives": tuple(Objective(**objective) for objective in data["objectives"]),
            "rewards": Rewards(rewards["exp"], rewards["gold"], items),
        }
    )


def evolve_quest(quest: Quest, change: QuestChange) -> Quest:
    """The quest after one change."""
    match change.type:
        case "accepted":
            return replace(quest, status="accepted", due=change.at + quest.allowed)
        case "progressed" if change.objective is not None and change.done is not None:
            objectives = list(quest.objectives)
            objectives[change.objective] = replace(objectives[change.objective], done=change.done)
            return replace(quest, objectives=tuple(objectives))
        case "completed" | "abandoned" | "expired":
            return replace(quest, status=change.type, closed_at=change.at)
    raise ValueError(f"a quest knows no change {change.type!r}")


def decide_step(
    quest: Quest, step: str, at: int, data: Mapping[str, Any] | None = None
) -> tuple[QuestChange, ...]:
    """What a player's step does to a quest at `at` (microseconds).

    step: accept, progress, complete or abandon. data: for `progress`, {"objective": index or target,
    "amount"} (1 more of the first open objective when absent) or {"counts": [done, …]}; `complete` takes
    `counts` too. Repeating a step that has had its effect changes nothing and returns no changes;
    progress ends at what is asked. Raises `Rejected`: -101 unknown step or objective, -104 no step, -105
    counts out of range, -203 when the quest is in no state for it (named, with what is missing).
    """
    if not step:
        raise refusal(
            Code.MISSING_REQUIRED_FIELD, f"is missing; one of {', '.join(sorted(STEPS))}", field="step"
        )
    if step not in STEPS:
        raise refusal(Code.INVALID_PARAMETER, f"must be one of {', '.join(sorted(STEPS))}", field="step")
    done_already = {"accept": "accepted", "complete": "completed", "abandon": "abandoned"}.get(step)
    if quest.status == done_already:
        return ()
    if not quest.is_open or quest.overdue(at):
        state = "expired" if quest.is_open else quest.status
        raise refusal(Code.INVALID_STATE_TRANSITION, f"cannot {step}: the quest is {state}", field="step")
    if step == "abandon":
        return (QuestChange("abandoned", quest.quest_id, at),)
    if step == "accept":
        return (QuestChange("accepted", quest.quest_id, at),)
    if quest.status != "accepted":
        raise refusal(Code.INVALID_STATE_TRANSITION, f"cannot {step}: accept the quest first", field="step")
    progress = _progress(quest, data or {}, at, implied=step == "progress")
    if step == "progress":
        return progress
    after = quest
    for change in progress:
        after = evolve_quest(after, change)
    for objective in after.objectives:
        if not objective.met:
            missing = f"{objective.kind} {objective.target}: {objective.done} of {objective.count}"
            raise refusal(
                Code.INVALID_STATE_TRANSITION, f"cannot complete, still to do: {missing}", field="step"
            )
    return (*progress, QuestChange("completed", quest.quest_id, at))


def expiries(quests: Iterable[Quest], at: int) -> tuple[QuestChange, ...]:
    """The quests that have run out of time at `at`."""
    return tuple(QuestChange("expired", quest.quest_id, at) for quest in quests if quest.overdue(at))


def _progress(quest: Quest, data: Mapping[str, Any], at: int, *, implied: bool) -> tuple[QuestChange, ...]:
    counts = parsed(data.get("counts"), "counts")
    if counts is not None:
        if (
            not isinstance(counts, Sequence)
            or isinstance(counts, str)
            or len(counts) != len(quest.objectives)
        ):
            raise refusal(
                Code.INVALID_PARAMETER, f"must be a list of {len(quest.objectives)} numbers", field="counts"
            )
        wanted = {n: integer(count, f"counts[{n}]", 0, MAX_COUNT) for n, count in enumerate(counts)}
    elif implied or "objective" in data or "amount" in data:
        index = _objective(quest, data)
        amount = find(data, "amount", "count")
        more = 1 if amount is None else integer(amount, "amount", 1, MAX_COUNT)
        wanted = {} if index is None else {index: quest.objectives[index].done + more}
    else:
        wanted = {}
    return tuple(
        QuestChange("progressed", quest.quest_id, at, n, min(count, quest.objectives[n].count))
        for n, count in wanted.items()
        if min(count, quest.objectives[n].count) > quest.objectives[n].done
    )


def _objective(quest: Quest, data: Mapping[str, Any]) -> int | None:
    """The objective that is meant: by index, by target, or the first that is not met (None when all are)."""
    stated = data.get("objective")
    if stated is None:
        return next((n for n, objective in enumerate(quest.objectives) if not objective.met), None)
    name = text(stated, 128).lower()
    for n, objective in enumerate(quest.objectives):
        if name in (objective.target.lower(), objective.kind):
            return n
    return integer(stated, "objective", 0, len(quest.objectives) - 1)
