"""`choose_target`: whom to attack, help, talk to or trade with, among the candidates a script names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from commands.codes import Code
from commands.mind.actions import Catalogue, Purpose
from commands.mind.beings import FAR, Being, read_beings
from commands.mind.character import Character
from commands.mind.curves import UNIT, Curve, clamp
from commands.mind.fields import Notice, parsed, refusal, warnings_of
from commands.mind.situation import Situation
from commands.mind.utility import Candidate, Consideration, Ranking, rank

_NEARNESS = Curve(((0, UNIT), (14, 600_000), (60, 50_000)))


@dataclass(frozen=True, slots=True)
class TargetChoice:
    """target_id: empty when nobody is worth it. purpose: what the target is wanted for."""

    target_id: str
    purpose: str
    reason: str
    ranking: Ranking
    notices: tuple[Notice, ...]

    def answer(self) -> dict[str, Any]:
        """The answer of `choose_target`."""
        return {
            "target_id": self.target_id,
            "purpose": self.purpose,
            "reason": self.reason,
            "scores": self.ranking.scores(),
        } | warnings_of(self.notices)

    def record(self) -> dict[str, Any]:
        """What goes into the commit: plain JSON, integers only, with the whole score table."""
        return {
            "target_id": self.target_id,
            "purpose": self.purpose,
            "reason": self.reason,
            "table": self.ranking.table(),
            "notices": [list(notice) for notice in self.notices],
        }


def read_candidates(value: Any, situation: Situation) -> tuple[tuple[Being, ...], tuple[Notice, ...]]:
    """The candidates of a request (at most `MAX_BEINGS`, the closest), or those of the situation when
    absent.

    Raises `Rejected`: -104 when neither names anyone, -101 for another shape, -105 for impossible
    coordinates.
    """
    value = parsed(value, "candidates")
    if value is None:
        if not situation.beings:
            raise refusal(
                Code.MISSING_REQUIRED_FIELD,
                'is missing; give a list of {"id", "kind", …}',
                field="candidates",
            )
        return situation.beings, situation.notices
    if not isinstance(value, list | tuple):
        raise refusal(
            Code.INVALID_PARAMETER, 'must be a list of {"id", "kind", "distance", …}', field="candidates"
        )
    notices = list(situation.notices)
    return read_beings(value, "unknown", "candidates", situation.here, notices), tuple(notices)


def choose_target(
    character: Character,
    candidates: tuple[Being, ...],
    situation: Situation,
    catalogue: Catalogue,
    seed: str,
    notices: tuple[Notice, ...] = (),
) -> TargetChoice:
    """The candidate with the highest utility for the situation's purpose (`purpose` or `intent`).

    Without a purpose it is to attack when someone hostile is among them, else to talk. The order of the
    candidates does not matter.
    """
    purpose = _purpose(situation, candidates, catalogue)
    fit = [b for b in candidates if b.hostile or b.attacking] if purpose.hostile_only else list(candidates)
    ranking = rank([_candidate(being, character, situation, purpose) for being in fit], seed)
    best = ranking.best
    if best is None:
        nobody = (
            f"nobody among {len(candidates)} is fit to {purpose.name}"
            if candidates
            else "there are no candidates"
        )
        return TargetChoice("", purpose.name, nobody, ranking, notices)
    being = next(b for b in fit if b.id == best.candidate)
    called = being.name or being.id
    reason = purpose.reason.format_map(
        {
            "person": called,
            "foe": called,
            "ally": called,
            "place": situation.place or "this place",
            "x": being.at.x if being.at else "?",
            "y": being.at.y if being.at else "?",
            "goal": situation.purpose or purpose.name,
            "archetype": character.archetype,
        }
    )
    strongest = max(best.judged, key=lambda j: (j.score * j.weight, j.consideration), default=None)
    if strongest is not None:
        reason += f" ({strongest.consideration} counts most)"
    return TargetChoice(being.id, purpose.name, reason, ranking, notices)


def _purpose(situation: Situation, candidates: tuple[Being, ...], catalogue: Catalogue) -> Purpose:
    asked = situation.purpose.replace(" ", "_")
    for purpose in catalogue.purposes.values():
        if asked and (asked == purpose.name or asked in purpose.aliases):
            return purpose
    return catalogue.purposes["attack" if any(b.hostile or b.attacking for b in candidates) else "talk"]


def _candidate(being: Being, character: Character, situation: Situation, purpose: Purpose) -> Candidate:
    inputs = _inputs(being, character, situation)
    return Candidate(
        being.id,
        tuple(
            Consideration(name, inputs[name], line, weight) for name, line, weight in purpose.considerations
        ),
    )


def _inputs(being: Being, character: Character, situation: Situation) -> Mapping[str, int]:
    standing = character.standing(being.id)
    health = UNIT // 2 if being.health is None else being.health
    above = 0 if being.level is None or character.level is None else character.level - being.level
    return {
        "nearness": _NEARNESS.at(14 if being.distance == FAR else being.distance),
        "hostile": UNIT if being.hostile else 0,
        "attacking": UNIT if being.attacking else 0,
        "weakness": UNIT - health,
        "wounds": 0 if being.health is None else UNIT - being.health,
        "advantage": clamp(UNIT // 2 + above * 12_500),
        "goodwill": standing.goodwill,
        "grudge": UNIT - standing.goodwill,
        "familiarity": standing.familiarity,
        "novelty": UNIT - standing.familiarity,
        "focus": UNIT if being.id == situation.focus else 0,
        "player": UNIT if being.kind == "player" else 0,
        "monster": UNIT if being.kind == "monster" else 0,
        "npc": UNIT if being.kind == "npc" else 0,
    }
