"""`decide_action`: what an NPC does next, by utility over the actions of its archetype, with the whole
score table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from commands.mind.actions import UNLISTED_WORTH, Action, Catalogue
from commands.mind.beings import Being
from commands.mind.character import Character
from commands.mind.fields import Notice, warnings_of
from commands.mind.goals import GoalRules, contradictions, pursued, support
from commands.mind.routine import Point, Walkable
from commands.mind.scene import Scene, aim, inputs_of, own_inputs_of, scene_of
from commands.mind.situation import Situation
from commands.mind.threat import Threat
from commands.mind.utility import Candidate, Consideration, Ranking, rank


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing the NPC may do.

    action: the word for the script (its own spelling when it named its actions). activity: the
    catalogue's name, kept by the NPC as its most recent action. score: millionths.
    """

    action: str
    activity: str
    target: Point | None
    target_id: str
    reason: str
    score: int

    def as_json(self) -> dict[str, Any]:
        return {
            "action": self.action,
            "activity": self.activity,
            "target": None if self.target is None else [self.target.x, self.target.y],
            "target_id": self.target_id,
            "reason": self.reason,
            "score": self.score,
        }


def choice_from_json(plain: Mapping[str, Any]) -> Choice:
    """The choice that `as_json` was made of."""
    target = plain["target"]
    return Choice(
        plain["action"],
        plain["activity"],
        None if target is None else Point(*target),
        plain["target_id"],
        plain["reason"],
        plain["score"],
    )


def answer_of(choice: Choice) -> dict[str, Any]:
    """A choice as scripts read it, in both shapes: `target` {x, y} and `target_x`, `target_y`."""
    answer: dict[str, Any] = {"action": choice.action, "activity": choice.activity}
    if choice.target is not None:
        answer["target"] = {"x": choice.target.x, "y": choice.target.y}
        answer["target_x"], answer["target_y"] = choice.target
    if choice.target_id:
        answer["target_id"] = choice.target_id
    return answer | {"reason": choice.reason}


@dataclass(frozen=True, slots=True)
class Decision:
    """What the NPC does: the first of `choices`; the others are near enough to it to be thought over
    (`Catalogue.deliberation`). ruled_out: action → why it was no candidate.
    """

    choices: tuple[Choice, ...]
    threat: Threat
    ranking: Ranking
    ruled_out: Mapping[str, str]
    notices: tuple[Notice, ...]

    @property
    def action(self) -> str:
        return self.choices[0].action

    @property
    def activity(self) -> str:
        return self.choices[0].activity

    @property
    def target(self) -> Point | None:
        return self.choices[0].target

    @property
    def target_id(self) -> str:
        return self.choices[0].target_id

    @property
    def reason(self) -> str:
        return self.choices[0].reason

    def answer(self) -> dict[str, Any]:
        """The answer of `decide_action`."""
        return answer_of(self.choices[0]) | {"scores": self.ranking.scores()} | warnings_of(self.notices)

    def record(self) -> dict[str, Any]:
        """What goes into the commit: plain JSON, integers only, with the whole score table."""
        return {
            "action": self.action,
            "activity": self.activity,
            "target": None if self.target is None else [self.target.x, self.target.y],
            "target_id": self.target_id,
            "reason": self.reason,
            "threat": self.threat.as_json(),
            "table": self.ranking.table(),
            "choices": [choice.as_json() for choice in self.choices],
            "ruled_out": dict(self.ruled_out),
            "notices": [list(notice) for notice in self.notices],
        }


def decide(
    character: Character,
    situation: Situation,
    catalogue: Catalogue,
    rules: GoalRules,
    seed: str,
    walkable: Walkable | None = None,
) -> Decision:
    """The action with the highest utility.

    seed: identifies the decision (a request id); breaks ties and draws places. walkable: whether a cell
    of the NPC's map can be walked on; without it every cell counts as walkable. An action that needs a
    place is only a candidate when a concrete, walkable place was found. Never fails: with nothing left it
    idles.
    """
    scene = scene_of(character, situation)
    inputs = inputs_of(character, situation, scene)
    served = support(character.goals, rules)
    ruled_out: dict[str, str] = {}
    targets: dict[str, Point | None] = {}
    candidates = []
    for name, base in _options(character, situation, catalogue).items():
        action = catalogue.actions.get(name)
        targets[name], obstacle = aim(action, character, scene, seed, walkable)
        if obstacle:
            ruled_out[name] = obstacle
            continue
        own = inputs | own_inputs_of(name, action, character, situation, served.get(name, 0))
        considered = catalogue.common + (action.considerations if action else ())
        candidates.append(
            Candidate(
                name,
                tuple(Consideration(key, own[key], line, weight) for key, line, weight in considered),
                base,
            )
        )
    ranking = rank(candidates, seed)
    told = _Telling(scene, character, situation, catalogue, rules, served)
    near = catalogue.deliberation.near(ranking)
    chosen = [(row.candidate, row.score) for row in near] or [("idle", 0)]
    return Decision(
        choices=tuple(told.choice(name, targets.get(name), score) for name, score in chosen),
        threat=scene.threat,
        ranking=ranking,
        ruled_out=ruled_out,
        notices=(*situation.notices, *_conflicts(character, rules)),
    )


@dataclass(frozen=True, slots=True)
class _Telling:
    """What is needed to put a choice into words."""

    scene: Scene
    character: Character
    situation: Situation
    catalogue: Catalogue
    rules: GoalRules
    served: Mapping[str, int]

    def choice(self, name: str, target: Point | None, score: int) -> Choice:
        action = self.catalogue.actions.get(name)
        reason = _reason(
            name, action, target, self.scene, self.character, self.situation, self.rules, self.served
        )
        said = _spelling(name, action, self.situation, self.catalogue)
        return Choice(said, name, target, _target_id(action, self.scene), reason, score)


def _options(character: Character, situation: Situation, catalogue: Catalogue) -> dict[str, int]:
    """Action → base worth: those of the archetype, or those the script offers."""
    own = dict(catalogue.of(character.archetype))
    if not situation.available:
        return own
    offered: dict[str, int] = {}
    for spoken in situation.available:
        meant = catalogue.matching(spoken)
        for name in [n for n in meant if n in own] or meant or (spoken,):
            offered[name] = own.get(name, UNLISTED_WORTH)
    return offered


def _spelling(name: str, action: Action | None, situation: Situation, catalogue: Catalogue) -> str:
    said = next((s for s in situation.available if name in (*catalogue.matching(s), s)), "")
    return said or (action.emits if action else name)


def _target_id(action: Action | None, scene: Scene) -> str:
    if action is None or action.target not in ("person", "foe", "ally"):
        return ""
    being: Being | None = getattr(scene, action.target)
    return being.id if being else ""


def _reason(
    name: str,
    action: Action | None,
    target: Point | None,
    scene: Scene,
    character: Character,
    situation: Situation,
    rules: GoalRules,
    served: Mapping[str, int],
) -> str:
    goal = next((g.goal for g in pursued(character.goals, rules) if _serves(g.goal, name, rules)), "")
    slots = {
        "x": target.x if target else "?",
        "y": target.y if target else "?",
        "place": situation.place or "this place",
        "person": _called(scene.person, "someone"),
        "foe": _called(scene.foe, "the danger"),
        "ally": _called(scene.ally, "a friend"),
        "goal": goal or "its duty",
        "archetype": character.archetype,
    }
    sentence = action.reason.format_map(slots) if action else f"{name} was offered and suits the moment best"
    notes: list[str] = [f"serves the goal {goal}"] if goal and served.get(name) else []
    if scene.threat.level != "none":
        notes.append(f"threat is {scene.threat.level}")
    return f"{sentence} ({', '.join(notes)})" if notes else sentence


def _serves(goal: str, action: str, rules: GoalRules) -> bool:
    kind = rules.kind_of(goal)
    return kind is not None and kind.actions.get(action, 0) > 0


def _conflicts(character: Character, rules: GoalRules) -> tuple[Notice, ...]:
    return tuple(
        Notice("goals", f"{pair.yields} waits, because it contradicts {pair.kept}")
        for pair in contradictions(character.goals, rules)
    )


def _called(being: Being | None, nobody: str) -> str:
    return (being.name or being.id) if being else nobody
