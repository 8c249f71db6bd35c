"""The scene an NPC acts in: whom and what its actions are about, where they lead, and the inputs of
considerations.
"""

from __future__ import annotations

from dataclasses import dataclass

from commands.mind.actions import Action
from commands.mind.beings import Being
from commands.mind.character import Character
from commands.mind.curves import UNIT, clamp
from commands.mind.routine import Point, Walkable, away_from, beside, distance, next_on_patrol, stroll
from commands.mind.situation import Situation
from commands.mind.threat import Threat, assess_threat

_FRESH = (300_000, 500_000, 700_000, 850_000)
_MISSING = {
    "person": "nobody to turn to is near",
    "foe": "no foe is near",
    "ally": "nobody who needs help is near",
    "wound": "it is not wounded",
    "danger": "there is no danger",
}


@dataclass(frozen=True, slots=True)
class Scene:
    """person, foe, ally: whom actions are about. here: the NPC's cell. health: millionths."""

    person: Being | None
    foe: Being | None
    ally: Being | None
    here: Point | None
    health: int
    threat: Threat

    def lacks(self, need: str) -> bool:
        """Whether what an action needs (a word of `NEEDS`) is missing."""
        if need == "wound":
            return self.health >= UNIT
        if need == "danger":
            return self.threat.level == "none"
        return getattr(self, need) is None


def scene_of(character: Character, situation: Situation) -> Scene:
    """Whom the moment is about: the person named or nearest, the foe that attacks or is nearest, the
    worst wounded.
    """
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
    return Scene(
        person,
        foe,
        min(wounded, key=lambda b: (b.health, b.distance, b.id), default=None),
        situation.here or character.routine.home,
        character.health if situation.health is None else situation.health,
        assess_threat(character, situation),
    )


def inputs_of(character: Character, situation: Situation, scene: Scene) -> dict[str, int]:
    """The inputs that all actions share, in millionths."""
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


def own_inputs_of(
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


def aim(
    action: Action | None, character: Character, scene: Scene, seed: str, walkable: Walkable | None
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
    target: str, character: Character, scene: Scene, seed: str, walkable: Walkable | None
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
            if danger and here:
                return away_from(danger, here, walkable)
            return routine.home if routine.home != here else None
        case "person" | "foe" | "ally":
            being: Being | None = getattr(scene, target)
            # Walking to the own cell makes the game server print warnings; whoever is next to it is reached.
            if being is None or being.at is None or (here and distance(here, being.at) <= 1):
                return None
            return beside(being.at, here, walkable)
    return None
