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
class Decision:
    """What the NPC does.

    action: the word for the script (its own spelling when it named its actions). activity: the
    catalogue's name, kept by the NPC as its most recent action. ruled_out: action → why it was no
    candidate.
    """

    action: str
    activity: str
    target: Point | None
    target_id: str
    reason: str
    threat: Threat
    ranking: Ranking
    ruled_out: Mapping[str, str]
    notices: tuple[Notice, ...]

    def answer(self) -> dict[str, Any]:
        """The answer of `decide_action`, in both shapes scripts read: `target` {x, y} and `target_x`,
        `target_y`.
        """
        answer: dict[str, Any] = {"action": self.action, "activity": self.activity}
        if self.target is not None:
            answer["target"] = {"x": self.target.x, "y": self.target.y}
            answer["target_x"], answer["target_y"] = self.target
        if self.target_id:
            answer["target_id"] = self.target_id
        return answer | {"reason": self.reason, "scores": self.ranking.scores()} | warnings_of(self.notices)

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
    best = ranking.rows[0].candidate if ranking.rows else "idle"
    action = catalogue.actions.get(best)
    target = targets.get(best)
    return Decision(
        action=_spelling(best, action, situation, catalogue),
        activity=best,
        target=target,
        target_id=_target_id(action, scene),
        reason=_reason(best, action, target, scene, character, situation, rules, served),
        threat=scene.threat,
        ranking=ranking,
        ruled_out=ruled_out,
        notices=(*situation.notices, *_conflicts(character, rules)),
    )


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
