"""How dangerous a situation is for an NPC: a sum in which nothing dangerous can lower the result."""

from __future__ import annotations

from typing import Any, NamedTuple

from commands.mind.beings import FAR, Being
from commands.mind.character import Character
from commands.mind.curves import UNIT, Curve, clamp, times
from commands.mind.situation import Situation

LEVELS = ((50_000, "none"), (250_000, "low"), (500_000, "medium"), (800_000, "high"))

_FOE = 250_000
_ATTACK = 150_000
_FIGHT = 150_000
_DISTRUST = 100_000
_DISTRUSTED = 250_000
_NEARNESS = Curve(((3, UNIT), (14, 500_000), (30, 200_000)))
_ADVANTAGE = Curve(((-40, 200_000), (0, UNIT), (40, 2 * UNIT)))


class Threat(NamedTuple):
    """score: millionths. level: none, low, medium, high or extreme. reasons: sentences, the heaviest
    first.
    """

    score: int
    level: str
    reasons: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON with integers only, for the commit."""
        return {"score": self.score, "level": self.level, "reasons": list(self.reasons)}


def assess_threat(character: Character, situation: Situation) -> Threat:
    """The threat of `situation` to `character`.

    Foes count by nearness and by how far their level lies above the NPC's (unknown levels count as
    equal), more when they attack; distrusted people near, stated danger and a fight add to it; wounds
    raise the whole by up to half. The sum ends at UNIT.
    """
    parts = [(_weight(being, character), _foe_reason(being)) for being in situation.foes]
    parts += [
        (_DISTRUST, f"{being.name or being.id} is not to be trusted")
        for being in situation.beings
        if not being.hostile and character.standing(being.id).goodwill < _DISTRUSTED
    ]
    if situation.danger:
        parts.append((situation.danger, "danger is reported" + _signs(situation)))
    if situation.fighting:
        parts.append((_FIGHT, "a fight is going on"))
    parts.sort(reverse=True)
    total = sum(weight for weight, _ in parts)
    health = character.health if situation.health is None else situation.health
    if total:
        total += times(total, UNIT - health) // 2
        if health < UNIT // 2:
            parts.append((0, "it is wounded"))
    score = clamp(total)
    return Threat(score, level_of(score), tuple(reason for _, reason in parts[:8]))


def level_of(score: int) -> str:
    """The word for a threat score in millionths."""
    return next((level for limit, level in LEVELS if score < limit), "extreme")


def _weight(foe: Being, character: Character) -> int:
    nearness = _NEARNESS.at(foe.distance) if foe.distance != FAR else _NEARNESS.at(14)
    above = 0 if foe.level is None or character.level is None else foe.level - character.level
    return times(times(_FOE, nearness), _ADVANTAGE.at(above)) + (_ATTACK if foe.attacking else 0)


def _foe_reason(foe: Being) -> str:
    where = f" {foe.distance} cells away" if foe.distance != FAR else ""
    level = f" of level {foe.level}" if foe.level is not None else ""
    return f"{foe.kind} {foe.name or foe.id}{level}{where} is {'attacking' if foe.attacking else 'hostile'}"


def _signs(situation: Situation) -> str:
    return f" ({', '.join(situation.signs)})" if situation.signs else ""
