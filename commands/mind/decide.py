"""`decide_action`: what an NPC does next, by utility over the actions of its archetype, with the whole
score table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from commands.mind.actions import EVERYONE_WORTH, Action, Catalogue
from commands.mind.beings import Being
from commands.mind.character import Character
from commands.mind.curves import UNIT, clamp
from commands.mind.fields import Notice
from commands.mind.goals import GoalRules, pursued, support
from commands.mind.routine import Point, Walkable, away_from, beside, next_on_patrol, stroll
from commands.mind.situation import Situation
from commands.mind.threat import Threat, assess_threat
from commands.mind.utility import Candidate, Consideration, Ranking, rank

_FRESH = (300_000, 500_000, 700_000, 850_000)
_MISSING = {
    "person": "nobody to turn to is near",
    "foe": "no foe is near",
    "ally": "nobody who needs help is near",
    "wound": "it is not wounded",
    "danger": "there is no danger",
}


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
        return answer | {"reason": self.reason, "scores": self.ranking.scores()}

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


@dataclass(frozen=True, slots=True)
class _Scene:
    """Who and what the actions of this moment are about."""

    person: Being | None
    foe: Being | None
    ally: Being | None
    here: Point | None
    health: int
    threat: Threat

    def lacks(self, need: str) -> bool:
        if need == "wound":
            return self.health >= UNIT
        if need == "danger":
            return self.threat.level == "none"
        return getattr(self, need) is None


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
    scene = _scene(character, situation)
    inputs = _inputs(character, situation, scene)
    served = support(character.goals, rules)
    ruled_out: dict[str, str] = {}
    targets: dict[str, Point | None] = {}
    candidates = []
    for name, base in _options(character, situation, catalogue).items():
        action = catalogue.actions.get(name)
        targets[name], obstacle = _aim(action, character, scene, seed, walkable)
        if obstacle:
            ruled_out[name] = obstacle
            continue
        own = inputs | _own_inputs(name, action, character, situation, served.get(name, 0))
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
        notices=situation.notices,
    )


def _scene(character: Character, situation: Situation) -> _Scene:
    people = [being for being in situation.near("player") if not being.hostile and not being.attacking]
    person = min(
        people,
        key=lambda b: (b.id != situation.focus, b.distance, -character.standing(b.id).goodwill, b.id),
        default=None,
    )
    foe = min(situation.foes, key=lambda b: (not b.attacking, b.distance, b.id), default=None)
    wounded = [
        b
        for b in situation.beings
        if b not in situation.foes and b.health is not None and b.health < UNIT // 2
    ]
    return _Scene(
        person,
        foe,
        min(wounded, key=lambda b: (b.health, b.distance, b.id), default=None),
        situation.here or character.routine.home,
        character.health if situation.health is None else situation.health,
        assess_threat(character, situation),
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
            offered[name] = own.get(name, EVERYONE_WORTH)
    return offered


def _inputs(character: Character, situation: Situation, scene: _Scene) -> dict[str, int]:
    mood, traits = character.mood, character.traits
    standing = character.standing(scene.person.id if scene.person else "")
    return {
        "threat": scene.threat.score,
        "calm": UNIT - scene.threat.score,
        "health": clamp(scene.health),
        "wounds": UNIT - clamp(scene.health),
        "pleasure": clamp((mood.pleasure + UNIT) // 2),
        "arousal": clamp((mood.arousal + UNIT) // 2),
        "dominance": clamp((mood.dominance + UNIT) // 2),
        "affection": standing.affection,
        "trust": standing.trust,
        "goodwill": standing.goodwill,
        "familiarity": standing.familiarity,
        "novelty": UNIT - standing.familiarity,
        "company": UNIT if scene.person else 0,
        "daylight": _daylight(situation.minute),
        "openness": traits.openness,
        "conscientiousness": traits.conscientiousness,
        "extraversion": traits.extraversion,
        "agreeableness": traits.agreeableness,
        "neuroticism": traits.neuroticism,
    }


def _own_inputs(
    name: str, action: Action | None, character: Character, situation: Situation, served: int
) -> dict[str, int]:
    """The inputs that differ from action to action."""
    spoken = {name} | ({action.emits} | action.aliases if action else set())
    shift = character.routine.shift_at(situation.minute)
    recent = character.recent_actions.index(name) if name in character.recent_actions else len(_FRESH)
    stale = recent < len(_FRESH) and not (action and action.repeatable)
    return {
        "goals": served,
        "duty": UNIT // 2 if shift is None else UNIT if shift.activity in spoken else 0,
        "fresh": _FRESH[recent] if stale else UNIT,
        "request": UNIT if not situation.requested or situation.requested in spoken else 0,
    }


def _daylight(minute: int | None) -> int:
    """Full from 8 to 18, none from 22 to 4, a line between; full when the time is unknown."""
    if minute is None:
        return UNIT
    from_noon = abs(minute - 13 * 60)
    return clamp((9 * 60 - from_noon) * UNIT // (4 * 60))


def _aim(
    action: Action | None, character: Character, scene: _Scene, seed: str, walkable: Walkable | None
) -> tuple[Point | None, str]:
    """The place an action leads to, and what stands in its way (empty when nothing does)."""
    if action is None:
        return None, ""
    for need in action.needs:
        if scene.lacks(need):
            return None, _MISSING[need]
    point = _place(action.target, character, scene, seed, walkable)
    if point is None and action.target in ("patrol", "stroll", "post"):
        return None, "no place to go to is known"
    return point, ""


def _place(
    target: str, character: Character, scene: _Scene, seed: str, walkable: Walkable | None
) -> Point | None:
    routine, here = character.routine, scene.here
    match target:
        case "patrol":
            return next_on_patrol(routine, here, seed, walkable)
        case "stroll":
            return stroll(routine.home or here, here, seed, walkable)
        case "post":
            at = routine.home
            return at if at is not None and at != here and (walkable is None or walkable(*at)) else None
        case "away":
            danger = scene.foe.at if scene.foe else None
            return away_from(danger, here, walkable) if danger and here else routine.home
        case "person" | "foe" | "ally":
            being: Being | None = getattr(scene, target)
            return beside(being.at, here, walkable) if being and being.at else None
    return None


def _spelling(name: str, action: Action | None, situation: Situation, catalogue: Catalogue) -> str:
    said = next((s for s in situation.available if name in (*catalogue.matching(s), s)), "")
    return said or (action.emits if action else name)


def _target_id(action: Action | None, scene: _Scene) -> str:
    if action is None or action.target not in ("person", "foe", "ally"):
        return ""
    being: Being | None = getattr(scene, action.target)
    return being.id if being else ""


def _reason(
    name: str,
    action: Action | None,
    target: Point | None,
    scene: _Scene,
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
    return f"{sentence} ({_listed(notes)})" if notes else sentence


def _serves(goal: str, action: str, rules: GoalRules) -> bool:
    kind = rules.kind_of(goal)
    return kind is not None and kind.actions.get(action, 0) > 0


def _called(being: Being | None, nobody: str) -> str:
    return (being.name or being.id) if being else nobody


def _listed(parts: Iterable[str]) -> str:
    return ", ".join(parts)
